/** An opened ledger: the rooms, wired. See ledger.ts for what callers may rely on, and for the picture. */
import type { Either } from 'fp-ts/lib/Either.js'
import { Archive } from './archive/archive.js'
import { Archiver } from './archive/archiver.js'
import { Catalog } from './archive/catalog.js'
import { History } from './archive/history.js'
import { openIdentity } from './archive/identity.js'
import type { Replay, ReplayError, ReplayOptions } from './archive/replay.js'
import type { VerifyOptions, VerifyReport } from './archive/verification.js'
import { archivedGames } from './archived-games.js'
import type { ArchivedLogs } from './commands/archived-answer.js'
import { AsleepGames } from './commands/asleep-games.js'
import { checkpointsAfterRepair } from './checkpoints-after-repair.js'
import { commandEventsMax } from './commands/decision.js'
import { Dispatcher } from './commands/dispatcher.js'
import type { AnyGame, Game, GameCommand } from './commands/game.js'
import { LiveGames } from './commands/live-games.js'
import type { Receipt } from './commands/receipt.js'
import type { EventEnvelope, GameEvent } from './events/envelope.js'
import { EventStream } from './events/event-stream.js'
import type { Fault } from './events/fault.js'
import { follow } from './events/follow.js'
import {
  checkGameId,
  partsOfStream,
  streamIdOf,
  type GameId,
  type Position,
  type StreamId,
  type Version,
} from './events/ids.js'
import type { LostGap } from './events/lost-gap.js'
import type { OpenJournal } from './events/journal/journal.js'
import type { Shortage } from './events/journal/storage-full.js'
import { Publisher } from './events/publisher.js'
import { RecentEvents } from './events/recent-events.js'
import { Sequencer } from './events/sequencer.js'
import { EarlyListener } from './early-listener.js'
import { EventsImport, type ImportOptions, type ImportReport } from './events-import.js'
import { GameHandle } from './game-handle.js'
import { GameReader } from './game-reader.js'
import { JournalLine } from './journal-line.js'
import {
  checkpointFailed,
  journalDamaged,
  journalFailed,
  storageFree,
  storageFull,
  subscriberThrew,
} from './ledger-faults.js'
import { ledgerHistory } from './ledger-history.js'
import { LedgerVerification } from './ledger-verification.js'
import { ModelSaving } from './model-saving.js'
import type { ResolvedOptions } from './options.js'
import type { Moment } from './projections/past-views.js'
import { ReadModels, type RebuildOptions } from './read-models.js'
import { readLastLine, recover, type Recovered } from './recovery.js'
import type { LedgerStats, LiveGameRow } from './stats.js'

/** The journal failed: the ledger must be opened again. What was acknowledged is safe. */
export class LedgerFaultedError extends Error {
  override readonly name = 'LedgerFaultedError'
  readonly code = 'ledger-faulted'

  constructor(cause: unknown) {
    super(`The journal failed: ${String(cause)}. What was acknowledged is safe. Open the ledger again.`, {
      cause,
    })
  }
}

/** Nobody can subscribe before the ledger is open. Each failure is told once, so an opening has few. */
const earlyFaultsMax = 100

export class OpenedLedger {
  readonly id: string
  readonly archive: Archive
  readonly views: ReadModels['projector']['views']
  readonly #options: ResolvedOptions
  readonly #faults: EventStream<Fault>
  readonly #events: EventStream<EventEnvelope>
  readonly #live: LiveGames
  readonly #asleep: AsleepGames
  readonly #catalog: Catalog
  readonly #journal: OpenJournal
  readonly #line: JournalLine
  readonly #publisher: Publisher
  readonly #models: ReadModels
  readonly #archiver: Archiver
  readonly #recent: RecentEvents
  readonly #lost: readonly LostGap[]
  readonly #repairedThrough: Position
  readonly #history: History
  readonly #dispatcher: Dispatcher
  readonly #reader: GameReader
  /** Where read models are saved at all. */
  readonly #saving: ModelSaving | undefined
  #shortage: Shortage | undefined
  #closing: Promise<void> | undefined

