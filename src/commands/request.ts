/** One call on its way to its answer: a command, or a unit of work. It is answered exactly once. */
import { left, type Either } from 'fp-ts/lib/Either.js'
import type { Durability, Ticket } from '../events/journal/journal.js'
import type { StreamId } from '../events/ids.js'
import type { DispatchError } from './dispatch-error.js'
import type { AnyGame, GameCommand } from './game.js'
import type { Answer } from './answer.js'
import type { Tally, Timing } from './command-counts.js'
import type { DispatchOptions } from './command-options.js'
import type { Receipt } from './receipt.js'

export type Answered<Success = Receipt> = Either<DispatchError, Success>

/** What a request needs of its dispatcher. */
export interface RequestDesk {
  /** Resolves when all through this ticket is safe to this degree. */
  safe(durability: Durability, ticket: Ticket): Promise<void>
  /** The request was answered, one way or another. */
  answered(): void
}

export class Request<Success = Receipt> implements Answer {
  readonly promise: Promise<Answered<Success>>
  /** What to answer when it may be told; throwing rejects. Made late: positions are known only then. */
  answer: (() => Answered<Success>) | undefined
  readonly #durability: Durability | undefined
  readonly #desk: RequestDesk
  readonly #tally: Tally
  readonly #timing: Timing | undefined
  #resolve!: (answer: Answered<Success>) => void
  #reject!: (cause: unknown) => void

  constructor(durability: Durability | undefined, desk: RequestDesk, tally: Tally, timing?: Timing) {
    this.#durability = durability
    this.#desk = desk
    this.#tally = tally
    this.#timing = timing
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  /** What was read is published: answers, now or when it is as safe as was asked for. */
  settle(ticket: Ticket): void {
    const durability = this.#durability
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

  resolve(answer: Answered<Success>): void {
    this.#desk.answered()
    this.#tally.answered(answer)
    this.#timing?.answered()
    this.#resolve(answer)
  }

  #tell(): void {
    let answer: Answered<Success>
    try {
      answer = this.answer!()
    } catch (cause) {
      this.#desk.answered()
      this.#tally.threw()
      this.#timing?.answered()
      this.#reject(cause)
      return
    }
    this.resolve(answer)
  }
}

/** A command on its way. */
export class CommandRequest extends Request {
  readonly game: AnyGame
  readonly stream: StreamId
  readonly command: GameCommand
  readonly options: DispatchOptions

  constructor(
    game: AnyGame,
    stream: StreamId,
    command: GameCommand,
    options: DispatchOptions,
    desk: RequestDesk,
    tally: Tally,
    timing: Timing | undefined,
  ) {
    super(options.durability, desk, tally, timing)
    this.game = game
    this.stream = stream
    this.command = command
    this.options = options
  }
}
