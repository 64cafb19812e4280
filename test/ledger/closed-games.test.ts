/** Who meets the ledger's own event `$closed`, and who never does: rules and boards that know their own events alone. */
import { isRight } from 'fp-ts/lib/Either.js'
import {
  bots,
  defineGame,
  defineProjection,
  elo,
  leaderboard,
  openLedger,
  playerIndex,
  points,
  prometheusText,
  reactor,
  standardBoards,
  wins,
  type EventEnvelope,
  type Ledger,
} from 'gameledger'
import { manualClock, type ManualClock } from 'gameledger/testing'
import { describe, expect, test } from 'vitest'
import { count, faultsOf, finish, inMemory, receiptOf, sit } from './opened.js'
import { advance, settle } from './passing-time.js'
import { tally, type TallyEvent, type TallyState } from './tally-game.js'

const known = new Set(['Sat', 'RoundBegun', 'Counted', 'Finished', 'Poisoned'])

/** Throws at what is no event of the game. */
const checked = <Event extends { readonly type: string }>(event: Event): Event => {
  if (!known.has(event.type)) throw new Error(`${event.type} is no event of this game`)
  return event
}

/** A game that throws wherever it is shown an event that it does not know. */
const prickly = defineGame({
  ...tally,
  evolve: (state: TallyState, event: TallyEvent) => tally.evolve(state, checked(event)),
  view: (state, viewer) => (viewer.as === 'operator' ? state : state.players),
  viewEvent: (event) => checked(event),
  erase: (event) => (checked(event), undefined),
  validate: {
    event: {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value) => ({ value: checked(value as TallyEvent) }),
      },
    },
  },
})

const projections = {
  ...standardBoards(prickly),
  points: leaderboard({
    score: (event: TallyEvent) =>
      checked(event).type === 'Counted' && 'amount' in event ? { [event.player]: event.amount } : {},
    remove: (event: TallyEvent) => (checked(event), []),
  }),
  rated: leaderboard({ operator: elo() }),
  final: leaderboard({ on: 'final', score: points }),
  wins: leaderboard({ score: wins, on: 'final' }),
  types: defineProjection({
    name: 'types',
    version: 1,
    initial: { types: [] as string[] },
    apply: (model, { event }: EventEnvelope<TallyEvent>) => void model.types.push(event.type),
    view: (model) => ({ all: () => [...model.types] }),
  }),
}
const players = playerIndex({ nameOf: (event) => (checked(event), undefined) })

const openOn = (clock: ManualClock, options: object = {}) =>
  openLedger({ games: [prickly], projections, players, clock, idleCloseMs: 1_000, ...inMemory(), ...options })

/** One game that ended by its rules, and one that nobody played any more. */
const played = async (ledger: Ledger, clock: ManualClock): Promise<void> => {
  for (const id of ['whole', 'torn']) {
    const game = ledger.game(prickly, id)
    for (const command of [sit('ann'), sit('bob'), count('ann', 3)]) receiptOf(await game.dispatch(command))
  }
  receiptOf(await ledger.game(prickly, 'whole').dispatch(finish))
  await advance(ledger, clock, 1_000)
}

const exported = async (ledger: Ledger): Promise<string[]> => {
  const lines: string[] = []
  for await (const line of ledger.archive.export()) lines.push(line)
  return lines
}

