/** The ten invariants of a ledger, each as an assertion on a ledger that was played on, and on the one that is opened after it. */
import { isRight } from 'fp-ts/lib/Either.js'
import type { EventEnvelope, LeaderboardView, PlayerIndexView, Projection } from 'gameledger'
import { expect } from 'vitest'
import { referenceFold } from './reference-ledger.js'
import { players } from './table-of-games.js'
import { projections, type TestedLedger } from './tested-ledger.js'

type Check = (tested: TestedLedger) => void | Promise<void>

const byStream = (published: readonly EventEnvelope[]): Map<string, EventEnvelope[]> => {
  const games = new Map<string, EventEnvelope[]>()
  for (const envelope of published) {
    const stream = `${envelope.kind}/${envelope.gameId}`
    games.set(stream, [...(games.get(stream) ?? []), envelope])
  }
  return games
}

const versionsAreWithoutGaps: Check = ({ published }) => {
  for (const log of byStream(published).values())
    expect(log.map(({ version }) => version)).toEqual(log.map((_, index) => index + 1))
}

const positionsRiseInPublishOrder: Check = ({ published }) =>
  expect(published.map(({ position }) => position)).toEqual(published.map((_, index) => index + 1))

const acknowledgedEventsSurvive: Check = async ({ ledger, reference }) => {
  for (const [stream, log] of reference.games) {
    const stored: unknown[] = []
    const handle = ledger.game(reference.definitions.get(stream)!, stream.slice(stream.indexOf('/') + 1))
    for await (const { version, position, event, commandId, final, outcome } of handle.events())
      stored.push({ version, position, event, commandId, final, outcome })
    expect(stored).toEqual(log)
  }
}

const refusedCommandsLeaveNoTrace: Check = ({ ledger, reference, published }) => {
  expect(ledger.stats().position).toBe(reference.position)
  expect(published).toHaveLength(reference.position)
}

const stateIsTheFoldOfTheLog: Check = async ({ ledger, reference }) => {
  for (const [stream, log] of reference.games) {
    const game = reference.definitions.get(stream)!
    const loaded = await ledger.game(game, stream.slice(stream.indexOf('/') + 1)).load()
    if (!isRight(loaded)) throw new Error(`${stream} cannot be loaded: ${JSON.stringify(loaded.left)}`)
    const events = log.map(({ event }) => event)
    expect(loaded.right.state).toEqual(referenceFold(game, events))
    expect(loaded.right.version).toBe(log.length)
  }
}

/** After `settled`: what is over is in the archive alone, everything else in memory alone. */
const everyGameIsInOnePlace: Check = async ({ ledger, reference }) => {
  const live = new Set(ledger.liveGames().map(({ kind, gameId }) => `${kind}/${gameId}`))
  for (const stream of reference.games.keys()) {
    expect({ stream, live: live.has(stream), archived: await ledger.archive.has(stream) }).toEqual({
      stream,
      live: !reference.isOver(stream),
      archived: reference.isOver(stream),
    })
    const handle = ledger.game(reference.definitions.get(stream)!, stream.slice(stream.indexOf('/') + 1))
    expect(handle.state === undefined).toBe(reference.isOver(stream))
  }
  const over = [...reference.games.keys()].filter((stream) => reference.isOver(stream))
  expect(ledger.stats().games).toMatchObject({
    live: reference.games.size - over.length,
    archived: over.length,
  })
  expect((await ledger.archive.list()).games).toHaveLength(over.length)
}

const replayedFinalStateIsTheLiveOne: Check = async ({ ledger, reference, lastStates }) => {
  const over = [...reference.games.keys()].filter((stream) => reference.isOver(stream))
  expect([...lastStates.keys()].sort()).toEqual(over.sort())
  for (const [stream, state] of lastStates) {
    const id = stream.slice(stream.indexOf('/') + 1)
    const replay = await ledger.replay(reference.definitions.get(stream)!, id)
    if (!isRight(replay)) throw new Error(`${stream} cannot be replayed: ${JSON.stringify(replay.left)}`)
    expect(replay.right.state).toEqual(state)
    expect(replay.right.final).toBe(true)
  }
}

/** All that a board or an index answers, as data. */
const boardAsData = (view: LeaderboardView) => ({ position: view.position, rows: view.page(0, 100) })

const indexAsData = async (view: PlayerIndexView) => ({
  count: view.count,
  stats: players.map((player) => view.stats(player)),
  found: view.search('', 100),
})

/** The read model made anew, by nothing but its projection and the events. */
const rebuilt = <View>(projection: Projection<View>, events: readonly EventEnvelope[]): View => {
  const head = events.at(-1)?.position ?? 0
  const running = projection.start({ clock: { now: () => 1 }, checkpoint: () => head as never })
  for (const envelope of events) {
    const { kinds, on } = projection
    if ((on !== 'final' || envelope.final) && (!kinds || kinds.includes(envelope.kind)))
      running.apply(envelope)
  }
  return running.view
}

const projectionsEqualTheirRebuild: Check = async (tested) => {
  const { views } = tested.ledger
  const events = await tested.eventsAfter(0)
  expect(events).toEqual(tested.published)
  expect(boardAsData(views.points)).toEqual(boardAsData(rebuilt(projections.points, events)))
  expect(boardAsData(views.wins)).toEqual(boardAsData(rebuilt(projections.wins, events)))
  expect(views.counts.get()).toEqual(rebuilt(projections.counts, events).get())
  const { playerIndex } = await import('gameledger')
  expect(await indexAsData(views.players)).toEqual(await indexAsData(rebuilt(playerIndex(), events)))
  for (const player of players) {
    const { games } = await views.players.gamesOf(player, { limit: 100 })
    const wanted = [...tested.reference.games.keys()].filter((stream) => {
      const log = tested.published.filter((one) => `${one.kind}/${one.gameId}` === stream)
      return log.findLast((one) => one.players)?.players?.includes(player)
    })
    expect(games.map(({ kind, gameId }) => `${kind}/${gameId}`).sort()).toEqual(wanted.sort())
  }
}

const nothingFollowsFinal: Check = ({ published }) => {
  for (const log of byStream(published).values())
    expect(log.slice(0, -1).some(({ final }) => final)).toBe(false)
}

const nothingIsLeftInQueues: Check = ({ ledger }) => {
  const { commands, publishing, archive } = ledger.stats()
  expect({ ...commands, publishing, waiting: archive.gamesWaiting }).toMatchObject({
    inFlight: 0,
    bytesInFlight: 0,
    publishing: 0,
    waiting: 0,
  })
}

/** In the order of docs; each is checked on a settled ledger. */
export const invariants: readonly Check[] = [
  versionsAreWithoutGaps,
  positionsRiseInPublishOrder,
  acknowledgedEventsSurvive,
  refusedCommandsLeaveNoTrace,
  stateIsTheFoldOfTheLog,
  everyGameIsInOnePlace,
  replayedFinalStateIsTheLiveOne,
  projectionsEqualTheirRebuild,
  nothingFollowsFinal,
  nothingIsLeftInQueues,
]
