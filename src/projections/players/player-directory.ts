/**
 * The players that were ever seen, and how they are found: by id, or by the beginning of an id or a name.
 *
 * Ids are interned once to dense handles. What a search walks are numbers: 2 * handle stands for the id, 2 * handle + 1
 * for the name, both folded to lower case as they are compared. An erased player (`erased:17`) keeps a handle, for
 * games and opponents count on, and is found by nothing.
 */
import type { PlayerId } from '../../events/ids.js'
import { isErased } from '../../events/erased-player.js'
import { PlayerTable } from '../player-table.js'
import { SortedTexts } from './sorted-texts.js'
import { TextColumn } from '../columns/text-column.js'

/** A player whom a search found. */
export interface FoundPlayer {
  readonly player: PlayerId
  /** The display name, where one is known. */
  readonly name?: string
}

/** A name is shown, not stored twice; longer ones are a mistake. */
const nameLengthMax = 200

const folded = (text: string): string => text.toLowerCase()

const idCode = (handle: number): number => 2 * handle
const nameCode = (handle: number): number => 2 * handle + 1

export class PlayerDirectory {
  readonly #table = new PlayerTable()
  readonly #names = new TextColumn()
  readonly #texts = new SortedTexts({
    textOf: (code) => folded(code & 1 ? this.#names.get(code >>> 1)! : this.#table.idOf(code >>> 1)),
    playerOf: (code) => this.#table.idOf(code >>> 1),
  })
  #erased = 0

  /** How many handles were given. */
  get size(): number {
    return this.#table.size
  }

  /** How many players can be found. */
  get listed(): number {
    return this.#table.size - this.#erased
  }

  /** The handle of a player who can be found. O(1). */
  find(player: PlayerId): number | undefined {
    return isErased(player) ? undefined : this.#table.handleOf(player)
  }

  /** The player of a handle. O(1). */
  idOf(handle: number): PlayerId {
    return this.#table.idOf(handle)
  }

  /** The handle of a player, who is found from now on. O(1), O(log n) for a new one. @throws TypeError where it is no player id */
  intern(player: PlayerId): number {
    const players = this.#table.size
    const handle = this.#table.intern(player)
    if (handle < players) return handle
    if (isErased(player)) this.#erased++
    else this.#texts.add(idCode(handle))
    return handle
  }

  /** Names a player; the old name finds nobody any more. O(log n). @throws TypeError where it is no name */
  name(player: PlayerId, given: string): void {
    if (typeof given !== 'string' || given.length > nameLengthMax)
      throw new TypeError(
        `nameOf must give strings of at most ${nameLengthMax} characters; got ${String(given).slice(0, 80)}.`,
      )
    if (isErased(player)) return
    // As it comes back from the disk: half a character (a lone surrogate) cannot be kept in UTF-8.
    const name = Buffer.from(given).toString()
    const handle = this.intern(player)
    const old = this.#names.get(handle)
    if (old === name) return
    const id = folded(player)
    if (old !== undefined && folded(old) !== id) this.#texts.remove(nameCode(handle))
    this.#names.set(handle, name)
    if (folded(name) !== id) this.#texts.add(nameCode(handle))
  }

  /** Players by the beginning of id or name, each once. O(log n + m). */
  search(prefix: string, limit: number): readonly FoundPlayer[] {
    const found = new Map<number, FoundPlayer>()
    for (const code of this.#texts.startingWith(folded(prefix))) {
      const handle = code >>> 1
      if (!found.has(handle)) found.set(handle, this.#foundOf(handle))
      if (found.size === limit) break
    }
    return Object.freeze([...found.values()])
  }

  /** Columns of ids, names and their order, as bytes that never change. */
  snapshot(): readonly (readonly Uint8Array[])[] {
    return [[this.#table.save()], this.#names.snapshot(), this.#texts.snapshot()]
  }

  load(ids: Uint8Array, names: Uint8Array, order: Uint32Array): void {
    this.#table.load(ids)
    this.#names.load(names)
    this.#texts.load(order)
    for (let handle = 0; handle < this.#table.size; handle++)
      if (isErased(this.#table.idOf(handle))) this.#erased++
  }

  #foundOf(handle: number): FoundPlayer {
    const player = this.#table.idOf(handle)
    const name = this.#names.get(handle)
    return Object.freeze(name === undefined ? { player } : { player, name })
  }
}
