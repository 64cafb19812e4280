/**
 * Who left a leaderboard while some of its windows were paged out. Reading thousands of pages to take one player off
 * would stop the game, so it is noted here, and done to a page whenever it is read.
 *
 * For each player the newest removal is enough: a page is older or newer than it as a whole.
 */
import { checkPlayerId, type PlayerId, type Position, type Version } from '../../events/ids.js'
import type { EventEnvelope } from '../../events/envelope.js'
import type { Board } from '../leaderboard/board.js'
import { PlayerColumns } from '../leaderboard/player-columns.js'
import { PlayerTable } from '../player-table.js'

export class Removals {
  readonly #players = new PlayerTable()
  readonly #positions = new PlayerColumns(1)
  #newest = 0

  /** The position of the newest one, 0 where there is none. */
  get newest(): number {
    return this.#newest
  }

  /** Notes that an event removed a player. O(1). */
  note(player: PlayerId, position: Position): void {
    this.#positions.set(this.#players.intern(checkPlayerId(player)), 0, position)
    this.#newest = position
  }

  /** Takes off a board, just read from its page, whoever was removed since it was paged out. O(players ever removed). */
  applyTo(board: Board): void {
    if (this.#newest <= board.position) return
    const removed: PlayerId[] = []
    for (let handle = 0; handle < this.#players.size; handle++)
      if (this.#positions.at(handle, 0) > board.position) removed.push(this.#players.idOf(handle))
    board.apply({ values: [], removed }, removalAt(this.#newest as Position))
  }

  save(): readonly [Uint8Array, Float64Array] {
    return [this.#players.save(), this.#positions.save(this.#players.size)]
  }

  /** Replaces the empty list. */
  load(players: Uint8Array, positions: Float64Array): void {
    this.#players.load(players)
    this.#positions.load(positions)
    for (let handle = 0; handle < this.#players.size; handle++)
      this.#newest = Math.max(this.#newest, this.#positions.at(handle, 0))
  }
}

/** What stands for the events that removed somebody: boards look at nothing but its position. */
const removalAt = (position: Position): EventEnvelope => ({
  kind: '',
  gameId: '',
  version: 0 as Version,
  position,
  recordedAt: 0,
  schema: 1,
  event: { type: '$removed' },
  final: false,
})
