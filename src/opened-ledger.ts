/** An opened ledger: what it answers, and how it begins and ends. See ledger.ts for what callers may rely on. */
import type { Either } from 'fp-ts/lib/Either.js'
import type { Observable } from 'rxjs'
import type { Archive } from './archive/archive.js'
import { Catalog } from './archive/catalog.js'
import { openIdentity } from './archive/identity.js'
import type { PlaybackOptions, PlaybackStep } from './archive/playback.js'
import type { Replay, ReplayError, ReplayOptions } from './archive/replay.js'
import type { VerifyOptions, VerifyReport } from './archive/verification.js'
import { commandEventsMax } from './commands/decision.js'
import type { DispatchError } from './commands/dispatch-error.js'
import type { AnyGame, Game, GameCommand } from './commands/game.js'
import { LiveGames } from './commands/live-games.js'
import type { Receipt } from './commands/receipt.js'
import { fromOutside, type CommandOptions } from './commands/command-options.js'
import type { Unit } from './commands/unit-of-work.js'
import type { EventEnvelope, GameEvent } from './events/envelope.js'
import type { EventStream } from './events/event-stream.js'
import type { Fault } from './events/fault.js'
import { checkGameId, streamIdOf, type GameId, type PlayerId, type StreamId } from './events/ids.js'
import { Sequencer } from './events/sequencer.js'
import { Erasure, type ErasureOptions, type ErasureReport } from './erasure.js'
import { EarlyListener } from './early-listener.js'
import { EventsImport, type ImportOptions, type ImportReport } from './events-import.js'
import { GameHandle } from './game-handle.js'
import { LedgerFaultedError } from './journal-line.js'
import { erasureUnfinished } from './ledger-faults.js'
import { LedgerVerification } from './ledger-verification.js'
import type { ResolvedOptions } from './options.js'
import type { HistoryQuery } from './past-events.js'
import type { Moment } from './projections/past-views.js'
import type { ReadModels, RebuildOptions } from './read-models.js'
import { recover, type Recovered } from './recovery.js'
import { HistoryShortenedError } from './history-shortened.js'
import { OpenedRooms, type Rooms } from './rooms.js'
import { RunningReactors } from './running-reactors.js'
import type { Ledger } from './ledger.js'
import { LedgerParts } from './ledger-parts.js'
import { liveGameRows, statsOf, type LedgerStats, type LiveGameRow } from './stats.js'

export class OpenedLedger {
  readonly id: string
  readonly archive: Archive
  readonly rooms: Rooms
  readonly views: ReadModels['projector']['views']
  readonly #options: ResolvedOptions
  readonly #parts: LedgerParts
  readonly #reactors: RunningReactors
  #meeting: Promise<void> = Promise.resolve()
  readonly #erasure: Erasure
  #closing: Promise<void> | undefined

  static async open(options: ResolvedOptions): Promise<OpenedLedger> {
    const early = new EarlyListener()
    const eventsAtRisk = options.durability === 'synced' ? 0 : options.unsyncedEventsMax + commandEventsMax
    const journal = await options.journal.open(0, early.listener, eventsAtRisk)
    let catalog: Catalog | undefined
    try {
      const identity = await openIdentity(
        options.archive,
        journal.ledgerId,
        options.journal.isEphemeral || (options.adopt && journal.isEmpty),
      )
      catalog = new Catalog(options.archive, identity, options.catalog, options.catalogBytesMax)
      const toTell = await catalog.open()
      const live = new LiveGames(options.games, options)
      const sequencer = new Sequencer(options.clock)
      const recovered = await recover(journal, catalog, live, options.games, sequencer)
      const parts = new LedgerParts(options, journal, catalog, live, sequencer, recovered)
      early.tell(parts.line.listener)
      for (const fault of toTell) parts.report(fault)
      const opened = new OpenedLedger(options, parts)
      await opened.#begin(recovered)
      return opened
    } catch (cause) {
      await catalog?.close()
      await journal.close().catch(() => undefined)
      throw cause
    }
  }

