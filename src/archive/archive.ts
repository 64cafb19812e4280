/** What callers get as `ledger.archive`: completed games, cold and immutable. */
import type { EventEnvelope } from '../events/envelope.js'
import { streamIdOf, type StreamId } from '../events/ids.js'
import { exportedLines, type ExportOptions } from './archive-export.js'
import type { ArchivedGame } from './archived-game.js'
import type { ArchiveCount, ArchivePage, ArchiveQuery } from './archive-query.js'
import type { Catalog } from './catalog.js'
import type { ColdStore } from './cold-store.js'
import type { Rules } from './completed-game.js'
import { Verification, type VerifyOptions, type VerifyReport } from './verification.js'

/** The archive, for reading. A game is named `kind/id`, or by its bare id where only one kind has it. */
export class Archive {
  readonly #store: ColdStore
  readonly #catalog: Catalog
  readonly #rules: Rules

  constructor(store: ColdStore, catalog: Catalog, rules: Rules) {
    this.#store = store
    this.#catalog = catalog
    this.#rules = rules
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
