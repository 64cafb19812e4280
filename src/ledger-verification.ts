/**
 * Checks archive and journal together: every object, every game, and that every position is somewhere, once.
 *
 *     1 2 3 4 5 6 7 8 9 ...      archive: 1 2 5     journal: 3 4 8 9     lost gap: 6 7
 *
 * Opening a ledger has compared every checksum of its journal but for those of games that are asleep: they are read
 * here. A position that is nowhere was acknowledged and is gone; one in two places names two events. Up to a repair
 * positions may be missing: what it set aside cannot be told from what is lost. So it is where an archive was adopted:
 * the journal that filled it took its live games with it.
 */
import type { Catalog } from './archive/catalog.js'
import type { ColdStore } from './archive/cold-store.js'
import type { Rules } from './archive/completed-game.js'
import {
  Verification,
  type VerifyOptions,
  type VerifyProblem,
  type VerifyReport,
} from './archive/verification.js'
import type { AsleepGames } from './commands/asleep-games.js'
import type { LiveGame } from './commands/live-game.js'
import type { LiveGames } from './commands/live-games.js'
import type { StreamId } from './events/ids.js'
import { CorruptLogError } from './events/journal/corrupt-log.js'
import { isLost, type LostGap } from './events/lost-gap.js'
import { PositionSet } from './archive/position-set.js'

/** What is checked. */
export interface LedgerVerificationPorts {
  readonly store: ColdStore
  readonly catalog: Catalog
  readonly rules: Rules
  readonly live: LiveGames
  readonly asleep: AsleepGames
  /** No event has these positions. */
  readonly lost: readonly LostGap[]
  /** The newest published position. */
  readonly head: number
}

/** Some positions of a game. */
interface Place {
  readonly stream: StreamId
  readonly firstPosition: number
  readonly count: number
}

const problemsMax = 10

/** One run; use it once. */
export class LedgerVerification {
  readonly #ports: LedgerVerificationPorts
  readonly #places: Place[] = []
  readonly #problems: VerifyProblem[] = []

  constructor(ports: LedgerVerificationPorts) {
    this.#ports = ports
  }

  /** @throws what aborted `signal`, what the store throws */
  async run(options: VerifyOptions): Promise<VerifyReport> {
    const { store, catalog, rules, live, asleep } = this.#ports
    // The journal first: a game that moves meanwhile is met in both, and never in none.
    const games = [...live.values()]
    for (const game of games) this.#note(game, game.publishedVersion)
    const sleeping = [...asleep.values()]
    for (const { stream } of sleeping) {
      options.signal?.throwIfAborted()
      await this.#read(stream)
    }
    const verification = new Verification(store, rules)
    const pin = catalog.pin()
    const archived = await verification.run(options).finally(() => pin.release())
    const isCountable = archived.ok && this.#problems.length === 0 && !catalog.isAdopted
    if (isCountable) this.#count(verification.positions)
    const events = this.#places.reduce((sum, { count }) => sum + count, 0)
    const problems = [...archived.problems, ...this.#problems]
    return {
      ...archived,
      ok: problems.length === 0,
      games: archived.games + games.length + sleeping.length,
      events: archived.events + events,
      problems,
    }
  }

  #note({ stream, log }: LiveGame, through: number): void {
    for (const { firstPosition, firstVersion, count } of log.records())
      if (firstVersion <= through) this.#places.push({ stream, firstPosition, count })
  }

  async #read(stream: StreamId): Promise<void> {
    try {
      const game = await this.#ports.asleep.read(stream)
      this.#note(game, game.version)
    } catch (cause) {
      if (!(cause instanceof CorruptLogError)) throw cause
      // Woken or archived meanwhile.
      if (!this.#ports.asleep.has(stream)) return
      const { code, file, offset, expected, found } = cause
      this.#add(code, `${file} at offset ${offset}: expected ${expected}, found ${found}`, stream)
    }
  }

  #count(archived: PositionSet): void {
    const { catalog, head, lost } = this.#ports
    const inJournal = new PositionSet()
    for (const { stream, firstPosition, count } of this.#places)
      for (let position = firstPosition; position < firstPosition + count; position++) {
        const isTwice = !inJournal.add(position) || (archived.has(position) && !catalog.mayHave(stream))
        if (isTwice) this.#add('position-twice', `position ${position} is in two places`, stream)
      }
    let from = 0
    for (let position = 1; position <= head + 1; position++) {
      const isMissing =
        position <= head && !archived.has(position) && !inJournal.has(position) && !isLost(lost, position)
      if (isMissing) from ||= position
      else if (from > 0) {
        const which =
          from === position - 1 ? `position ${from} is` : `positions ${from} to ${position - 1} are`
        this.#add(
          'position-missing',
          `${which} neither in the journal nor in the archive, and not known as lost`,
        )
        from = 0
      }
    }
  }

  /** Whoever has ten such problems has lost more than a list tells. */
  #add(code: string, message: string, game?: StreamId): void {
    if (this.#problems.filter((problem) => problem.code === code).length < problemsMax)
      this.#problems.push({ code, message, ...(game !== undefined && { game }) })
  }
}
