/** What one ledger exports, another takes in: the same games, boards and final states. */
import * as fc from 'fast-check'
import { isRight } from 'fp-ts/lib/Either.js'
import { elo, leaderboard, openLedger, type Ledger, type LeaderboardView } from 'gameledger'
import { manualClock } from 'gameledger/testing'
import { describe, expect, it } from 'vitest'
import { projections } from './tested-ledger.js'
import { tally } from './tally-game.js'
import { ticTacToe } from '../../examples/tic-tac-toe/game.js'

const boards = { ...projections, rating: leaderboard({ operator: elo() }) }

const opened = (options: object = {}) =>
  openLedger({ games: [tally, ticTacToe], projections: boards, checks: true, ...options })

const players = ['ann', 'bob', 'cid']

/** Plays games that overlap; `draws` say who counts what in which. All of them end. */
const play = async (
  ledger: Ledger,
  draws: readonly { readonly game: number; readonly player: number; readonly amounts: readonly number[] }[],
  commandIds: boolean,
): Promise<void> => {
  const names = [...new Set(draws.map(({ game }) => `g${game}`))]
  for (const name of names)
    for (const player of players) await ledger.game(tally, name).dispatch({ type: 'Sit', player })
  for (const [at, { game, player, amounts }] of draws.entries())
    await ledger
      .game(tally, `g${game}`)
      .dispatch(
        { type: 'Count', player: players[player]!, amounts },
        commandIds ? { commandId: `c${at}`, actor: players[player]! } : {},
      )
  for (const name of names) await ledger.game(tally, name).dispatch({ type: 'Finish' })
  await ledger.settled()
}

const exported = async (ledger: Ledger): Promise<string[]> => {
  const lines: string[] = []
  for await (const line of ledger.archive.export()) lines.push(line)
  return lines
}

const versionOf = async (ledger: Ledger, gameId: string) => {
  const loaded = await ledger.game(tally, gameId).load()
  return isRight(loaded) ? loaded.right.version : undefined
}

/** A line without the place and the time of its recording. */
const facts = (line: string) => {
  const {
    position: _,
    recordedAt: __,
    occurredAt: ___,
    ...rest
  } = JSON.parse(line) as Record<string, unknown>
  return rest
}

const withoutTimes = (view: LeaderboardView) => view.page(0, 100)

