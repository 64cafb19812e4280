/** All metrics of a ledger. Names and labels are stable: dashboards and alarms are built on them. */
import type { LedgerStats } from '../stats.js'
import type { Distribution, HistogramMetric, Metric, NumberMetric, Sample } from './metric.js'

type Numbers = Pick<NumberMetric, 'unit'> & { readonly read: (stats: LedgerStats) => number | undefined }

const samplesOf = (value: number | undefined): readonly Sample[] => (value === undefined ? [] : [{ value }])

const metric =
  (type: 'counter' | 'gauge') =>
  (name: string, help: string, read: Numbers['read'], unit?: Numbers['unit']): Metric => ({
    ...{ name, help, type },
    ...(unit && { unit }),
    read: (stats) => samplesOf(read(stats)),
  })

const counter = metric('counter')
const gauge = metric('gauge')

/** One sample for each entry of what `of` gives. */
const labelled = <Entry>(
  type: 'counter' | 'gauge',
  name: string,
  help: string,
  label: string,
  of: (stats: LedgerStats) => { readonly [key: string]: Entry },
  value: (entry: Entry) => number | undefined,
): Metric => ({
  ...{ name, help, type },
  read: (stats) =>
    Object.entries(of(stats)).flatMap(([key, entry]) =>
      samplesOf(value(entry)).map((sample) => ({ ...sample, labels: { [label]: key } })),
    ),
})

type Durations = LedgerStats['commands']['answer']

const seconds = (ms: number): number => ms / 1_000

const distributionOf = (durations: Durations | undefined): Distribution | undefined =>
  durations && {
    count: durations.count,
    sum: seconds(durations.sumMs),
    atMost: durations.atMost.map(({ ms, count }) => ({ edge: seconds(ms), count })),
    p50: seconds(durations.p50Ms),
    p99: seconds(durations.p99Ms),
  }

const durations = (
  name: string,
  help: string,
  read: (stats: LedgerStats) => Durations | undefined,
): HistogramMetric => ({
  ...{ name, help },
  type: 'histogram',
  unit: 'seconds',
  read: (stats) => distributionOf(read(stats)),
})

/** One sample for each state that there is, 1 for the one that is. */
const statesOf = (is: string, states: readonly string[], labels: Sample['labels'] = {}): readonly Sample[] =>
  states.map((state) => ({ value: Number(state === is), labels: { ...labels, state } }))

const journalStates = ['writing', 'read-only', 'failed']
const projectionStates = ['live', 'catching-up', 'rebuilding', 'paused', 'faulted']

