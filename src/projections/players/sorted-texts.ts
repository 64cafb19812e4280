/**
 * Texts in order, each with the player it leads to: what a search by prefix walks.
 *
 * Sorted blocks of at most 512 entries in one sorted list; a full block is cut in two. New entries wait in a list of
 * their own until somebody searches: a few are then put in one by one, many (a board just loaded) are sorted in at
 * once. So entering is a push, and a search is O(log n + m) but for the entries that came since the last one.
 */
import type { PlayerId } from '../../events/ids.js'

interface Entry {
  readonly text: string
  readonly player: PlayerId
}

/** Cutting a block and putting it into the list each move at most some hundred references. */
const blockMax = 512

const isBefore = (entry: Entry, text: string, player: PlayerId): boolean =>
  entry.text < text || (entry.text === text && entry.player < player)

const order = (entry: Entry, other: Entry): number =>
  isBefore(entry, other.text, other.player) ? -1 : isBefore(other, entry.text, entry.player) ? 1 : 0

/** The first index in [0, length) from which on nothing stands before. */
const firstFrom = (length: number, isBeforeAt: (index: number) => boolean): number => {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isBeforeAt(middle)) low = middle + 1
    else high = middle
  }
  return low
}

export class SortedTexts {
  #blocks: Entry[][] = []
  #waiting: Entry[] = []
  #size = 0

  get size(): number {
    return this.#size + this.#waiting.length
  }

  /** Enters a text; the pair of text and player must be new. O(1), and its share of the next search. */
  add(text: string, player: PlayerId): void {
    this.#waiting.push({ text, player })
  }

  /** Takes a text out, if it is there. O(log n). */
  remove(text: string, player: PlayerId): void {
    this.#settle()
    const place = this.#blockOf(text, player)
    const block = this.#blocks[place]
    if (!block) return
    const index = firstFrom(block.length, (at) => isBefore(block[at]!, text, player))
    if (block[index]?.text !== text || block[index].player !== player) return
    block.splice(index, 1)
    if (block.length === 0) this.#blocks.splice(place, 1)
    this.#size--
  }

  /** The entries whose text begins so, in order of text, then player. O(log n) to the first, O(1) to the next. */
  *startingWith(prefix: string): Generator<Entry, void, undefined> {
    this.#settle()
    let place = this.#blockOf(prefix, '')
    const first = this.#blocks[place]
    let index = first ? firstFrom(first.length, (at) => isBefore(first[at]!, prefix, '')) : 0
    for (; place < this.#blocks.length; place++, index = 0) {
      const block = this.#blocks[place]!
      for (; index < block.length; index++) {
        if (!block[index]!.text.startsWith(prefix)) return
        yield block[index]!
      }
    }
  }

  /** The last block whose first entry is not after these; 0 where there is none. */
  #blockOf(text: string, player: PlayerId): number {
    const after = firstFrom(this.#blocks.length, (at) => {
      const first = this.#blocks[at]![0]!
      return isBefore(first, text, player) || (first.text === text && first.player === player)
    })
    return Math.max(0, after - 1)
  }

  #settle(): void {
    const waiting = this.#waiting
    if (waiting.length === 0) return
    this.#waiting = []
    if (waiting.length * 16 > this.#size) this.#sortIn(waiting)
    else for (const entry of waiting) this.#put(entry)
  }

  #sortIn(waiting: readonly Entry[]): void {
    const entries = [...this.#blocks.flat(), ...waiting].sort(order)
    this.#blocks = []
    for (let at = 0; at < entries.length; at += blockMax / 2)
      this.#blocks.push(entries.slice(at, at + blockMax / 2))
    this.#size = entries.length
  }

  #put(entry: Entry): void {
    const place = this.#blockOf(entry.text, entry.player)
    const block = this.#blocks[place]!
    block.splice(
      firstFrom(block.length, (at) => isBefore(block[at]!, entry.text, entry.player)),
      0,
      entry,
    )
    if (block.length > blockMax) this.#blocks.splice(place + 1, 0, block.splice(blockMax / 2))
    this.#size++
  }
}
