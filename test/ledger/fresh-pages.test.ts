/**
 * No page contradicts a dispatch that was acknowledged before it was read, unless the reader allows an age.
 *
 * Commands are in flight all the time; whoever was answered reads at once, and others read in between. What they are
 * given is held against a sorted array of what was published up to the position that the view says.
 */
import { setImmediate as turn } from 'node:timers/promises'
import * as fc from 'fast-check'
import {
  elo,
  leaderboard,
  openLedger,
  type EventEnvelope,
  type LeaderboardView,
  type PlayerId,
} from 'gameledger'
import { manualClock } from 'gameledger/testing'
import { describe, expect, test } from 'vitest'
import type { BoardRules } from '../../src/projections/leaderboard/board.js'
import { scoredAt } from '../projections/envelopes.js'
import { misleadings, whileMisled } from '../projections/leaderboard/misled-cache.js'
import { SortedBoard } from '../projections/leaderboard/sorted-board.js'
import { count, finish, inMemory, receiptOf, sit } from './opened.js'
import { tally, type TallyEvent } from './tally-game.js'

const amountsOf = (event: TallyEvent): Readonly<Record<PlayerId, number>> =>
  event.type === 'Counted' ? { [event.player]: event.amount } : {}

const shared = { direction: 'desc', tieBreak: [], minGames: 0 } as const
const rules = {
  sum: { ...shared, operator: 'sum', ties: 'competition' },
  best: { ...shared, operator: 'best', ties: 'dense' },
  last: { ...shared, operator: 'last', ties: 'fractional' },
} as const satisfies Record<string, BoardRules>
type Name = keyof typeof rules
const names: readonly Name[] = ['sum', 'best', 'last']

const projections = {
  sum: leaderboard({ ...rules.sum, score: amountsOf }),
  best: leaderboard({ ...rules.best, score: amountsOf }),
  last: leaderboard({ ...rules.last, score: amountsOf }),
}

const open = (clock = manualClock()) => openLedger({ games: [tally], projections, clock, ...inMemory() })

const players = ['ann', 'bob', 'cid', 'dan', 'eve', 'fay']

const dispatches = fc.array(
  fc.record({
    game: fc.nat(2),
    player: fc.constantFrom(...players),
    amounts: fc.array(fc.nat(2), { minLength: 1, maxLength: 2 }),
    board: fc.constantFrom(...names),
    from: fc.nat(4),
    length: fc.integer({ min: 1, max: 3 }),
    /** Whether others get their turn before the next command is sent. */
    isLast: fc.boolean(),
  }),
  { minLength: 20, maxLength: 40, size: 'max' },
)

const asScored = ({ event, position, gameId, recordedAt }: EventEnvelope): EventEnvelope =>
  scoredAt(position, amountsOf(event as TallyEvent), { gameId, recordedAt })

const rowsAt = (name: Name, published: readonly EventEnvelope[], position: number) => {
  const model = new SortedBoard(rules[name])
  for (const envelope of published) if (envelope.position <= position) model.apply(asScored(envelope))
  return model.rows()
}