  static async open(options: ResolvedOptions): Promise<OpenedLedger> {
    const early = new EarlyListener()
    const eventsAtRisk = options.durability === 'synced' ? 0 : options.unsyncedEventsMax + commandEventsMax
    const journal = await options.journal.open(0, early.listener, eventsAtRisk)
    try {
      const identity = await openIdentity(
        options.archive,
        journal.ledgerId,
        options.journal.isEphemeral || (options.adopt && journal.isEmpty),
      )
      const catalog = new Catalog(options.archive, identity)
      await catalog.open()
      const live = new LiveGames(options.games, options.gamesLiveMax)
      const sequencer = new Sequencer(options.clock)
      const recovered = await recover(journal, catalog, live, options.games, sequencer)
      const opened = new OpenedLedger(options, journal, catalog, live, sequencer, recovered)
      early.tell(opened.#line.listener)
      await opened.#begin(recovered)
      return opened
    } catch (cause) {
      await journal.close().catch(() => undefined)
      throw cause
    }
  }

  private constructor(
    options: ResolvedOptions,
    journal: OpenJournal,
    catalog: Catalog,
    live: LiveGames,
    sequencer: Sequencer,
    { lastPosition, lost, asleep, quarantined, repairedThrough }: Recovered,
  ) {
    const { games, archive: store, clock, chance, durability } = options
    this.id = journal.ledgerId
    this.#options = options
    this.#journal = journal
    this.#catalog = catalog
    this.#live = live
    this.#asleep = new AsleepGames(asleep, {
      live,
      read: (stream) => journal.read({ stream }),
      check: (game) => readLastLine(game, games, sequencer),
    })
    this.#faults = new EventStream((cause) => this.#report(subscriberThrew(cause)), earlyFaultsMax)
    this.#events = new EventStream((cause) => this.#report(subscriberThrew(cause)))
    this.#recent = new RecentEvents(lastPosition, options.recentEventsMax)
    this.#lost = lost
    this.#repairedThrough = repairedThrough
    this.#history = new History({
      store,
      catalog,
      readJournal: (range) => journal.read(range),
      shapes: games,
    })
    const onFault = (fault: Fault): void => this.#report(fault)
    this.#models = new ReadModels({
      projections: { ...options.projections, players: options.players },
      checkpoints: options.checkpoints && checkpointsAfterRepair(options.checkpoints, repairedThrough),
      history: ledgerHistory({ history: this.#history, recent: this.#recent, catalog, live }),
      lost,
      clock,
      contextAt: (position) => ({ archived: archivedGames(catalog, position) }),
      playersOf: ({ kind, gameId }) => live.get(streamIdOf(kind, gameId))?.players ?? [],
      onFault,
    })
    this.#publisher = new Publisher(durability, [
      (envelope) => this.#models.apply(envelope),
      (envelope) => this.#collect(envelope),
      (envelope) => this.#recent.push(envelope),
      (envelope) => this.#events.publish(envelope),
    ])
    this.#line = new JournalLine(journal, this.#publisher, durability, {
      space: (shortage) => this.#pause(shortage),
      damaged: (cause) => this.#report(journalDamaged(cause)),
      failed: (cause) => this.#stop(cause),
    })
    const { batchGamesMax, batchBytesMax, batchAgeMaxMs } = options
    this.#archiver = new Archiver(
      {
        store,
        catalog,
        ledgerId: journal.ledgerId,
        notes: this.#line,
        rules: games,
        clock,
        completed: (stream) => live.get(stream)?.completed(),
        onArchived: (streams) => this.#release(streams),
        onFault,
      },
      { batchGamesMax, batchBytesMax, batchAgeMaxMs },
    )
    const archived: ArchivedLogs = {
      mayHave: (stream) => catalog.mayHave(stream),
      read: (stream) => this.#readArchived(stream),
    }
    this.#dispatcher = new Dispatcher({
      live,
      asleep: this.#asleep,
      quarantined,
      archived,
      sequencer,
      random: () => chance.next(),
      publisher: this.#publisher,
      append: (record) => this.#line.append(record),
      durability,
      commandsInFlightMax: options.commandsInFlightMax,
      bytesInFlightMax: options.bytesInFlightMax,
      unsynced: this.#line.unsynced,
      unsyncedEventsMax: durability === 'synced' ? Infinity : options.unsyncedEventsMax,
      isChecked: options.checks,
    })
    this.#saving =
      options.checkpoints &&
      new ModelSaving({
        projector: this.#models.projector,
        line: this.#line,
        onFailure: (cause) => this.#report(checkpointFailed(cause)),
      })
    this.#reader = new GameReader(live, this.#asleep, archived, quarantined)
    this.archive = new Archive(store, catalog, games)
    this.views = this.#models.projector.views
  }

  get events$(): EventStream<EventEnvelope>['observable'] {
    return this.#events.observable
  }

  get faults$(): EventStream<Fault>['observable'] {
    return this.#faults.observable
  }

  game<State, Command extends GameCommand, Event extends GameEvent, Reason extends string>(
    definition: Game<State, Command, Event, Reason>,
    gameId: GameId,
  ): GameHandle<State, Command, Event, Reason> {
    this.#checkGiven(definition)
    return new GameHandle(definition, checkGameId(gameId), this.#dispatcher, this.#reader)
  }

  eventsFrom(
    checkpoint: number,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): AsyncIterable<EventEnvelope> {
    if (!Number.isSafeInteger(checkpoint) || checkpoint < 0)
      throw new TypeError(`A checkpoint is a position from 0; got ${String(checkpoint)}.`)
    const stored = (after: Position, through: Position): AsyncIterable<EventEnvelope> =>
      this.#history.events({ after, through })
    return follow(checkpoint as Position, this.#recent, stored, this.#lost, signal)
  }

  replay(
    definition: AnyGame,
    gameId: GameId,
    options: ReplayOptions = {},
  ): Promise<Either<ReplayError, Replay>> {
    this.#checkGiven(definition)
    return this.#reader.replay(definition, streamIdOf(definition.kind, checkGameId(gameId)), options)
  }

  importEvents(
    lines: AsyncIterable<string> | Iterable<string>,
    options: ImportOptions = {},
  ): Promise<ImportReport> {
    return new EventsImport(this.#options.games, this.#dispatcher, this.#reader).run(lines, options)
  }

  liveGames(): readonly LiveGameRow[] {
    const rows: LiveGameRow[] = []
    for (const live of this.#live.values()) {
      const { kind, gameId, publishedVersion, version, isFinal } = live
      if (publishedVersion === 0) continue
      const final = isFinal && publishedVersion === version
      rows.push({ kind, gameId, version: publishedVersion, players: live.publishedPlayers(), final })
    }
    for (const { stream, version, players } of this.#asleep.values())
      rows.push({ ...partsOfStream(stream), version: version as Version, players, final: false })
    return rows
  }

  verify(options: VerifyOptions = {}): Promise<VerifyReport> {
    const { archive: store, games: rules } = this.#options
    const { head } = this.#recent
    const [catalog, live, asleep] = [this.#catalog, this.#live, this.#asleep]
    // A repair leaves one position more empty: what is built after it stands there.
    const repaired = this.#repairedThrough > 0 ? [{ after: 0, through: this.#repairedThrough + 1 }] : []
    const lost = [...this.#lost, ...repaired]
    return new LedgerVerification({ store, catalog, rules, live, asleep, lost, head }).run(options)
  }

  stats(): LedgerStats {
    const { gamesLiveMax, commandsInFlightMax, bytesInFlightMax } = this.#options
    return {
      position: this.#recent.head,
      games: {
        live: this.#live.size,
        liveMax: gamesLiveMax,
        asleep: this.#asleep.size,
        archived: this.#catalog.games,
      },
      commands: {
        inFlight: this.#dispatcher.inFlight,
        inFlightMax: commandsInFlightMax,
        bytesInFlight: this.#dispatcher.bytesInFlight,
        bytesInFlightMax,
        eventsUnsynced: this.#line.unsynced.count,
      },
      journal: {
        state: this.#line.failure ? 'failed' : this.#shortage ? 'read-only' : 'writing',
        missingBytes: this.#shortage?.missingBytes ?? 0,
      },
      publishing: this.#publisher.depth,
      subscribers: this.#events.subscriberCount,
      archive: this.#archiver.stats(),
      projections: this.#models.stats(),
    }
  }

  async settled(): Promise<void> {
    await this.#publisher.idle()
    if (this.#line.failure) throw new LedgerFaultedError(this.#line.failure.cause)
    await this.#line.synced()
    await this.#archiver.flush()
  }

  async caughtUp(receipt?: Receipt): Promise<void> {
    const { position = this.#recent.head } = receipt ?? {}
    while (this.#recent.head < position && !this.#recent.isOver) await this.#recent.next(undefined)
    await this.#models.caughtUp(position)
  }

  rebuild(name: string, options?: RebuildOptions): Promise<void> {
    return this.#models.rebuild(name, options)
  }

  viewAt(name: string, moment: Moment, { signal }: { readonly signal?: AbortSignal } = {}): Promise<unknown> {
    return this.#models.viewAt(name, moment, signal)
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close())
  }

  /** Catches the projections up, and goes on with what the archive was owed. */
  async #begin({ lastPosition, completed, openIntents }: Recovered): Promise<void> {
    await this.#models.open(lastPosition, this.#options.rebuildAtOpenEventsMax)
    this.#archiver.resume(openIntents)
    const begun = new Set(openIntents.flatMap(({ streams }) => streams))
    for (const { stream, log } of completed)
      if (!begun.has(stream)) this.#archiver.collect(stream, log.byteLength)
    this.#saving?.begin(this.#options.checkpointEveryMs)
  }

  #collect({ kind, gameId, final }: EventEnvelope): void {
    if (!final) return
    const stream = streamIdOf(kind, gameId)
    this.#archiver.collect(stream, this.#live.get(stream)?.log.byteLength ?? 0)
  }

  #release(streams: readonly StreamId[]): void {
    this.#journal.release(streams)
    for (const stream of streams) this.#live.remove(stream)
    this.#models.forget(streams)
  }

  async #readArchived(stream: StreamId): Promise<readonly EventEnvelope[] | undefined> {
    const game = await this.#catalog.find(stream)
    return game?.envelopes(this.#options.games.get(game.index.kind))
  }

  /** Fail-stop: memory is ahead of the disk. */
  #stop(cause: unknown): void {
    this.#dispatcher.stop({ _tag: 'Unavailable', code: 'journal-failed', cause })
    this.#publisher.fail(cause)
    this.#report(journalFailed(cause))
  }

  /** Read-only before a full disk: what frees space goes on. */
  #pause(shortage: Shortage | undefined): void {
    this.#shortage = shortage
    this.#dispatcher.pause(shortage && { _tag: 'Unavailable', code: 'storage-full', ...shortage })
    this.#report(shortage ? storageFull(this.#options.journal.name, shortage) : storageFree)
  }

  async #close(): Promise<void> {
    this.#dispatcher.stop({ _tag: 'Unavailable', code: 'closed' })
    this.#saving?.stop()
    await this.#models.stop()
    await this.#publisher.idle()
    await this.#archiver.close(this.#options.closeDeadlineMs)
    await this.#saving?.save()
    this.#recent.end()
    this.#events.complete()
    await this.#journal.close()
    await this.#options.archive.close()
    this.#faults.complete()
  }

  #report(fault: Fault): void {
    this.#faults.publish(fault)
  }

  #checkGiven(definition: AnyGame): void {
    if (this.#options.games.get(definition?.kind) !== definition)
      throw new TypeError(
        `The game ${String(definition?.kind)} was not given to openLedger. Add it to \`games\`, the same object.`,
      )
  }
}
