/** The players that were ever seen, and how they are found: by id, or by the beginning of an id or a name. */
import type { PlayerId } from '../../events/ids.js'
import { PlayerTable } from '../player-table.js'
import { SortedTexts } from './sorted-texts.js'

/** A player whom a search found. */
export interface FoundPlayer {
  readonly player: PlayerId
  /** The display name, where one is known. */
  readonly name?: string
}

/** A name is shown, not stored twice; longer ones are a mistake. */
const nameLengthMax = 200

const folded = (text: string): string => text.toLowerCase()

export class PlayerDirectory {
  readonly #table = new PlayerTable()
  readonly #names = new Map<PlayerId, string>()
  readonly #texts = new SortedTexts()
  /** Ids up to this handle are among the texts: only who searches needs them, and a loaded index has a million. */
  #entered = 0

  /** How many players are known. */
  get size(): number {
    return this.#table.size
  }

  handleOf(player: PlayerId): number | undefined {
    return this.#table.handleOf(player)
  }

  /** The handle of a player, who is found from now on. O(1). @throws TypeError where it is no player id */
  intern(player: PlayerId): number {
    return this.#table.intern(player)
  }

  /** Names a player; the old name finds nobody any more. O(1), a rename O(log n). @throws TypeError where it is no name */
  name(player: PlayerId, name: string): void {
    if (typeof name !== 'string' || name.length > nameLengthMax)
      throw new TypeError(
        `nameOf must give strings of at most ${nameLengthMax} characters; got ${String(name).slice(0, 80)}.`,
      )
    this.intern(player)
    const old = this.#names.get(player)
    if (old === name) return
    const id = folded(player)
    if (old !== undefined && folded(old) !== id) this.#texts.remove(folded(old), player)
    this.#names.set(player, name)
    if (folded(name) !== id) this.#texts.add(folded(name), player)
  }

  /** Players by the beginning of id or name, each once. O(log n + m). */
  search(prefix: string, limit: number): readonly FoundPlayer[] {
    const found = new Map<PlayerId, FoundPlayer>()
    this.#enterIds()
    for (const { player } of this.#texts.startingWith(folded(prefix))) {
      const name = this.#names.get(player)
      if (!found.has(player))
        found.set(player, Object.freeze(name === undefined ? { player } : { player, name }))
      if (found.size === limit) break
    }
    return Object.freeze([...found.values()])
  }

  save(): { ids: Uint8Array; names: readonly (readonly [PlayerId, string])[] } {
    return { ids: this.#table.save(), names: [...this.#names] }
  }

  load(ids: Uint8Array, names: readonly (readonly [PlayerId, string])[]): void {
    this.#table.load(ids)
    for (const [player, name] of names) this.name(player, name)
  }

  #enterIds(): void {
    for (; this.#entered < this.#table.size; this.#entered++) {
      const player = this.#table.idOf(this.#entered)
      this.#texts.add(folded(player), player)
    }
  }
}
