/** Ids and the names they go by, in order of the alphabet: a sorted list, and what came since, merged when it is asked. */
import type { PlayerId } from '../events/ids.js'

interface Named {
  readonly player: PlayerId
  readonly name: string
}

const inOrder = (one: Named, other: Named): number =>
  one.name < other.name
    ? -1
    : one.name > other.name
      ? 1
      : one.player < other.player
        ? -1
        : one.player > other.player
          ? 1
          : 0

const limitMax = 1_000

export class NameList {
  readonly #renamed = new Map<PlayerId, string>()
  #sorted: Named[] = []
  #added: Named[] = []

  /** A new id; its name is the id until it is `set`. */
  add(player: PlayerId): void {
    this.#added.push({ player, name: player })
  }

  /** The id goes by this name from now on. O(n) where it went by another. */
  set(player: PlayerId, name: string): void {
    const before = this.#renamed.get(player) ?? player
    if (before === name) return
    this.#renamed.set(player, name)
    const isOther = (named: Named): boolean => named.player !== player
    this.#sorted = this.#sorted.filter(isOther)
    this.#added = [...this.#added.filter(isOther), { player, name }]
  }

  /** Those whose name begins so, at most `limit`. O(log n + limit); O(n + m log m) once after m new names. */
  startingWith(prefix: string, limit: number): readonly Named[] {
    if (!Number.isSafeInteger(limit) || limit < 1 || limit > limitMax)
      throw new TypeError(`limit must be a whole number from 1 to ${limitMax}; got ${String(limit)}.`)
    if (this.#added.length > 0) this.#merge()
    let low = 0
    for (let high = this.#sorted.length; low < high;) {
      const middle = (low + high) >>> 1
      if (this.#sorted[middle]!.name < prefix) low = middle + 1
      else high = middle
    }
    const found: Named[] = []
    for (let at = low; found.length < limit && this.#sorted[at]?.name.startsWith(prefix); at++)
      found.push({ ...this.#sorted[at]! })
    return found
  }

  /** The names that are not the ids themselves. */
  save(): readonly (readonly [PlayerId, string])[] {
    return [...this.#renamed]
  }

  #merge(): void {
    const added = this.#added.toSorted(inOrder)
    const merged: Named[] = []
    let at = 0
    for (const named of this.#sorted) {
      while (at < added.length && inOrder(added[at]!, named) < 0) merged.push(added[at++]!)
      merged.push(named)
    }
    this.#sorted = [...merged, ...added.slice(at)]
    this.#added = []
  }
}
