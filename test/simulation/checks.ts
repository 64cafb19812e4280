/** The invariants of a ledger, held against it after each opening, and once more when it is settled. */
import { isLeft, isRight, type Either } from 'fp-ts/lib/Either.js'
import type { EventEnvelope, GameEvent, StreamId } from 'gameledger'
import { room } from '../../dist/commands/rooms/room.js'
import { tally, type TallyEvent } from '../ledger/tally-game.js'
import { pointsOf, projections, seasons, type Simulated } from './life.js'
import { checkRooms, checkSettledRooms } from './room-checks.js'
import { textOf, type Truth } from './truth.js'
import { demand } from './violation.js'

type Gaps = readonly { readonly after: number; readonly through: number }[]

/** All events of the ledger, as a reader of its history gets them. */
export const eventsOf = async (ledger: Simulated): Promise<EventEnvelope[]> => {
  const { position } = ledger.stats()
  const events: EventEnvelope[] = []
  // It ends by itself, also where retention has dropped the newest event of all.
  for await (const envelope of ledger.history()) events.push(envelope)
  // What acts by itself goes on meanwhile: what is shown now is compared with what has happened until now.
  return ledger.stats().position === position ? events : eventsOf(ledger)
}

/** By stream: games, and rooms. */
const byGame = (events: readonly EventEnvelope[]): Map<string, EventEnvelope[]> => {
  const games = new Map<string, EventEnvelope[]>()
  for (const envelope of events) {
    const stream = `${envelope.kind}/${envelope.gameId}`
    const log = games.get(stream)
    if (log) log.push(envelope)
    else games.set(stream, [envelope])
  }
  return games
}

/** The rules, applied to copies, one event after the other. */
const folded = (log: readonly EventEnvelope[]): unknown => {
  const rules = log[0]!.kind === room.kind ? room : tally
  const evolve = rules.evolve as (state: unknown, event: GameEvent) => unknown
  let state: unknown = structuredClone(rules.initialState)
  for (const { event } of log) {
    const next = structuredClone(state)
    state = evolve(next, event) ?? next
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
    if (envelope.kind === room.kind) continue
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
  checkRooms(ledger, events, truth)
  // What was made from a shortened history cannot be told from what forgets.
  if (truth.dropped.isForgotten) return events
  const happened = truth.dropped.with(events)
  viewsAreTheirRebuild(ledger, happened)
  await seasonsAreTheirEvents(ledger, happened)
  return events
}

/** Its id stays taken, and its events are not to be had. */
const isAnsweredAsGone = async (ledger: Simulated, stream: StreamId): Promise<void> => {
  const gameId = stream.slice(stream.indexOf('/') + 1)
  if (!stream.startsWith(`${tally.kind}/`)) return
  demand(!(await ledger.archive.has(stream)), () => `${stream} is gone, and in the archive`)
  const game = ledger.game(tally, gameId)
  const loaded = await game.load()
  demand(isLeft(loaded), () => `${stream} is gone, and loads as ${JSON.stringify(loaded)}`)
  const answer = await game.dispatch({ type: 'Idle' })
  demand(
    isLeft(answer) && answer.left._tag === 'GameCompleted',
    () => `${stream} is gone, and answers ${JSON.stringify(answer)}`,
  )
}

/** What must hold besides, when nothing fails and nothing is under way any more. */
export const checkSettled = async (
  ledger: Simulated,
  events: readonly EventEnvelope[],
  { dropped }: Truth,
  read: readonly EventEnvelope[],
): Promise<void> => {
  const texts = events.map(textOf)
  demand(
    equal(dropped.without(read).map(textOf), texts),
    () => 'a reader over all lives has other events than the ledger',
  )
  const games = byGame(events)
  const live = new Set(ledger.liveGames().map(({ kind, gameId }) => `${kind}/${gameId}`))
  for (const [game, log] of games) {
    const isOver = log.at(-1)!.final
    const isArchived = await ledger.archive.has(game as StreamId)
    demand(
      isArchived === isOver,
      () => `${game} is ${isOver ? 'over' : 'live'}, in the archive: ${isArchived}`,
    )
    demand(!isOver || !live.has(game), () => `${game} is in the archive and in memory`)
    const { kind, gameId } = log[0]!
    const loaded: Either<unknown, { readonly version: number; readonly state: unknown }> = await (
      kind === room.kind ? ledger.game(room, gameId) : ledger.game(tally, gameId)
    ).load()
    demand(
      isRight(loaded) && loaded.right.version === log.length && equal(loaded.right.state, folded(log)),
      () => `${game} loads as ${JSON.stringify(loaded)}, folded ${JSON.stringify(folded(log))}`,
    )
  }
  for (const stream of dropped.streams) await isAnsweredAsGone(ledger, stream as StreamId)
  const { games: archived } = await ledger.archive.list({ limit: 1_000 })
  const over = [...games.values()].filter((log) => log.at(-1)!.final).length
  demand(archived.length === over, () => `${archived.length} games are in the archive, ${over} are over`)
  await checkSettledRooms(ledger, events)
  const report = await ledger.archive.verify({ deep: true })
  demand(report.ok, () => `verify finds ${JSON.stringify(report.problems)}`)
  const { commands, archive, publishing } = ledger.stats()
  demand(
    commands.inFlight === 0 && commands.bytesInFlight === 0 && publishing === 0 && archive.gamesWaiting === 0,
    () => `something is left over: ${JSON.stringify({ commands, publishing, archive })}`,
  )
}
