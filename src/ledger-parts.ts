/**
 * The parts of an opened ledger, wired: each is handed what it needs of the others, and what it has to tell is brought
 * to those who must hear of it. What callers may ask of the whole is opened-ledger.ts.
 */
import type { Archive } from './archive/archive.js'
import { Archiver } from './archive/archiver.js'
import type { Catalog } from './archive/catalog.js'
import { catalogUnsaved } from './archive/catalog/catalog-faults.js'
import { History } from './archive/history.js'
import { ArchiveKeeping } from './archive-keeping.js'
import { archivedGames } from './archived-games.js'
import type { ArchivedLogs } from './commands/archived-answer.js'
import { AsleepGames } from './commands/asleep-games.js'
import { checkpointsAfterRepair } from './checkpoints-after-repair.js'
import { CommandCounts } from './commands/command-counts.js'
import { Dispatcher } from './commands/dispatcher.js'
import { Hibernation, noteOfLive } from './commands/hibernation.js'
import { OwnCommands } from './commands/own-commands.js'
import { RoomCodes } from './commands/rooms/room-codes.js'
import type { HandoverPorts } from './archive/handover.js'
import type { LiveGames } from './commands/live-games.js'
import type { EventEnvelope } from './events/envelope.js'
import { EventStream } from './events/event-stream.js'
import type { Fault } from './events/fault.js'
import { streamIdOf, type Position, type StreamId, type Version } from './events/ids.js'
import type { LostGap } from './events/lost-gap.js'
import type { OpenJournal } from './events/journal/journal.js'
import { Publisher } from './events/publisher.js'
import { RecentEvents } from './events/recent-events.js'
import type { Sequencer } from './events/sequencer.js'
import { roomKind } from './events/room-event.js'
import { deadlineUnknown } from './game-meeting.js'
import { GameReader } from './game-reader.js'
import { Imports } from './imports.js'
import { JournalLine } from './journal-line.js'
import { JournalTroubles } from './journal-troubles.js'
import { checkpointFailed, hibernationFailed, subscriberThrew } from './ledger-faults.js'
import { ledgerHistory } from './ledger-history.js'
import type { ResolvedOptions } from './options.js'
import { roomDirectory } from './projections/rooms/room-directory.js'
import { ReadModels } from './read-models.js'
import { RegularSaving } from './regular-saving.js'
import { Readings } from './readings.js'
import { RoomKeeper } from './room-keeper.js'
import { readLastLine, type Recovered } from './recovery.js'
import { Timekeeper } from './timekeeper.js'

/** Nobody can subscribe before the ledger is open. Each failure is told once, so an opening has few. */
const earlyFaultsMax = 100

export class LedgerParts {
  readonly id: string
  readonly archive: Archive
  readonly keeping: ArchiveKeeping
  readonly #options: ResolvedOptions
  readonly faults: EventStream<Fault>
  /** How many of each code were reported. */
  readonly faultCounts = new Map<string, number>()
  readonly events: EventStream<EventEnvelope>
  readonly live: LiveGames
  readonly asleep: AsleepGames
  readonly catalog: Catalog
  readonly journal: OpenJournal
  readonly line: JournalLine
  readonly troubles: JournalTroubles
  readonly publisher: Publisher
  readonly models: ReadModels
  readonly archiver: Archiver
  readonly hibernation: Hibernation
  readonly recent: RecentEvents
  readonly lost: readonly LostGap[]
  readonly repairedThrough: Position
  readonly history: History
  readonly dispatcher: Dispatcher
  readonly commandCounts: CommandCounts
  readonly timekeeper: Timekeeper
  readonly own: OwnCommands
  readonly roomCodes: RoomCodes
  readonly roomKeeper: RoomKeeper
  readonly imports: Imports
  readonly reader: GameReader
  readonly readings: Readings
  /** Where read models are saved at all. */
  readonly saving: RegularSaving | undefined
  /** Of the catalog. */
  readonly cataloguing: RegularSaving