describe('a game that was closed', () => {
  test('counts as finished, neither won nor lost; what it had scored before stays; nothing is detached', async () => {
    const clock = manualClock()
    const ledger = await openOn(clock)
    const faults = faultsOf(ledger)
    await played(ledger, clock)
    const { points: scored, rated, final, wins: won, types } = ledger.views
    expect(types.all().filter((type) => !known.has(type))).toEqual(['$closed'])
    expect(scored.scoreOf('ann')).toBe(6)
    expect(final.scoreOf('ann')).toBe(3)
    expect(won.top(10)).toMatchObject([
      { player: 'ann', score: 1 },
      { player: 'bob', score: 0 },
    ])
    expect(rated.scoreOf('ann')).toBe(1_510)
    const { live, ...tallied } = ledger.views.players.stats('ann')!
    expect(tallied).toMatchObject({ games: 2, finished: 2, wins: 1, draws: 0, places: [1] })
    expect(live).toBe(0)
    const before = JSON.stringify([scored.top(9), rated.top(9), final.top(9), types.all()])
    for (const name of Object.keys(projections) as (keyof typeof projections)[]) await ledger.rebuild(name)
    expect(JSON.stringify([scored.top(9), rated.top(9), final.top(9), types.all()])).toBe(before)
    expect(faults).toEqual([])
    expect(prometheusText(ledger.stats())).toContain('gameledger_games_closed_idle_total 1')
    await ledger.close()
  })

  test('shows its end to all viewers, and its state as it was', async () => {
    const clock = manualClock()
    const ledger = await openOn(clock)
    await played(ledger, clock)
    for (const viewer of [
      { as: 'spectator' },
      { as: 'player', player: 'ann' },
      { as: 'operator' },
    ] as const) {
      const replay = await ledger.replay(prickly, 'torn', { viewer })
      if (!isRight(replay)) throw new Error(replay.left._tag)
      expect([...replay.right.events].at(-1)).toMatchObject({ event: { type: '$closed' }, final: true })
    }
    await ledger.close()
  })

  test('tells that it is over, where the game says nothing of its events', async () => {
    const { viewEvent: _, ...silent } = prickly
    const quiet = defineGame(silent)
    const clock = manualClock()
    const ledger = await openLedger({ games: [quiet], clock, idleCloseMs: 1_000 })
    receiptOf(await ledger.game(quiet, 'g').dispatch(sit('ann')))
    await advance(ledger, clock, 1_000)
    const replay = await ledger.replay(quiet, 'g', { viewer: { as: 'spectator' } })
    if (!isRight(replay)) throw new Error(replay.left._tag)
    expect([...replay.right.events].map(({ event }) => event.type)).toEqual(['$closed'])
    await ledger.close()
  })

  test('is exported, and taken in by another ledger as it is', async () => {
    const clock = manualClock()
    const ledger = await openOn(clock)
    await played(ledger, clock)
    const lines = await exported(ledger)
    const other = await openOn(manualClock(9_000))
    expect(await other.importEvents(lines)).toMatchObject({ games: 2, events: lines.length, skipped: [] })
    await other.settled()
    const facts = async (of: Ledger) =>
      (await exported(of)).map((line) => {
        const { kind, gameId, version, event, commandId, final, outcome } = JSON.parse(line) as EventEnvelope
        return { kind, gameId, version, event, commandId, final, outcome }
      })
    expect(await facts(other)).toEqual(await facts(ledger))
    expect(await other.importEvents(lines)).toMatchObject({ events: 0, already: lines.length, skipped: [] })
    expect(await other.verify({ deep: true })).toMatchObject({ ok: true, games: 2 })
    await other.close()
    await ledger.close()
  })

  test.each([
    ['of another name', { type: '$forged' }, 2],
    ['with more in it', { type: '$closed', why: 'spite' }, 2],
    ['of a game that has not begun', { type: '$closed' }, 1],
  ])('is not what an import makes of an event of the ledger %s', async (_, event, version) => {
    const ledger = await openOn(manualClock())
    const line = (at: number, what: object) =>
      JSON.stringify({
        kind: 'tally',
        gameId: 'g',
        version: at,
        position: at,
        recordedAt: 1,
        schema: 1,
        event: what,
        final: false,
      })
    const lines = version === 1 ? [line(1, event)] : [line(1, { type: 'Sat', player: 'ann' }), line(2, event)]
    expect(await ledger.importEvents(lines)).toMatchObject({
      events: version - 1,
      skipped: [{ game: 'tally/g' }],
    })
    await ledger.close()
  })

  test('is erased like any other, and the game is not asked of an event that it does not know', async () => {
    const clock = manualClock()
    const ledger = await openOn(clock)
    await played(ledger, clock)
    await ledger.settled()
    expect(await ledger.erase('ann')).toMatchObject({ archivedGames: 2, mentions: 0 })
    const events: string[] = []
    for await (const { event } of ledger.game(prickly, 'torn').events()) events.push(JSON.stringify(event))
    expect(events.at(-1)).toBe('{"type":"$closed"}')
    expect(events.join()).not.toContain('ann')
    expect(await ledger.verify({ deep: true })).toMatchObject({ ok: true, problems: [] })
    await ledger.close()
  })

  test('is told to reactors, and waited for by no bot', async () => {
    const clock = manualClock()
    const waiting = defineGame({ ...tally, botSeats: ({ players: seats }) => seats })
    const heard: string[] = []
    const acted: string[] = []
    const ledger = await openLedger({
      ...{ games: [waiting], clock, idleCloseMs: 1_000 },
      reactors: [
        reactor({ name: 'ear', of: waiting, from: 'now', on: ({ event }) => void heard.push(event.type) }),
        bots({ game: waiting, policy: (_view, player) => void acted.push(player), delayMs: [1_500, 1_500] }),
      ],
    })
    receiptOf(await ledger.game(waiting, 'g').dispatch(sit('ann')))
    expect(ledger.stats().bots.pending).toBe(1)
    await advance(ledger, clock, 1_000)
    expect(heard).toEqual(['Sat', '$closed'])
    expect(ledger.stats().bots.pending).toBe(0)
    await advance(ledger, clock, 1_000)
    await settle(ledger)
    expect(acted).toEqual([])
    await ledger.close()
  })
})