export const ledgerMetrics: readonly Metric[] = [
  {
    name: 'commands',
    help: 'Commands that were answered, by kind of their game and by outcome.',
    type: 'counter',
    read: ({ commands }) =>
      Object.entries(commands.answered).flatMap(([kind, counts]) =>
        Object.entries(counts).map(([outcome, value]) => ({ value, labels: { kind, outcome } })),
      ),
  },
  labelled(
    'counter',
    'units',
    'Units of work that were answered, by outcome.',
    'outcome',
    ({ commands }) => ({ ...commands.units }),
    (count) => count,
  ),
  durations(
    'command.dispatch',
    'How long dispatch takes until it returns, of one command in 17.',
    ({ commands }) => commands.dispatch,
  ),
  durations(
    'command.answer',
    'How long a command waits for its answer, of one command in 17.',
    ({ commands }) => commands.answer,
  ),
  gauge('commands.in_flight', 'Commands that are not yet answered.', ({ commands }) => commands.inFlight),
  gauge(
    'commands.in_flight_max',
    'Beyond so many commands in flight new ones are refused.',
    ({ commands }) => commands.inFlightMax,
  ),
  gauge(
    'events.in_flight',
    'Bytes of events that are not yet published.',
    ({ commands }) => commands.bytesInFlight,
    'bytes',
  ),
  counter('events.published', 'Events that were published.', ({ events }) => events.published),
  gauge('position', 'Position of the newest published event.', ({ position }) => position),
  gauge('publications.waiting', 'Records that wait to be published.', ({ publishing }) => publishing),
  gauge('subscribers', 'Subscribers of events$.', ({ subscribers }) => subscribers),
  gauge(
    'games.live',
    'Games in memory, those that wait for the archive included; without rooms.',
    ({ games }) => games.live,
  ),
  gauge('games.live_max', 'Beyond so many games in memory none begins.', ({ games }) => games.liveMax),
  gauge('games.asleep', 'Games and rooms that are left to the journal.', ({ games }) => games.asleep),
  gauge('games.archived', 'Games in the archive.', ({ games }) => games.archived),
  counter('games.hibernated', 'Games and rooms that left memory.', ({ games }) => games.hibernated),
  counter(
    'games.closed_idle',
    'Games that nobody played and that were ended.',
    ({ games }) => games.closedIdle,
  ),
  gauge('rooms.open', 'Rooms that are not over.', ({ rooms }) => rooms.open),
  gauge('rooms.live', 'Rooms in memory.', ({ rooms }) => rooms.live),
  gauge('rooms.live_max', 'Beyond so many rooms in memory none begins.', ({ rooms }) => rooms.liveMax),
  counter(
    'rooms.closed_idle',
    'Rooms that were abandoned because nothing happened in them.',
    ({ rooms }) => rooms.closedIdle,
  ),
  gauge('players.known', 'Players that the player index knows.', ({ players }) => players.known),
  {
    name: 'journal.state',
    help: 'What the journal does: 1 for the state that it is in.',
    type: 'gauge',
    read: ({ journal }) => statesOf(journal.state, journalStates),
  },
  gauge(
    'journal.missing',
    'Of a full disk: how much could not be reserved.',
    ({ journal }) => journal.missingBytes,
    'bytes',
  ),
  counter(
    'journal.commits',
    'Groups of records that were written and synced.',
    ({ journal }) => journal.commits,
  ),
  counter('journal.written', 'Written to log files.', ({ journal }) => journal.bytesWritten, 'bytes'),
  durations('journal.sync', 'How long the disk takes for a sync.', ({ journal }) => journal.syncs),
  gauge('journal.files', 'Log files in use.', ({ journal }) => journal.files),
  gauge(
    'journal.unsynced_events',
    'Events that are accepted and not yet on the disk, at most.',
    ({ commands }) => commands.eventsUnsynced,
  ),
  gauge(
    'journal.unsynced',
    'Bytes of events that are accepted and not yet on the disk, at most.',
    ({ commands }) => commands.bytesUnsynced,
    'bytes',
  ),
  gauge(
    'archive.waiting_games',
    'Completed games that are not yet archived.',
    ({ archive }) => archive.gamesWaiting,
  ),
  gauge(
    'archive.waiting',
    'Bytes of completed games that are not yet archived.',
    ({ archive }) => archive.bytesWaiting,
    'bytes',
  ),
  gauge(
    'archive.oldest_age',
    'How long the oldest completed game has waited for the archive.',
    ({ archive }) => seconds(archive.oldestAgeMs),
    'seconds',
  ),
  counter('archive.games', 'Games that were archived.', ({ archive }) => archive.gamesArchived),
  counter('archive.batches', 'Batches that were archived.', ({ archive }) => archive.batchesArchived),
  gauge('archive.stopped', '1 where archiving has stopped for good.', ({ archive }) =>
    Number(archive.isStopped),
  ),
  gauge('deadlines.pending', 'Games that have a deadline.', ({ deadlines }) => deadlines.pending),
  counter('deadlines.fired', 'Commands of deadlines that were sent.', ({ deadlines }) => deadlines.fired),
  gauge(
    'deadlines.late_p99',
    'How late 99 of 100 deadlines were decided, at most, since the opening.',
    ({ deadlines }) => seconds(deadlines.lateP99Ms),
    'seconds',
  ),
  gauge('bots.pending', 'Seats of bots that are to act.', ({ bots }) => bots.pending),
  counter('bots.acted', 'Commands of bots that were sent.', ({ bots }) => bots.acted),
  gauge(
    'bots.late_p99',
    'How late 99 of 100 bots acted, at most, behind their delay, since the opening.',
    ({ bots }) => seconds(bots.lateP99Ms),
    'seconds',
  ),
  {
    name: 'reactor.lag_positions',
    help: 'How many positions a reactor is behind.',
    type: 'gauge',
    read: ({ reactors, position }) =>
      Object.entries(reactors).map(([name, { checkpoint }]) => ({
        value: position - checkpoint,
        labels: { reactor: name },
      })),
  },
  labelled(
    'counter',
    'reactor.reacted',
    'Events that were reacted to.',
    'reactor',
    ({ reactors }) => reactors,
    ({ reacted }) => reacted,
  ),
  labelled(
    'gauge',
    'reactor.failing',
    'Streams that wait behind an event that failed.',
    'reactor',
    ({ reactors }) => reactors,
    ({ failing }) => failing,
  ),
  labelled(
    'gauge',
    'projection.lag_positions',
    'How many positions a projection is behind.',
    'projection',
    ({ projections }) => projections,
    ({ lag }) => lag,
  ),
  {
    name: 'projection.state',
    help: 'What a projection does: 1 for the state that it is in.',
    type: 'gauge',
    read: ({ projections }) =>
      Object.entries(projections).flatMap(([projection, { state }]) =>
        statesOf(state, projectionStates, { projection }),
      ),
  },
  labelled(
    'counter',
    'view.cache.hits',
    'Reads of a view that its cache answered.',
    'projection',
    ({ projections }) => projections,
    ({ cache }) => cache?.hits,
  ),
  labelled(
    'counter',
    'view.cache.misses',
    'Reads of a view that had to be rendered.',
    'projection',
    ({ projections }) => projections,
    ({ cache }) => cache?.misses,
  ),
  labelled(
    'counter',
    'faults',
    'Faults that were told, by code.',
    'code',
    ({ faults }) => faults,
    (count) => count,
  ),
  gauge('memory.logs', 'Of the logs of games in memory.', ({ memory }) => memory.logBytes, 'bytes'),
  gauge('memory.catalog', 'Of the catalog of the archive.', ({ memory }) => memory.catalogBytes, 'bytes'),
]