  constructor(
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
    this.journal = journal
    this.catalog = catalog
    this.live = live
    this.asleep = new AsleepGames(asleep, {
      live,
      read: (stream) => journal.read({ stream }),
      check: (game) => readLastLine(game, games, sequencer),
    })
    this.faults = new EventStream((cause) => this.report(subscriberThrew(cause)), earlyFaultsMax)
    this.events = new EventStream((cause) => this.report(subscriberThrew(cause)))
    this.recent = new RecentEvents(lastPosition, options.recentEventsMax)
    this.lost = lost
    this.repairedThrough = repairedThrough
    this.history = new History({
      store,
      catalog,
      readJournal: (range) => journal.read(range),
      shapes: games,
    })
    const onFault = (fault: Fault): void => this.report(fault)
    this.models = new ReadModels({
      projections: { ...options.projections, players: options.players, rooms: roomDirectory() },
      checkpoints: options.checkpoints && checkpointsAfterRepair(options.checkpoints, repairedThrough),
      history: ledgerHistory({
        history: this.history,
        recent: this.recent,
        catalog,
        live,
        asleep: this.asleep,
      }),
      lost,
      clock,
      contextAt: (position) => ({ archived: archivedGames(catalog, position) }),
      playersOf: ({ kind, gameId }) => {
        const stream = streamIdOf(kind, gameId)
        return (live.get(stream) ?? this.asleep.get(stream))?.players ?? []
      },
      shortenedThrough: () => catalog.shortenedThrough,
      onFault,
    })
    this.publisher = new Publisher(durability, [
      (envelope) => this.models.apply(envelope),
      (envelope) => this.#collect(envelope),
      (envelope) => this.roomKeeper.hear(envelope),
      (envelope) => this.timekeeper.hear(envelope),
      (envelope) => this.recent.push(envelope),
      (envelope) => this.events.publish(envelope),
    ])
    const dispatcher = (): Dispatcher => this.dispatcher
    this.troubles = new JournalTroubles({
      name: options.journal.name,
      dispatcher,
      publisher: this.publisher,
      report: onFault,
    })
    this.line = new JournalLine(journal, this.publisher, durability, this.troubles, noteOfLive(live))
    const { batchGamesMax, batchBytesMax, batchAgeMaxMs } = options
    this.archiver = new Archiver(
      {
        store,
        catalog,
        ledgerId: journal.ledgerId,
        notes: this.line,
        rules: games,
        clock,
        completed: (stream) => this.#completed(stream),
        onArchived: (streams) => this.#release(streams),
        onFault,
      },
      { batchGamesMax, batchBytesMax, batchAgeMaxMs },
    )
    this.hibernation = new Hibernation(
      {
        live,
        asleep: this.asleep,
        clock,
        synced: () => this.line.synced(),
        carry: (idle) => journal.carry(idle),
        onFailure: (cause) => {
          if (!this.line.failure) this.report(hibernationFailed(cause))
        },
      },
      {
        idleAfterMs: options.idleAfterMs,
        completedAfterMs: Math.min(options.idleAfterMs, 2 * options.batchAgeMaxMs),
      },
    )
    live.onAdded = this.hibernation.look
    const archived: ArchivedLogs = {
      mayHave: (stream) => catalog.mayHave(stream),
      read: (stream) => this.#readArchived(stream),
      goneVersion: async (stream) => (await catalog.goneEvents(stream)) as Version | undefined,
    }
    this.commandCounts = new CommandCounts(games.keys())
    this.dispatcher = new Dispatcher({
      live,
      asleep: this.asleep,
      quarantined,
      archived,
      makeRoom: () => this.hibernation.makeRoom(),
      sequencer,
      random: () => chance.next(),
      publisher: this.publisher,
      append: (record) => this.line.append(record),
      durability,
      commandsInFlightMax: options.commandsInFlightMax,
      bytesInFlightMax: options.bytesInFlightMax,
      unsynced: this.line.unsynced,
      unsyncedEventsMax: durability === 'synced' ? Infinity : options.unsyncedEventsMax,
      isChecked: options.checks,
      counts: this.commandCounts,
    })
    const isImported: Imports['mayContinue'] = (game) => this.imports.mayContinue(game)
    this.timekeeper = new Timekeeper(options, { live, asleep: this.asleep, dispatcher, onFault, isImported })
    this.own = new OwnCommands(dispatcher)
    this.roomCodes = new RoomCodes(() => chance.next())
    this.roomKeeper = new RoomKeeper({
      live,
      codes: this.roomCodes,
      own: this.own,
      asleep: this.asleep,
      isOver: async (stream) =>
        live.get(stream)?.isFinal ?? (this.asleep.isOver(stream) || (await this.catalog.had(stream))),
      isImported,
    })
    this.imports = new Imports({
      live,
      asleep: this.asleep,
      meet: (game) => (game.kind === roomKind ? this.roomKeeper.meet(game) : this.timekeeper.meet(game)),
      onUnread: (stream, cause) => this.report(deadlineUnknown(stream, cause)),
    })
    this.saving =
      options.checkpoints &&
      new RegularSaving({
        // A model that was saved and then not on the disk's side of a crash would hold events that never happened.
        save: () => this.models.projector.save(() => this.line.synced()),
        onFailure: (cause) => {
          if (!this.line.failure) this.report(checkpointFailed(cause))
        },
      })
    this.cataloguing = new RegularSaving({
      save: () => catalog.save(),
      onFailure: (cause) => this.report(catalogUnsaved(cause)),
    })
    this.reader = new GameReader(live, this.asleep, catalog, games, quarantined)
    this.readings = new Readings({
      history: this.history,
      recent: this.recent,
      lost,
      reader: this.reader,
      clock,
      report: (cause) => this.report(subscriberThrew(cause)),
    })
    const { archiver, id: ledgerId } = this
    this.keeping = new ArchiveKeeping(options, {
      catalog,
      archiver,
      ledgerId,
      onFault,
      onDropped: () => this.recent.clear(),
    })
    this.archive = this.keeping.archive
  }

  report(fault: Fault): void {
    this.faultCounts.set(fault.code, (this.faultCounts.get(fault.code) ?? 0) + 1)
    this.faults.publish(fault)
  }

  #collect({ kind, gameId, final }: EventEnvelope): void {
    if (!final) return
    const stream = streamIdOf(kind, gameId)
    this.archiver.collect(stream, this.live.get(stream)?.log.byteLength ?? 0)
  }

  #release(streams: readonly StreamId[]): void {
    this.journal.release(streams)
    for (const stream of streams) {
      this.live.remove(stream)
      this.asleep.remove(stream)
    }
    this.models.forget(streams)
  }

  /** Wherever it is: a game that waits for the archive for long may sleep. */
  #completed(stream: StreamId): ReturnType<HandoverPorts['completed']> {
    const live = this.live.get(stream)
    if (live) return live.completed()
    return this.asleep.has(stream) ? this.asleep.read(stream).then((game) => game.completed()) : undefined
  }

  #readArchived(stream: StreamId): Promise<readonly EventEnvelope[] | undefined> {
    return this.catalog.readGame(stream, (game) => game.envelopes(this.#options.games.get(game.index.kind)))
  }
}
