/**
 * Commands that the ledger itself owes somebody: sent until they are answered by the rules, however full the ledger is.
 *
 * `Overloaded`, a full disk and a game that cannot be read just now are waited out; everything else is an answer.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { isLeft, left } from 'fp-ts/lib/Either.js'
import type { StreamId } from '../events/ids.js'
import type { DispatchError, UnavailableCode } from './dispatch-error.js'
import type { Dispatcher } from './dispatcher.js'
import type { AnyGame, GameCommand } from './game.js'
import type { DispatchOptions } from './command-options.js'
import type { Answered } from './request.js'

/** From about a group of the journal to what a disk that somebody mends is worth asking for. */
const patienceMs = { first: 20, longest: 1_000 } as const

const passing: ReadonlySet<UnavailableCode> = new Set([
  'storage-full',
  'archive-unavailable',
  'journal-unreadable',
  'player-being-erased',
])

const willPass = (error: DispatchError): boolean =>
  error._tag === 'Overloaded' || (error._tag === 'Unavailable' && passing.has(error.code))

export class OwnCommands {
  readonly #dispatcher: () => Pick<Dispatcher, 'dispatchOwn'>
  readonly #end = new AbortController()

  constructor(dispatcher: () => Pick<Dispatcher, 'dispatchOwn'>) {
    this.#dispatcher = dispatcher
  }

  /** As `dispatch`, and `Unavailable` (`closed`) once this is stopped. */
  async send(
    game: AnyGame,
    stream: StreamId,
    command: GameCommand,
    options: DispatchOptions = {},
  ): Promise<Answered> {
    for (let waitMs: number = patienceMs.first; ; waitMs = Math.min(2 * waitMs, patienceMs.longest)) {
      const { signal } = this.#end
      if (signal.aborted) return left({ _tag: 'Unavailable', code: 'closed' })
      const answer = await this.#dispatcher().dispatchOwn(game, stream, command, options)
      if (!isLeft(answer) || !willPass(answer.left)) return answer
      await sleep(waitMs, undefined, { signal }).catch(() => undefined)
    }
  }

  /** Whoever waits for room is told that it is over. */
  stop(): void {
    this.#end.abort()
  }
}
