/** A binary heap of things that know their position, lowest first. */
export interface Positioned {
  position: number
}

export class PositionHeap<Item extends Positioned> {
  readonly #items: Item[] = []

  get top(): Item | undefined {
    return this.#items[0]
  }

  get size(): number {
    return this.#items.length
  }

  /** The lowest position below the top; Infinity where there is none. O(1). */
  get second(): number {
    return Math.min(this.#items[1]?.position ?? Infinity, this.#items[2]?.position ?? Infinity)
  }

  /** O(log n) */
  push(item: Item): void {
    const items = this.#items
    let at = items.length
    items.push(item)
    while (at > 0) {
      const parent = (at - 1) >>> 1
      if (items[parent]!.position <= item.position) break
      items[at] = items[parent]!
      at = parent
    }
    items[at] = item
  }

  /** Puts the top, whose position has risen, in its place; takes it out at Infinity. O(log n) */
  settle(): void {
    const items = this.#items
    if (items[0]!.position === Infinity) {
      const last = items.pop()!
      if (items.length === 0) return
      items[0] = last
    }
    const item = items[0]!
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= items.length) break
      if (child + 1 < items.length && items[child + 1]!.position < items[child]!.position) child++
      if (items[child]!.position >= item.position) break
      items[at] = items[child]!
      at = child
    }
    items[at] = item
  }
}
