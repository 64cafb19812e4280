/**
 * Acts of the ledger's own: commands that are made when their game is at hand, on the state on which they are decided.
 *
 *     let in --find--> at hand  --make--> a command -> decided in the same turn (command-runner.ts)
 *                               --make--> none      -> nothing is sent, the answer is `undefined`
 *                      elsewhere, or stopped        -> the answer says why; `make` is not asked
 *
 * Time and bots see what a game is due and act on it; players may be faster. What is made and decided in one turn is
 * never too late for the game. Commands that are there beforehand, and sent until they are answered: own-commands.ts.
 */
import type { StreamId } from '../events/ids.js'
import type { Admission } from './admission.js'
import type { CommandCounts, Tally } from './command-counts.js'
import type { DispatchOptions } from './command-options.js'
import type { CommandRunner } from './command-runner.js'
import type { AnyGame, GameCommand } from './game.js'
import type { Found, GameFinder } from './game-finder.js'
import type { LiveGame } from './live-game.js'
import { CommandRequest, type Answered, type RequestDesk } from './request.js'

/** A command of the ledger's own, as it is made when the game is at hand. */
export interface OwnCommand {
  readonly command: GameCommand
  readonly options: DispatchOptions
}

/** What it needs of its dispatcher. */
export interface OwnActsPorts {
  readonly finder: Pick<GameFinder, 'find'>
  readonly admission: Pick<Admission, 'stopped' | 'leave'>
  readonly runner: Pick<CommandRunner, 'take'>
  readonly counts: Pick<CommandCounts, 'begin'>
  readonly desk: RequestDesk
}

export class OwnActs {
  readonly #ports: OwnActsPorts

  constructor(ports: OwnActsPorts) {
    this.#ports = ports
  }

  /** One that was let in; it leaves however it ends. Rejects with what `make` throws. */
  begin(
    game: AnyGame,
    stream: StreamId,
    make: (live: LiveGame) => OwnCommand | undefined,
    tally: Tally,
  ): Promise<Answered | undefined> {
    const { finder, admission, runner, counts, desk } = this.#ports
    return new Promise((resolve, reject) => {
      const take = (found: Found): void => {
        try {
          const made = found._tag === 'Live' && !admission.stopped ? make(found.live) : noCommand
          if (!made) {
            admission.leave('ledger')
            return resolve(undefined)
          }
          const { command, options } = made
          const request = new CommandRequest(game, stream, command, options, desk, tally, counts.begin())
          request.promise.then(resolve, reject)
          runner.take(request, found)
        } catch (cause) {
          admission.leave('ledger')
          reject(cause as Error)
        }
      }
      finder.find(stream, take)
    })
  }
}

/** What is not there to be sent, where there is no game to send it to: the answer says why. */
const noCommand: OwnCommand = { command: { type: '' }, options: {} }
