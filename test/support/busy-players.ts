/** Players who never stop: one short game after the other, whatever becomes of the archive behind the ledger. */
import { setTimeout as sleep } from 'node:timers/promises'
import { isLeft } from 'fp-ts/lib/Either.js'
import { messageOf, type Ledger } from 'gameledger'
import { tally, type TallyCommand } from '../ledger/tally-game.js'

const commands: readonly TallyCommand[] = [
  { type: 'Sit', player: 'ann' },
  { type: 'Count', player: 'ann', amounts: [1, 2] },
  { type: 'Finish' },
]

export class BusyPlayers {
  /** Games of which every command was acknowledged, the last one included. */
  readonly ended: string[] = []
  readonly #ledger: Ledger
  readonly #name: string
  readonly #pauseMs: number
  readonly #playing: Promise<void>
  #isOver = false

  /** Plays from now on; games are named `<name>-<n>`. `pauseMs`: between two of them. */
  constructor(ledger: Ledger, name: string, pauseMs = 1) {
    this.#ledger = ledger
    this.#pauseMs = pauseMs
    this.#name = name
    this.#playing = this.#play()
    this.#playing.catch(() => undefined)
  }

  /** Resolves when so many more games have ended. @throws where a command was refused */
  async more(games: number): Promise<void> {
    for (const wanted = this.ended.length + games; this.ended.length < wanted;)
      await Promise.race([this.#playing, sleep(2)])
  }

  /** @throws where a command was refused */
  async stop(): Promise<readonly string[]> {
    this.#isOver = true
    await this.#playing
    return this.ended
  }

  async #play(): Promise<void> {
    for (let n = 0; !this.#isOver; n++) {
      const id = `${this.#name}-${n}`
      const game = this.#ledger.game(tally, id)
      for (const command of commands) {
        const answer = await game.dispatch(command)
        if (isLeft(answer)) throw new Error(`${id} ${command.type}: ${messageOf(answer.left)}`)
      }
      this.ended.push(id)
      await sleep(this.#pauseMs)
    }
  }
}
