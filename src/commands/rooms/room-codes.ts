/**
 * Which codes are taken: the command side's own table, so that no two rooms that are not closed ever have one code.
 *
 *     draw ---> kept for a creation that is on its way ---> taken by the room ---> free, when its end is published
 *                                       `--- refused ---> free at once
 *
 * A code is kept before the creation is decided, so creations at the same time never meet. It is free again only when the
 * end of its room is safe: what a crash takes back cannot leave two rooms with it. O(1); bounded by the rooms.
 */
import type { RoomCode, RoomId } from '../../events/room-event.js'
import { drawRoomCode } from './room-code.js'

/** So many draws in a row meet taken codes only where almost all are taken. */
const drawsMax = 1_000

export class RoomCodes {
  readonly #rooms = new Map<RoomCode, RoomId>()
  readonly #codes = new Map<RoomId, RoomCode>()
  readonly #random: () => number

  constructor(random: () => number) {
    this.#random = random
  }

  /** Rooms that are not over, and those on their way. */
  get size(): number {
    return this.#codes.size
  }

  /** The room of a code. */
  roomOf(code: RoomCode): RoomId | undefined {
    return this.#rooms.get(code)
  }

  /** The code of a room that exists, or is on its way. */
  codeOf(roomId: RoomId): RoomCode | undefined {
    return this.#codes.get(roomId)
  }

  /** A room that exists. */
  take(code: RoomCode, roomId: RoomId): void {
    this.#rooms.set(code, roomId)
    // The id that all others have is kept, not a copy of it that came with the command.
    this.#codes.delete(roomId)
    this.#codes.set(roomId, code)
  }

  /** A code that nobody has, kept for this room. @throws Error where almost all are taken */
  draw(roomId: RoomId): RoomCode {
    for (let nth = 0; nth < drawsMax; nth++) {
      const code = drawRoomCode(this.#random)
      if (this.#rooms.has(code)) continue
      this.take(code, roomId)
      return code
    }
    throw new Error(`No free room code was found in ${drawsMax} draws: close rooms that nobody uses.`)
  }

  /** A room is over, or never came to be. */
  free(roomId: RoomId): void {
    const code = this.#codes.get(roomId)
    if (code === undefined) return
    this.#codes.delete(roomId)
    this.#rooms.delete(code)
  }
}
