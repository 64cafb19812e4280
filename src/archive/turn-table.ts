/**
 * Whose turn it is at each position, where thousands stand at one position each: a calendar queue (R. Brown, "Calendar
 * queues", 1988) whose days hold one item, for no position is used twice.
 *
 *     turns    | a . c b . . . a |      a block of 16 384 positions, a place for each
 *                    ^ at
 *     later    block 7: d e   block 12: f
 *
 * Who has had a turn stands at the next position of its own: in this block, or with those who wait for a later one.
 * So a turn costs two stores, where a heap of five thousand games would sift through twelve levels. A block without
 * anybody costs nothing, one that is nearly empty the walk over its places.
 */
import { PositionHeap, type Positioned } from '../events/position-heap.js'

/** Who takes turns. */
export interface TurnTaker<Gift> extends Positioned {
  /** What stands at `position`; moves on, at the end to Infinity. */
  take(): Gift
  /** Passes over what stands at `position`. */
  skip(): void
}

/** Five thousand who take turns come again in this block mostly; yet it stays in the cache, and is soon walked over. */
const blockPositions = 16_384

/** Those whose next position lies in a block that is not reached yet. `position`: where it begins. */
interface Later<Taker> extends Positioned {
  readonly takers: Taker[]
}

export class TurnTable<Gift, Taker extends TurnTaker<Gift>> {
  readonly #turns = Array.from<Taker | undefined>({ length: blockPositions })
  #at: number
  #start: number
  /** How many stand in this block. */
  #here = 0
  readonly #later = new Map<number, Later<Taker>>()
  readonly #blocks = new PositionHeap<Later<Taker>>()

  /** @param at the lowest position that anybody is asked for */
  constructor(at: number) {
    this.#at = at
    this.#start = startOf(at)
  }

  /** Nothing before this position will be given any more. */
  get at(): number {
    return this.#at
  }

  /** True where nobody takes turns. */
  get isEmpty(): boolean {
    return this.#here === 0 && this.#blocks.size === 0
  }

  /** True where somebody stands at `at`. */
  get isTurn(): boolean {
    return this.#turns[this.#at - this.#start] !== undefined
  }

  /** Takes somebody in. They pass over what was given already, by whomever. O(1), O(log blocks) where it is their first. */
  enter(taker: Taker): void {
    const turns = this.#turns
    const start = this.#start
    while (taker.position < start + blockPositions) {
      if (taker.position >= this.#at && turns[taker.position - start] === undefined) {
        turns[taker.position - start] = taker
        this.#here++
        return
      }
      taker.skip()
    }
    if (taker.position !== Infinity) this.#wait(taker)
  }

  /** Adds what stands before `until` to `gifts`, in order, until these are `length`. */
  take(gifts: Gift[], length: number, until: number): void {
    while (this.#at < until && gifts.length < length) {
      if (this.#here === 0) {
        this.#moveTo(Math.min(until, this.#blocks.top?.position ?? until))
        continue
      }
      const place = this.#at++ - this.#start
      const taker = this.#turns[place]
      if (taker) {
        this.#turns[place] = undefined
        this.#here--
        gifts.push(taker.take())
        this.enter(taker)
      }
      if (place + 1 === blockPositions) this.#moveTo(this.#at)
    }
  }

  #wait(taker: Taker): void {
    const position = startOf(taker.position)
    const later = this.#later.get(position)
    if (later) {
      later.takers.push(taker)
      return
    }
    const first = { position, takers: [taker] }
    this.#later.set(position, first)
    this.#blocks.push(first)
  }

  /** Goes on at a position, and opens its block: nobody stands between `at` and there. */
  #moveTo(position: number): void {
    this.#at = position
    const start = startOf(position)
    if (start === this.#start) return
    this.#start = start
    const later = this.#blocks.top
    if (later?.position !== start) return
    this.#later.delete(start)
    later.position = Infinity
    this.#blocks.settle()
    for (const taker of later.takers) this.enter(taker)
  }
}

const startOf = (position: number): number => position - (position % blockPositions)