const draws = fc.array(
  fc.record({
    game: fc.nat(4),
    player: fc.nat(2),
    amounts: fc.array(fc.nat(9), { minLength: 1, maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 30 },
)

describe('importing events', () => {
  it('gives the same games, boards, times and final states, and once', { timeout: 60_000 }, () =>
    fc.assert(
      fc.asyncProperty(draws, fc.boolean(), async (list, commandIds) => {
        const clock = manualClock(1_000)
        const first = await opened({ clock })
        await play(first, list, commandIds)
        const lines = await exported(first)
        const second = await opened()
        const report = await second.importEvents(lines)
        expect(report).toMatchObject({ events: lines.length, already: 0, skipped: [] })
        expect(await second.importEvents(lines)).toMatchObject({
          events: 0,
          already: lines.length,
          skipped: [],
        })
        await second.settled()
        for (const board of ['points', 'rating', 'wins'] as const)
          expect(withoutTimes(second.views[board])).toEqual(withoutTimes(first.views[board]))
        expect(second.views.counts.get().types).toEqual(first.views.counts.get().types)
        for (let game = 0; game < 5; game++) {
          const [one, other] = await Promise.all(
            [first, second].map((ledger) => ledger.replay(tally, `g${game}`)),
          )
          if (!isRight(one!) || !isRight(other!)) {
            expect(other!._tag).toBe(one!._tag)
            continue
          }
          expect(other.right.state).toEqual(one.right.state)
          expect(other.right.version).toBe(one.right.version)
          expect(
            other.right.events.map(({ event, commandId, actor }) => ({ event, commandId, actor })),
          ).toEqual(one.right.events.map(({ event, commandId, actor }) => ({ event, commandId, actor })))
          for (const { occurredAt } of other.right.events) expect(occurredAt).toBe(1_000)
        }
        // What comes out of the second is what came out of the first, but for places and times.
        expect((await exported(second)).map(facts)).toEqual(lines.map(facts))
        expect((await second.verify({ deep: true })).problems).toEqual([])
        await first.close()
        await second.close()
      }),
      { numRuns: 25 },
    ),
  )

  it('goes on where it was cut, and keeps its order where a bound holds it up', async () => {
    const first = await opened()
    const list = Array.from({ length: 300 }, (_, at) => ({ game: at % 5, player: at % 3, amounts: [at] }))
    await play(first, list, false)
    const lines = await exported(first)
    const second = await opened({ commandsInFlightMax: 7 })
    await second.importEvents(lines.slice(0, 111))
    const report = await second.importEvents(lines)
    expect(report).toMatchObject({ already: 111, events: lines.length - 111, skipped: [] })
    await second.settled()
    expect(withoutTimes(second.views.points)).toEqual(withoutTimes(first.views.points))
    await first.close()
    await second.close()
  })

  it('leaves out games that it cannot take, tells which and why, and takes the others', async () => {
    const first = await opened()
    await play(
      first,
      [
        { game: 0, player: 0, amounts: [1] },
        { game: 1, player: 1, amounts: [2] },
        { game: 2, player: 1, amounts: [3] },
      ],
      false,
    )
    const lines = await exported(first)
    const second = await opened()
    await second.game(tally, 'g1').dispatch({ type: 'Sit', player: 'eve' })
    const bad = [
      ...lines.filter((line) => !(line.includes('"g2"') && line.includes('"version":2,'))),
      lines[0]!.replace('"kind":"tally"', '"kind":"chess"'),
      lines[0]!.replace('"g0"', '"new"').replace('"schema":1', '"schema":9'),
      lines[0]!.replace('"g0"', '"new/2"'),
    ]
    const { skipped, games } = await second.importEvents(bad)
    expect(games).toBe(2)
    expect(await versionOf(second, 'g1')).toBe(1)
    const reasons = Object.fromEntries(skipped.map(({ game, reason }) => [game, reason]))
    expect(reasons['tally/g1']).toMatch(/another game/)
    expect(reasons['tally/g2']).toMatch(/before version 3 are missing/)
    expect(reasons['chess/g0']).toMatch(/rules of chess were not given/)
    expect(reasons['tally/new']).toMatch(/newer version/)
    expect(reasons['tally/new/2']).toMatch(/may not/)
    await first.close()
    await second.close()
  })

  it('never mixes a game with what somebody plays in it meanwhile', async () => {
    const first = await opened()
    const list = Array.from({ length: 1_500 }, (_, at) => ({ game: at % 2, player: at % 3, amounts: [1] }))
    await play(first, list, false)
    const lines = await exported(first)
    const second = await opened()
    const meddled = async function* () {
      for (const [at, line] of lines.entries()) {
        if (at === 2_000) await second.game(tally, 'g0').dispatch({ type: 'Sit', player: 'eve' })
        yield line
      }
    }
    const { skipped } = await second.importEvents(meddled())
    expect(skipped).toMatchObject([{ game: 'tally/g0', reason: expect.stringMatching(/somebody plays it/) }])
    const events: string[] = []
    for await (const { event } of second.game(tally, 'g0').events()) events.push(JSON.stringify(event))
    const original = lines
      .map((line) => JSON.parse(line) as { gameId: string; event: object })
      .filter(({ gameId }) => gameId === 'g0')
      .map(({ event }) => JSON.stringify(event))
    expect(events.at(-1)).toMatch(/eve/)
    expect(events.slice(0, -1)).toEqual(original.slice(0, events.length - 1))
    await second.settled()
    expect(await versionOf(second, 'g1')).toBe(await versionOf(first, 'g1'))
    await first.close()
    await second.close()
  })

  it('refuses what is no export with its line, and says when the ledger takes nothing any more', async () => {
    const ledger = await opened()
    const line = JSON.stringify({
      kind: 'tally',
      gameId: 'g1',
      version: 1,
      recordedAt: 1,
      schema: 1,
      event: { type: 'Sat', player: 'ann' },
    })
    await expect(ledger.importEvents([line, '', 'no json'])).rejects.toMatchObject({
      code: 'no-exported-event',
      line: 3,
    })
    await expect(ledger.importEvents([line, '{"kind":"tally"}'])).rejects.toThrow(/its `gameId` is wrong/)
    await expect(ledger.importEvents(['null'])).rejects.toThrow(/its `kind` is wrong/)
    await ledger.close()
    await expect(ledger.importEvents([line])).rejects.toMatchObject({ code: 'import-stopped' })
  })
})
