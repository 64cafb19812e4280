/** What callers get as `ledger.archive`: completed games, cold and immutable. */
import type { EventEnvelope } from '../events/envelope.js'
import { streamIdOf, type StreamId } from '../events/ids.js'
import { exportedLines, type ExportOptions } from './archive-export.js'
import type { ArchivedGame } from './archived-game.js'
import type { ArchiveCount, ArchivePage, ArchiveQuery } from './archive-query.js'
import type { Catalog } from './catalog.js'
import type { ColdStore } from './cold-store.js'
import type { Clock } from '../events/clock.js'
import type { Compaction, CompactOptions, CompactReport } from './compaction.js'
import type { Rules } from './completed-game.js'
import { checkRetention, Retention, type RetainOptions, type RetainReport } from './retention.js'
import type { Rewriter } from './rewriter.js'
import { Verification, type VerifyOptions, type VerifyReport } from './verification.js'

/** What the archive is made of. */
export interface ArchiveParts {
  readonly store: ColdStore
  readonly catalog: Catalog
  readonly rules: Rules
  readonly rewriter: Rewriter
  readonly compaction: Compaction
  readonly clock: Clock
}

/** The archive, for reading and keeping. A game is named `kind/id`, or by its bare id where only one kind has it. */
export class Archive {
  readonly #store: ColdStore
  readonly #catalog: Catalog
  readonly #rules: Rules
  readonly #rewriter: Rewriter
  readonly #compaction: Compaction
  readonly #clock: Clock

  constructor({ store, catalog, rules, rewriter, compaction, clock }: ArchiveParts) {
    this.#store = store
    this.#catalog = catalog
    this.#rules = rules
    this.#rewriter = rewriter
    this.#compaction = compaction
    this.#clock = clock
  }

  /** Whether the archive holds this game. A "no" reads nothing, a "yes" is confirmed by one manifest. */
  async has(game: StreamId): Promise<boolean> {
    return (await this.#find(game)) !== undefined
  }

  /** Games by player, kind and time of their end, newest first, by pages. Opens no segment. @throws TypeError */
  list(query: ArchiveQuery = {}): Promise<ArchivePage> {
    return this.#catalog.list(query)
  }

  /** How many games a query names, and their events. Opens no segment. */
  count(query: Omit<ArchiveQuery, 'cursor' | 'limit'> = {}): Promise<ArchiveCount> {
    return this.#catalog.count(query)
  }

  /**
   * The events of a game, lifted to the shape of today where its rules are known; none where it is not archived.
   * @throws CorruptSegmentError, SchemaTooNewError; TypeError where several kinds have a game of this bare id
   */
  async *events(game: StreamId): AsyncGenerator<EventEnvelope, void, undefined> {
    const found = await this.#find(game)
    const log = found && (await this.#catalog.readGame(found.stream, (pinned) => pinned.load()))
    if (log) yield* log.envelopes(this.#rules.get(log.header.kind))
  }

  /**
   * The events of archived games as lines of text, NDJSON or CSV, in order of position, as they were written.
   * @throws TypeError for another format; CorruptSegmentError
   */
  export(options: ExportOptions = {}): AsyncIterable<string> {
    return exportedLines(this.#store, this.#catalog, options)
  }

  /** Checks every object of the archive; `deep` folds every game again. Reads everything. */
  async verify(options: VerifyOptions = {}): Promise<VerifyReport> {
    const pin = this.#catalog.pin()
    try {
      return await new Verification(this.#store, this.#rules).run(options)
    } finally {
      pin.release()
    }
  }

  /**
   * Merges small batches: neighbours that fit into one batch become one. Games, hashes and what readers find stay the same;
   * what was merged is deleted when those who read it have ended. While the store fails, it waits.
   * @throws the reason of the signal; ArchivingStoppedError, ArchiveForkedError
   */
  async compact(options: CompactOptions = {}): Promise<CompactReport> {
    const report = await this.#compaction.run(options)
    if (options.dryRun !== true) await this.#rewriter.cleared()
    return report
  }

  /**
   * Drops the games that ended longer ago than `olderThanMs`. **They cannot be had back.** Their ids stay taken: a command
   * to them gets `GameCompleted`, `has` says no, a replay `NotFound`. Boards keep what they counted; one that is made anew
   * later cannot count them. While the store fails, it waits; resolves when the objects are deleted.
   * @throws TypeError; the reason of the signal; ArchivingStoppedError, ArchiveForkedError
   */
  async retain({ olderThanMs, kind, ...options }: RetainOptions): Promise<RetainReport> {
    const rules = checkRetention([{ maxAgeMs: olderThanMs, ...(kind !== undefined && { kind }) }])
    const retention = new Retention(this.#catalog, this.#rewriter, rules)
    const report = await retention.run(this.#clock.now(), options)
    if (options.dryRun !== true) await this.#rewriter.cleared()
    return report
  }

  async #find(game: StreamId): Promise<ArchivedGame | undefined> {
    if (game.includes('/')) return this.#catalog.find(game)
    const found: ArchivedGame[] = []
    for (const kind of this.#catalog.kinds) {
      const candidate = await this.#catalog.find(streamIdOf(kind, game as string))
      if (candidate) found.push(candidate)
    }
    if (found.length > 1)
      throw new TypeError(
        `Several kinds have a game ${game}: ${found.map(({ stream }) => stream).join(', ')}. Name one.`,
      )
    return found[0]
  }
}
