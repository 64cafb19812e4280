/**
 * Turns between two batches of the archiver, for those who need that no batch is begun meanwhile.
 *
 *     borrow --> [ who waits, in order of asking ] --lend: one turn, one of them--> answered
 *                                                  --refuse: all--> rejected
 *
 *     a rewriting                   takes the number, where it comes to its manifest (replacing.ts)
 *     an erasure of games in play   needs the rest alone: none of its games is being archived
 *
 * The archiver says when: after each turn a batch that is due goes first, so neither side waits for ever on the other.
 * One turn at a time, and whatever comes of it is told to the borrower alone.
 */
import type { Patience } from './patience.js'

/** Lent between two batches. */
export interface BatchTurn {
  /** The next number. It is taken where the work succeeds; else it is given again. */
  readonly batch: number
  readonly patience: Patience
  /** Aborted when archiving ends. */
  readonly signal: AbortSignal
}

interface Borrower {
  readonly run: (turn: BatchTurn) => Promise<void>
  readonly reject: (cause: unknown) => void
}

export class BatchTurns {
  readonly #borrowers: Borrower[] = []

  /** Whether somebody waits for a turn. */
  get areWanted(): boolean {
    return this.#borrowers.length > 0
  }

  /** Waits for a turn, and does `work` in it. @throws what the work throws; what all were refused for */
  borrow<Result>(work: (turn: BatchTurn) => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      const run = async (turn: BatchTurn): Promise<void> => resolve(await work(turn))
      this.#borrowers.push({ run, reject })
    })
  }

  /** Gives this turn to whoever has waited for longest, if somebody waits; resolves when it is over. */
  async lend(turn: BatchTurn): Promise<void> {
    const borrower = this.#borrowers.shift()
    if (borrower) await borrower.run(turn).catch(borrower.reject)
  }

  /** There will be no turn any more for those who wait. */
  refuse(cause: unknown): void {
    for (const { reject } of this.#borrowers.splice(0)) reject(cause)
  }
}
