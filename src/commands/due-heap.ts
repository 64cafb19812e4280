/**
 * What is due when: a binary heap of times, with the place of each key, so that a time can be changed.
 *
 *     slot   of a key, from a map     0      1      2          slots that are free are given again
 *     times[slot]                     17     3      9          Float64
 *     heap[place] = slot              1      0      2          Uint32: lowest time first
 *     places[slot] = place            1      0      2          Uint32: where it stands in the heap
 *
 * Typed arrays, grown by doubling: 16 bytes a key, and a map's entry and a reference to the key. Setting and deleting are
 * O(log n), the earliest is O(1).
 */
export class DueHeap {
  readonly #slots = new Map<string, number>()
  readonly #keys: (string | undefined)[] = []
  readonly #free: number[] = []
  #times = new Float64Array(16)
  #heap = new Uint32Array(16)
  #places = new Uint32Array(16)
  #size = 0

  get size(): number {
    return this.#size
  }

  /** When the earliest is due; Infinity where there is none. */
  get earliest(): number {
    return this.#size === 0 ? Infinity : this.#times[this.#heap[0]!]!
  }

  /** When this is due; `undefined` where it is not kept. */
  timeOf(key: string): number | undefined {
    const slot = this.#slots.get(key)
    return slot === undefined ? undefined : this.#times[slot]
  }

  /** This is due then, and not when it was said before. */
  set(key: string, at: number): void {
    const known = this.#slots.get(key)
    const slot = known ?? this.#take(key)
    this.#times[slot] = at
    if (known === undefined) this.#up(this.#size++, slot)
    else this.#settle(this.#places[slot]!, slot)
  }

  /** This is no longer due. */
  delete(key: string): void {
    const slot = this.#slots.get(key)
    if (slot === undefined) return
    this.#slots.delete(key)
    this.#keys[slot] = undefined
    this.#free.push(slot)
    const place = this.#places[slot]!
    const last = this.#heap[--this.#size]!
    if (last !== slot) this.#settle(place, last)
    if (this.#size === 0) this.#shrink()
  }

  /** Takes out the earliest, where it is due by then. */
  takeDue(by: number): string | undefined {
    if (this.earliest > by) return undefined
    const key = this.#keys[this.#heap[0]!]!
    this.delete(key)
    return key
  }

  #take(key: string): number {
    const slot = this.#free.pop() ?? this.#keys.length
    if (slot === this.#times.length) this.#grow()
    this.#slots.set(key, slot)
    this.#keys[slot] = key
    return slot
  }

  #grow(): void {
    const length = 2 * this.#times.length
    const [times, heap, places] = [new Float64Array(length), new Uint32Array(length), new Uint32Array(length)]
    times.set(this.#times)
    heap.set(this.#heap)
    places.set(this.#places)
    this.#times = times
    this.#heap = heap
    this.#places = places
  }

  /** Nothing is due any more: what a crowd needed is given back. */
  #shrink(): void {
    this.#keys.length = 0
    this.#free.length = 0
    this.#times = new Float64Array(16)
    this.#heap = new Uint32Array(16)
    this.#places = new Uint32Array(16)
  }

  #settle(place: number, slot: number): void {
    const parent = (place - 1) >>> 1
    if (place > 0 && this.#times[slot]! < this.#times[this.#heap[parent]!]!) this.#up(place, slot)
    else this.#down(place, slot)
  }

  #up(from: number, slot: number): void {
    const at = this.#times[slot]!
    let place = from
    while (place > 0) {
      const parent = (place - 1) >>> 1
      const above = this.#heap[parent]!
      if (this.#times[above]! <= at) break
      this.#put(place, above)
      place = parent
    }
    this.#put(place, slot)
  }

  #down(from: number, slot: number): void {
    const at = this.#times[slot]!
    let place = from
    for (;;) {
      let child = 2 * place + 1
      if (child >= this.#size) break
      if (child + 1 < this.#size && this.#times[this.#heap[child + 1]!]! < this.#times[this.#heap[child]!]!)
        child++
      const below = this.#heap[child]!
      if (this.#times[below]! >= at) break
      this.#put(place, below)
      place = child
    }
    this.#put(place, slot)
  }

  #put(place: number, slot: number): void {
    this.#heap[place] = slot
    this.#places[slot] = place
  }
}
