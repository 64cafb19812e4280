/** One call of `dispatch` on its way to its answer. It is answered exactly once. */
import { left, type Either } from 'fp-ts/lib/Either.js'
import type { Durability, Ticket } from '../events/journal/journal.js'
import type { StreamId } from '../events/ids.js'
import type { DispatchError } from './dispatch-error.js'
import type { AnyGame, GameCommand } from './game.js'
import type { Answer } from './pending-command.js'
import type { Receipt } from './receipt.js'

export interface DispatchOptions {
  /** Makes a retry safe: recorded once in the life of the game. 1 to 200 bytes. */
  readonly commandId?: string
  /** Refuse with VersionConflict unless the game is at this version. */
  readonly expectedVersion?: number
  /** Who sends the command; recorded. */
  readonly actor?: string
  /** When it really happened, in ms since 1970 (imports); recorded. */
  readonly occurredAt?: number
  /** A stronger degree than the ledger's, for this answer alone. @default the ledger's */
  readonly durability?: Durability
}

export type Answered = Either<DispatchError, Receipt>

/** What a request needs of its dispatcher. */
export interface RequestDesk {
  /** Resolves when all through this ticket is safe to this degree. */
  safe(durability: Durability, ticket: Ticket): Promise<void>
  /** The request was answered, one way or another. */
  answered(): void
}

export class Request implements Answer {
  readonly game: AnyGame
  readonly stream: StreamId
  readonly command: GameCommand
  readonly options: DispatchOptions
  readonly promise: Promise<Answered>
  /** What to answer when it may be told; throwing rejects. Made late: positions are known only then. */
  answer: (() => Answered) | undefined
  readonly #desk: RequestDesk
  #resolve!: (answer: Answered) => void
  #reject!: (cause: unknown) => void

  constructor(
    game: AnyGame,
    stream: StreamId,
    command: GameCommand,
    options: DispatchOptions,
    desk: RequestDesk,
  ) {
    this.game = game
    this.stream = stream
    this.command = command
    this.options = options
    this.#desk = desk
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  /** What was read is published: answers, now or when it is as safe as was asked for. */
  settle(ticket: Ticket): void {
    const { durability } = this.options
    if (durability === undefined || ticket === 0) return this.#tell()
    this.#desk.safe(durability, ticket).then(
      () => this.#tell(),
      (cause: unknown) => this.fail(cause),
    )
  }

  /** The journal failed first. */
  fail(cause: unknown): void {
    this.resolve(left({ _tag: 'Unavailable', code: 'journal-failed', cause }))
  }

  resolve(answer: Answered): void {
    this.#desk.answered()
    this.#resolve(answer)
  }

  #tell(): void {
    let answer: Answered
    try {
      answer = this.answer!()
    } catch (cause) {
      this.#desk.answered()
      this.#reject(cause)
      return
    }
    this.resolve(answer)
  }
}
