/**
 * A binary heap of things that know their position, lowest first. Positions are kept beside the things: comparing
 * numbers that lie side by side is many times faster than asking thousands of objects. So only the top may move.
 */
export interface Positioned {
  position: number
}

export class PositionHeap<Item extends Positioned> {
  readonly #items: Item[] = []
  readonly #positions: number[] = []

  get top(): Item | undefined {
    return this.#items[0]
  }

  get size(): number {
    return this.#items.length
  }

  /** The lowest position below the top; Infinity where there is none. O(1). */
  get second(): number {
    return Math.min(this.#positions[1] ?? Infinity, this.#positions[2] ?? Infinity)
  }

  /** O(log n) */
  push(item: Item): void {
    const items = this.#items
    const positions = this.#positions
    const { position } = item
    let at = items.length
    items.push(item)
    positions.push(position)
    while (at > 0) {
      const parent = (at - 1) >>> 1
      if (positions[parent]! <= position) break
      items[at] = items[parent]!
      positions[at] = positions[parent]!
      at = parent
    }
    items[at] = item
    positions[at] = position
  }

  /** Puts the top, whose position has risen, in its place; takes it out at Infinity. O(log n) */
  settle(): void {
    const items = this.#items
    const positions = this.#positions
    if (items[0]!.position === Infinity) {
      const last = items.pop()!
      positions.pop()
      if (items.length === 0) return
      items[0] = last
    }
    const item = items[0]!
    const { position } = item
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= positions.length) break
      if (child + 1 < positions.length && positions[child + 1]! < positions[child]!) child++
      if (positions[child]! >= position) break
      items[at] = items[child]!
      positions[at] = positions[child]!
      at = child
    }
    items[at] = item
    positions[at] = position
  }
}
