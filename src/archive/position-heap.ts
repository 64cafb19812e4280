/** A binary heap of things that stand at a position, the lowest on top. What is on top may move on: `settle` it. */
export class PositionHeap<Item extends { readonly position: number }> {
  readonly #items: Item[] = []

  get size(): number {
    return this.#items.length
  }

  /** The item at the lowest position. O(1). */
  get top(): Item | undefined {
    return this.#items[0]
  }

  /** The position of whatever would be on top next; Infinity where nothing would. O(1). */
  get runnerUp(): number {
    return Math.min(this.#items[1]?.position ?? Infinity, this.#items[2]?.position ?? Infinity)
  }

  /** O(log n). */
  push(item: Item): void {
    const items = this.#items
    let at = items.push(item) - 1
    while (at > 0) {
      const above = (at - 1) >> 1
      if (items[above]!.position <= item.position) break
      items[at] = items[above]!
      at = above
    }
    items[at] = item
  }

  /** Takes the top away. O(log n). */
  pop(): void {
    const last = this.#items.pop()
    if (last !== undefined && this.#items.length > 0) this.#sink(last)
  }

  /** The top has moved to a higher position: finds its place. O(log n). */
  settle(): void {
    const top = this.#items[0]
    if (top !== undefined) this.#sink(top)
  }

  #sink(item: Item): void {
    const items = this.#items
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      if (below >= items.length) break
      if (below + 1 < items.length && items[below + 1]!.position < items[below]!.position) below++
      if (items[below]!.position >= item.position) break
      items[at] = items[below]!
      at = below
    }
    items[at] = item
  }
}