const property = fc.asyncProperty(dispatches, async (list) => {
  const ledger = await open()
  const published: EventEnvelope[] = []
  ledger.events$.subscribe((envelope) => published.push(envelope))
  const games = [0, 1, 2].map((game) => ledger.game(tally, `g${game}`))
  for (const game of games) for (const player of players) await game.dispatch(sit(player))

  const read = (name: Name, from: number, length: number): void => {
    const view: LeaderboardView = ledger.views[name]
    const rows = rowsAt(name, published, view.position)
    for (const [start, end] of [
      [from, from + length],
      [0, 2],
      [2, 4],
    ] as const)
      expect(view.page(start, end - start)).toEqual(rows.slice(start, end))
    const middle = rows[Math.floor(rows.length / 2)]
    if (middle) expect(view.around(middle.player, 1)).toContainEqual(middle)
  }

  const failures: unknown[] = []
  /** Kept, and thrown when nothing is in flight any more. */
  const tried = (look: () => void): void => {
    try {
      look()
    } catch (error) {
      failures.push(error)
    }
  }
  const inFlight: Promise<void>[] = []
  for (const { game, player, amounts, board, from, length, isLast } of list) {
    const answer = games[game]!.dispatch(count(player, ...amounts))
    const acknowledged = answer.then((settled) =>
      tried(() => {
        const { position } = receiptOf(settled)
        expect(ledger.views[board].position).toBeGreaterThanOrEqual(position)
        expect(published.at(-1)!.position).toBeGreaterThanOrEqual(position)
        read(board, from, length)
      }),
    )
    inFlight.push(acknowledged)
    tried(() => read(board, from, length))
    if (isLast) await turn()
  }
  await Promise.all(inFlight)
  await ledger.close()
  if (failures.length > 0) throw failures[0]
})

describe('pages of a leaderboard', () => {
  test('contradict no dispatch that was acknowledged before they were read', async () => {
    await fc.assert(property, { numRuns: 60 })
  })

  test.each(misleadings)('would be caught if what a change touches %s', async (_, mislead) => {
    const found = await whileMisled(mislead, () => fc.check(property, { numRuns: 60, endOnFailure: true }))
    expect(found.failed).toBe(true)
  })

  test('may be older for readers that allow an age, and for nobody else', async () => {
    const clock = manualClock()
    const ledger = await open(clock)
    const game = ledger.game(tally, 'g')
    await game.dispatch(sit('ann'))
    receiptOf(await game.dispatch(count('ann', 1)))
    const old = ledger.views.sum.top(3)
    const { position } = receiptOf(await game.dispatch(count('ann', 1)))
    clock.advance(50)
    const aged = ledger.views.sum.top(3, { maxAgeMs: 50 })
    expect(aged).toBe(old)
    expect(aged.position).toBeLessThan(position)
    expect(ledger.views.sum.top(3)).toMatchObject([{ player: 'ann', score: 2 }])
    expect(ledger.views.sum.top(3).position).toBeGreaterThanOrEqual(position)
    await ledger.close()
  })

  test('are rendered once for ten thousand readers after a change', async () => {
    const ledger = await open()
    const game = ledger.game(tally, 'g')
    await game.dispatch(sit('ann'))
    await game.dispatch(count('ann', 1))
    const misses = () => ledger.stats().projections['sum']!.cache!.misses
    for (let change = 0; change < 3; change++) {
      receiptOf(await game.dispatch(count('ann', 1)))
      const before = misses()
      const pages = await Promise.all(
        Array.from({ length: 10_000 }, async () => {
          await turn()
          return ledger.views.sum.top(10)
        }),
      )
      expect(new Set(pages).size).toBe(1)
      expect(misses() - before).toBe(1)
    }
    await ledger.close()
  })

  test('of ratings hold a game as soon as its end is acknowledged', async () => {
    const ledger = await openLedger({
      games: [tally],
      projections: { rating: leaderboard({ operator: elo() }) },
      ...inMemory(),
    })
    await Promise.all(
      [1, 2, 3, 4].map(async (round) => {
        const game = ledger.game(tally, `g${round}`)
        await game.dispatch(sit('ann'))
        await game.dispatch(sit('bob'))
        await game.dispatch(count('ann', 1))
        const before = ledger.views.rating.top().find(({ player }) => player === 'ann')?.games ?? 0
        const { position } = receiptOf(await game.dispatch(finish))
        const [ann] = ledger.views.rating.top()
        expect(ann).toMatchObject({ player: 'ann' })
        expect(ann!.games).toBeGreaterThan(before)
        expect(ledger.views.rating.position).toBeGreaterThanOrEqual(position)
      }),
    )
    await ledger.close()
  })
})
