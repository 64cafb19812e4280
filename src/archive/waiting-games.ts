/**
 * Completed games that wait for their batch, in the order in which they ended: ids and sizes only.
 *
 * However long the store is away, each costs O(1) in and out: what is taken is marked by `#from`, and cut off when it is
 * half of the list.
 */
import type { StreamId } from '../events/ids.js'

export interface WaitingGame {
  readonly stream: StreamId
  /** Of its event lines. */
  readonly bytes: number
  /** Since when it waits. */
  readonly since: number
}

export interface BatchBounds {
  readonly batchGamesMax: number
  readonly batchBytesMax: number
}

export class WaitingGames {
  #games: WaitingGame[] = []
  #from = 0
  #bytes = 0
  #collected = 0

  get count(): number {
    return this.#games.length - this.#from
  }

  get bytes(): number {
    return this.#bytes
  }

  /** How many have ever been collected, and how many of them were taken. */
  get collected(): number {
    return this.#collected
  }

  get taken(): number {
    return this.#collected - this.count
  }

  get oldest(): WaitingGame | undefined {
    return this.#games[this.#from]
  }

  add(game: WaitingGame): void {
    this.#games.push(game)
    this.#bytes += game.bytes
    this.#collected++
  }

  isFull({ batchGamesMax, batchBytesMax }: BatchBounds): boolean {
    return this.count >= batchGamesMax || this.#bytes >= batchBytesMax
  }

  /** The next batch: the oldest, within both bounds, one at least. They stay until they are taken. */
  next({ batchGamesMax, batchBytesMax }: BatchBounds): readonly WaitingGame[] {
    let end = this.#from
    let bytes = 0
    for (const most = this.#from + batchGamesMax; end < most && end < this.#games.length; end++) {
      bytes += this.#games[end]!.bytes
      if (end > this.#from && bytes > batchBytesMax) break
    }
    return this.#games.slice(this.#from, end)
  }

  /** The oldest of them are archived. */
  take(games: readonly WaitingGame[]): void {
    for (const { bytes } of games) this.#bytes -= bytes
    this.#from += games.length
    if (this.#from < this.#games.length / 2) return
    this.#games = this.#games.slice(this.#from)
    this.#from = 0
  }
}
