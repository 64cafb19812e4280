/** The invariants of a ledger, held against it after each opening, and once more when it is settled. */
import { isRight } from 'fp-ts/lib/Either.js'
import type { EventEnvelope } from 'gameledger'
import { tally, type TallyEvent, type TallyState } from '../ledger/tally-game.js'
import { pointsOf, projections, seasons, type Simulated } from './life.js'
import { textOf, type Truth } from './truth.js'
import { demand } from './violation.js'

type Gaps = readonly { readonly after: number; readonly through: number }[]

/** All events of the ledger, as a reader from the beginning gets them. */
export const eventsOf = async (ledger: Simulated): Promise<EventEnvelope[]> => {
  const { position } = ledger.stats()
  const events: EventEnvelope[] = []
  if (position === 0) return events
  const end = new AbortController()
  for await (const envelope of ledger.eventsFrom(0, { signal: end.signal })) {
    if (envelope.position > position) break
    events.push(envelope)
    if (envelope.position === position) break
  }
  return events
}

const byGame = (events: readonly EventEnvelope[]): Map<string, EventEnvelope[]> => {
  const games = new Map<string, EventEnvelope[]>()
  for (const envelope of events) {
    const log = games.get(envelope.gameId)
    if (log) log.push(envelope)
    else games.set(envelope.gameId, [envelope])
  }
  return games
}

/** The rules, applied to copies, one event after the other. */
const folded = (log: readonly EventEnvelope[]): TallyState => {
  let state = structuredClone(tally.initialState)
  for (const { event } of log) {
    const next = structuredClone(state)
    state = (tally.evolve(next, event as TallyEvent) as TallyState | undefined) ?? next
  }
  return state
}

const equal = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

const rowsOf = (view: Simulated['views']['points']): unknown => view.page(0, 100)

const logsAreWhole = (games: ReadonlyMap<string, readonly EventEnvelope[]>): void => {
  for (const [game, log] of games) {
    const versions = log.map(({ version }) => version as number)
    demand(
      versions.every((version, index) => version === index + 1),
      () => `the versions of ${game} are ${versions.join(', ')}`,
    )
    demand(
      log.every(({ final }, index) => !final || index === log.length - 1),
      () => `something follows the end of ${game}`,
    )
  }
}

const viewsAreTheirRebuild = (ledger: Simulated, events: readonly EventEnvelope[]): void => {
  const position = events.at(-1)?.position ?? 0
  const context = { clock: { now: () => 1 }, checkpoint: () => position as never }
  const points = projections.points.start(context)
  const finals = projections.finals.start(context)
  const counts = projections.counts.start(context)
  for (const envelope of events) {
    points.apply(envelope)
    if (envelope.final) finals.apply(envelope)
    counts.apply(envelope)
  }
  demand(
    equal(ledger.views.counts.get(), counts.view.get()),
    () =>
      `counts are ${JSON.stringify(ledger.views.counts.get())}, rebuilt ${JSON.stringify(counts.view.get())}`,
  )
  demand(equal(rowsOf(ledger.views.points), rowsOf(points.view)), () => 'the leaderboard is not its rebuild')
  demand(
    equal(rowsOf(ledger.views.finals), rowsOf(finals.view)),
    () =>
      `the board of outcomes is ${JSON.stringify(rowsOf(ledger.views.finals))}, rebuilt ${JSON.stringify(rowsOf(finals.view))}`,
  )
}

/** Every season in which somebody scored, wherever its board is by now, counted from the events alone. */
const seasonsAreTheirEvents = async (ledger: Simulated, events: readonly EventEnvelope[]): Promise<void> => {
  const wanted = new Map<string, Record<string, number>>()
  for (const { event, recordedAt } of events) {
    const season = seasons.find(({ from, to }) => recordedAt >= from && recordedAt < to)
    // Where nobody scored there is an empty board, or none while the clock says that it has not begun: clocks leap.
    for (const [player, points] of Object.entries(season ? pointsOf(event as TallyEvent) : {})) {
      const totals = wanted.get(season!.name) ?? {}
      wanted.set(season!.name, totals)
      totals[player] = (totals[player] ?? 0) + points
    }
  }
  for (const [name, totals] of wanted) {
    const window = await ledger.views.seasons.at(`season/${name}`)
    const found = Object.fromEntries(window.page(0, 100).map(({ player, score }) => [player, score]))
    demand(
      Object.keys(found).length === Object.keys(totals).length &&
        Object.entries(totals).every(([player, points]) => found[player] === points),
      () => `season ${name} shows ${JSON.stringify(found)}, and its events say ${JSON.stringify(totals)}`,
    )
  }
}

/** What must hold after any opening. Returns all events. */
export const checkOpened = async (ledger: Simulated, truth: Truth, lost: Gaps): Promise<EventEnvelope[]> => {
  await ledger.caughtUp()
  const events = await eventsOf(ledger)
  truth.compare(events, lost)
  logsAreWhole(byGame(events))
  viewsAreTheirRebuild(ledger, events)
  await seasonsAreTheirEvents(ledger, events)
  return events
}

/** What must hold besides, when nothing fails and nothing is under way any more. */
export const checkSettled = async (
  ledger: Simulated,
  events: readonly EventEnvelope[],
  read: readonly EventEnvelope[],
): Promise<void> => {
  const texts = events.map(textOf)
  demand(equal(read.map(textOf), texts), () => 'a reader over all lives has other events than the ledger')
  const games = byGame(events)
  const live = new Set(ledger.liveGames().map(({ gameId }) => gameId))
  for (const [game, log] of games) {
    const isOver = log.at(-1)!.final
    const isArchived = await ledger.archive.has(`tally/${game}`)
    demand(
      isArchived === isOver,
      () => `${game} is ${isOver ? 'over' : 'live'}, in the archive: ${isArchived}`,
    )
    demand(!isOver || !live.has(game), () => `${game} is in the archive and in memory`)
    const loaded = await ledger.game(tally, game).load()
    demand(
      isRight(loaded) && loaded.right.version === log.length && equal(loaded.right.state, folded(log)),
      () => `${game} loads as ${JSON.stringify(loaded)}, folded ${JSON.stringify(folded(log))}`,
    )
  }
  const { games: archived } = await ledger.archive.list({ limit: 1_000 })
  const over = [...games.values()].filter((log) => log.at(-1)!.final).length
  demand(archived.length === over, () => `${archived.length} games are in the archive, ${over} are over`)
  const report = await ledger.archive.verify({ deep: true })
  demand(report.ok, () => `verify finds ${JSON.stringify(report.problems)}`)
  const { commands, archive, publishing } = ledger.stats()
  demand(
    commands.inFlight === 0 && commands.bytesInFlight === 0 && publishing === 0 && archive.gamesWaiting === 0,
    () => `something is left over: ${JSON.stringify({ commands, publishing, archive })}`,
  )
}