  private constructor(options: ResolvedOptions, parts: LedgerParts) {
    this.id = parts.id
    this.archive = parts.archive
    this.rooms = new OpenedRooms(parts.dispatcher, parts.roomCodes, options.games, (definition) =>
      this.#checkGiven(definition),
    )
    this.views = parts.models.projector.views
    this.#options = options
    this.#parts = parts
    this.#reactors = new RunningReactors(
      options.reactors,
      parts,
      options.checkpoints,
      this as unknown as Ledger,
      (definition) => this.#checkGiven(definition),
    )
    this.#erasure = new Erasure(options, parts)
  }

  get events$(): EventStream<EventEnvelope>['observable'] {
    return this.#parts.events.observable
  }

  get faults$(): EventStream<Fault>['observable'] {
    return this.#parts.faults.observable
  }

  game<State, Command extends GameCommand, Event extends GameEvent, Reason extends string>(
    definition: Game<State, Command, Event, Reason>,
    gameId: GameId,
  ): GameHandle<State, Command, Event, Reason> {
    this.#checkGiven(definition)
    return new GameHandle(definition, checkGameId(gameId), this.#parts.dispatcher, this.#parts.reader)
  }

  transact(
    build: (tx: Unit) => void,
    options: CommandOptions = {},
  ): Promise<Either<DispatchError, readonly Receipt[]>> {
    return this.#parts.dispatcher.transact(build, fromOutside(options), (definition) =>
      this.#checkGiven(definition),
    )
  }

  eventsFrom(
    checkpoint: number,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): AsyncIterable<EventEnvelope> {
    return this.#parts.readings.eventsFrom(checkpoint, signal)
  }

  history(query: HistoryQuery = {}): AsyncIterable<EventEnvelope> {
    return this.#parts.readings.history(query)
  }

  history$(query: HistoryQuery = {}): Observable<EventEnvelope> {
    return this.#parts.readings.history$(query)
  }

  replay(
    definition: AnyGame,
    gameId: GameId,
    options: ReplayOptions = {},
  ): Promise<Either<ReplayError, Replay>> {
    return this.#parts.reader.replay(definition, this.#streamOf(definition, gameId), options)
  }

  playback(definition: AnyGame, gameId: GameId, options: PlaybackOptions = {}): AsyncIterable<PlaybackStep> {
    const stream = this.#streamOf(definition, gameId)
    return this.#parts.readings.playback(definition, stream, options)
  }

  playback$(definition: AnyGame, gameId: GameId, options: PlaybackOptions = {}): Observable<PlaybackStep> {
    const stream = this.#streamOf(definition, gameId)
    return this.#parts.readings.playback$(definition, stream, options)
  }

  importEvents(
    lines: AsyncIterable<string> | Iterable<string>,
    options: ImportOptions = {},
  ): Promise<ImportReport> {
    const { dispatcher, reader, imports } = this.#parts
    return imports.run(new EventsImport(this.#options.games, dispatcher, reader), lines, options)
  }

  liveGames(): readonly LiveGameRow[] {
    return liveGameRows(this.#parts)
  }

  verify(options: VerifyOptions = {}): Promise<VerifyReport> {
    const { archive: store, games: rules } = this.#options
    const { catalog, live, asleep, recent, repairedThrough } = this.#parts
    const { head } = recent
    // A repair leaves one position more empty: what is built after it stands there.
    const repaired = repairedThrough > 0 ? [{ after: 0, through: repairedThrough + 1 }] : []
    const lost = [...this.#parts.lost, ...repaired]
    return new LedgerVerification({ store, catalog, rules, live, asleep, lost, head }).run(options)
  }

  stats(): LedgerStats {
    return { ...statsOf(this.#options, this.#parts), reactors: this.#reactors.stats() }
  }

  async settled(): Promise<void> {
    const { publisher, line, archiver } = this.#parts
    await publisher.idle()
    if (line.failure) throw new LedgerFaultedError(line.failure.cause)
    await line.synced()
    await archiver.flush()
  }

  async caughtUp(receipt?: Receipt): Promise<void> {
    const { recent, models } = this.#parts
    const { position = recent.head } = receipt ?? {}
    while (recent.head < position && !recent.isOver) await recent.next(undefined)
    await models.caughtUp(position)
  }

  async rebuild(name: string, { shortened = false, ...options }: RebuildOptions = {}): Promise<void> {
    const { models } = this.#parts
    const through = models.shortenedThrough(name)
    if (through > 0 && !shortened) throw new HistoryShortenedError(name, through)
    return models.rebuild(name, options)
  }

  viewAt(name: string, moment: Moment, { signal }: { readonly signal?: AbortSignal } = {}): Promise<unknown> {
    return this.#parts.models.viewAt(name, moment, signal)
  }

  erase(player: PlayerId, options?: ErasureOptions): Promise<ErasureReport> {
    return this.#erasure.run(player, options)
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close())
  }

  /** Catches the projections up, and goes on with what the archive was owed. */
  async #begin({ lastPosition, completed, openIntents }: Recovered): Promise<void> {
    const { models, archiver, roomKeeper, saving, cataloguing } = this.#parts
    await models.open(lastPosition, this.#options.rebuildAtOpenEventsMax)
    archiver.resume(openIntents)
    const begun = new Set(openIntents.flatMap(({ streams }) => streams))
    for (const { stream, log } of completed) if (!begun.has(stream)) archiver.collect(stream, log.byteLength)
    await roomKeeper.meetAll()
    await this.#reactors.begin()
    this.#meeting = this.#parts.timekeeper.begin(() => this.#closing !== undefined)
    saving?.begin(this.#options.checkpointEveryMs)
    cataloguing.begin(this.#options.checkpointEveryMs)
    this.#parts.keeping.begin()
    this.#parts.hibernation.look()
    for (const n of await this.#erasure.unfinished()) this.#parts.report(erasureUnfinished(n))
  }

  async #close(): Promise<void> {
    const { dispatcher, timekeeper, saving, cataloguing, models, publisher } = this.#parts
    const { archiver, recent, events, journal, faults } = this.#parts
    dispatcher.closeDoors()
    // Games that it holds are let go: what acts by itself may wait for one of them.
    await this.#erasure.close()
    await this.#meeting
    await Promise.all([timekeeper.stop(), this.#reactors.stop(this.#options.closeDeadlineMs)])
    dispatcher.stop({ _tag: 'Unavailable', code: 'closed' })
    await this.#parts.hibernation.close()
    saving?.stop()
    cataloguing.stop()
    await models.stop()
    await publisher.idle()
    this.#parts.keeping.close()
    await archiver.close(this.#options.closeDeadlineMs)
    await saving?.save()
    await cataloguing.save()
    recent.end()
    events.complete()
    await journal.close()
    await this.#parts.catalog.close()
    await this.#options.archive.close()
    faults.complete()
  }

  /** @throws TypeError for a bad id, or a game that was not given */
  #streamOf(definition: AnyGame, gameId: GameId): StreamId {
    this.#checkGiven(definition)
    return streamIdOf(definition.kind, checkGameId(gameId))
  }

  #checkGiven(definition: AnyGame): void {
    if (this.#options.games.get(definition?.kind) !== definition)
      throw new TypeError(
        `The game ${String(definition?.kind)} was not given to openLedger. Add it to \`games\`, the same object.`,
      )
  }
}
