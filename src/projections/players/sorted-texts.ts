/**
 * Texts in order, each named by a number: what a search by prefix walks.
 *
 * Sorted blocks of at most 512 numbers in one sorted list; a full block is cut in two. The texts themselves stay where
 * they are kept, and are asked for by number: 4 to 8 bytes an entry here, and no object. Only the first text of each
 * block is kept at hand, so that entering asks for nine texts, not twenty. It is done at once, so no search ever has a
 * pile to sort first. Entries of equal text are in order of their player.
 */

/** Where the texts are: both must give the same for a code from `add` to `remove`. */
export interface TextSource {
  textOf(code: number): string
  playerOf(code: number): string
}

interface SortedText {
  readonly text: string
  readonly player: string
}

interface Block {
  codes: Uint32Array
  size: number
  first: SortedText
  /** A snapshot has these codes: they are copied before they are changed. */
  isTaken: boolean
}

/** Cutting a block and putting it into the list each move at most some thousand numbers. */
const blockMax = 512

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
  readonly #source: TextSource
  #blocks: Block[] = []

  constructor(source: TextSource) {
    this.#source = source
  }

  /** Enters a code, which must be new. O(log n) comparisons. */
  add(code: number): void {
    const entry = this.#entryOf(code)
    if (this.#blocks.length === 0) {
      this.load(Uint32Array.of(code))
      return
    }
    const place = this.#placeOf(entry)
    const block = this.#blocks[place]!
    const at = this.#indexOf(block, entry)
    this.#untake(block)
    block.codes.copyWithin(at + 1, at, block.size++)
    block.codes[at] = code
    if (at === 0) block.first = entry
    if (block.size === blockMax) this.#cut(place)
  }

  /** Takes a code out, if it is there. O(log n) comparisons. */
  remove(code: number): void {
    const entry = this.#entryOf(code)
    const place = this.#placeOf(entry)
    const block = this.#blocks[place]
    if (!block) return
    const at = this.#indexOf(block, entry)
    if (at === block.size || block.codes[at] !== code) return
    this.#untake(block)
    block.codes.copyWithin(at, at + 1, block.size--)
    if (block.size === 0) this.#blocks.splice(place, 1)
    else if (at === 0) block.first = this.#entryOf(block.codes[0]!)
  }

  /** The codes whose text begins so, in order. O(log n) to the first, O(1) to the next. */
  *startingWith(prefix: string): Generator<number, void, undefined> {
    const from = { text: prefix, player: '' }
    let place = this.#placeOf(from)
    const first = this.#blocks[place]
    let at = first ? this.#indexOf(first, from) : 0
    for (; place < this.#blocks.length; place++, at = 0) {
      const { codes, size } = this.#blocks[place]!
      for (; at < size; at++) {
        if (!this.#source.textOf(codes[at]!).startsWith(prefix)) return
        yield codes[at]!
      }
    }
  }

  /** All codes in order, as bytes that never change from now on. O(blocks). */
  snapshot(): readonly Uint8Array[] {
    return this.#blocks.map((block) => {
      block.isTaken = true
      return new Uint8Array(block.codes.buffer, 0, block.size * Uint32Array.BYTES_PER_ELEMENT)
    })
  }

  /** Replaces all by those of a snapshot. O(n), without a comparison; one text a block is asked for. */
  load(codes: Uint32Array): void {
    this.#blocks = []
    for (let at = 0; at < codes.length; at += blockMax / 2)
      this.#blocks.push(this.#blockOf(codes.subarray(at, at + blockMax / 2)))
  }

  #blockOf(codes: Uint32Array): Block {
    const own = new Uint32Array(blockMax)
    own.set(codes)
    return { codes: own, size: codes.length, first: this.#entryOf(codes[0]!), isTaken: false }
  }

  #untake(block: Block): void {
    if (!block.isTaken) return
    block.codes = block.codes.slice()
    block.isTaken = false
  }

  #cut(place: number): void {
    const block = this.#blocks[place]!
    this.#blocks.splice(place + 1, 0, this.#blockOf(block.codes.subarray(blockMax / 2, blockMax)))
    block.size = blockMax / 2
  }

  #entryOf(code: number): SortedText {
    return { text: this.#source.textOf(code), player: this.#source.playerOf(code) }
  }

  /** The last block whose first entry is not after this one; 0 where there is none. */
  #placeOf({ text, player }: SortedText): number {
    const after = firstFrom(this.#blocks.length, (at) => {
      const { first } = this.#blocks[at]!
      return first.text < text || (first.text === text && first.player <= player)
    })
    return Math.max(0, after - 1)
  }

  /** Where an entry stands in a block, or would. */
  #indexOf({ codes, size }: Block, { text, player }: SortedText): number {
    return firstFrom(size, (at) => {
      const other = this.#source.textOf(codes[at]!)
      return other < text || (other === text && this.#source.playerOf(codes[at]!) < player)
    })
  }
}
