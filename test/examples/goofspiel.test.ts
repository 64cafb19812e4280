/**
 * Goofspiel beyond what its tutorial shows: every reason, every way of a round, and whole games in which nobody learns a bid
 * before its time. Its tests in examples/goofspiel/ are those that docs/guide/own-game.md makes.
 */
import { isRight } from 'fp-ts/lib/Either.js'
import { fileJournal, memoryColdStore, openLedger, type Durability, type Viewer } from 'gameledger'
import { given, seededRandom, simulatedDisk, type SimulatedDisk } from 'gameledger/testing'
import { describe, expect, it } from 'vitest'
import {
  goofspiel,
  type GoofspielCommand,
  type GoofspielEvent,
  type GoofspielState,
} from '../../examples/goofspiel/game.js'

const seats = ['ann', 'bob'].map((player) => ({ player, isBot: false }))
const started: readonly GoofspielEvent[] = [
  { type: 'Started', seats },
  { type: 'PrizeTurned', prize: 4, at: 1 },
]
const made = (player: string, card: number): GoofspielEvent => ({ type: 'BidMade', player, card })
const bid = (player: string, card: number): GoofspielCommand => ({ type: 'Bid', player, card })
const first = { random: () => 0 }

describe('goofspiel', () => {
  it('begins with two, and turns over a prize by chance', () => {
    given(goofspiel, [])
      .when({ type: 'Start', seats }, { now: 7, random: () => 0.99 })
      .thenEvents({ type: 'Started', seats }, { type: 'PrizeTurned', prize: 5, at: 7 })
  })

  it.each([
    ['one', seats.slice(1)],
    ['three', [...seats, { player: 'cid', isBot: false }]],
    ['one on both seats', [seats[0]!, seats[0]!]],
  ])('refuses to begin with %s', (_, players) => {
    given(goofspiel, []).when({ type: 'Start', seats: players }).thenRejected('two-play')
  })

  it('refuses what is out of order', () => {
    given(goofspiel, []).when(bid('ann', 1)).thenRejected('not-started')
    given(goofspiel, started).when({ type: 'Start', seats }).thenRejected('already-started')
    given(goofspiel, started).when(bid('cid', 1)).thenRejected('not-a-player')
    given(goofspiel, started).when(bid('ann', 6)).thenRejected('not-in-hand')
    const second: GoofspielEvent[] = [
      made('ann', 1),
      made('bob', 2),
      { type: 'BidsShown', cards: [1, 2], winner: 'bob' },
      { type: 'PrizeTurned', prize: 1, at: 1 },
    ]
    given(goofspiel, [...started, ...second])
      .when(bid('ann', 1))
      .thenRejected('not-in-hand')
  })

  it('keeps the first bid face down, whoever makes it', () => {
    given(goofspiel, started).when(bid('ann', 3)).thenEvents(made('ann', 3))
    given(goofspiel, started).when(bid('bob', 3)).thenEvents(made('bob', 3))
  })

  it('gives the prize to nobody where the bids are equal', () => {
    given(goofspiel, [...started, made('bob', 3)])
      .when(bid('ann', 3), first)
      .thenEvents(
        made('ann', 3),
        { type: 'BidsShown', cards: [3, 3], winner: null },
        { type: 'PrizeTurned', prize: 1, at: 1 },
      )
      .thenState(({ bidders }) => bidders.every(({ points, hand }) => points === 0 && hand.length === 4))
  })

  it('bids the lowest cards of both who are silent when time is up, and not before', () => {
    given(goofspiel, started).when({ type: 'TimeOut' }, { now: 30_000 }).thenRejected('too-early')
    given(goofspiel, started)
      .when({ type: 'TimeOut' }, { now: 30_001, ...first })
      .thenEvents(
        made('ann', 1),
        made('bob', 1),
        { type: 'BidsShown', cards: [1, 1], winner: null },
        { type: 'PrizeTurned', prize: 1, at: 30_001 },
      )
  })

  it('is won by whoever has more points; equals share a place', () => {
    const base = given(goofspiel, started).state
    const standingsOf = (...points: readonly [number, number]) => {
      const bidders = base.bidders.map((each, seat) => ({ ...each, points: points[seat]! }))
      return goofspiel.result!({ ...base, bidders })?.standings
    }
    expect(standingsOf(2, 13)).toEqual([
      { player: 'ann', place: 2, score: 2 },
      { player: 'bob', place: 1, score: 13 },
    ])
    expect(standingsOf(6, 6)?.map(({ place }) => place)).toEqual([1, 1])
  })
})

interface Step {
  readonly state: GoofspielState
  readonly events: readonly GoofspielEvent[]
}

/** A whole game, step by step, in which both bid what chance says. */
const gameOf = (seed: number): readonly Step[] => {
  const { next: random } = seededRandom(seed)
  const log: GoofspielEvent[] = [...started]
  const steps: Step[] = [{ state: given(goofspiel, log).state, events: log.slice() }]
  for (;;) {
    const { state } = steps.at(-1)!
    if (goofspiel.isTerminal(state)) return steps
    const silent = state.bidders.filter((each) => each.bid === null)
    const { player, hand } = silent[Math.floor(random() * silent.length)]!
    const card = hand[Math.floor(random() * hand.length)]!
    const decided = goofspiel.decide(bid(player, card), state, { now: 1, random, version: log.length })
    if (!isRight(decided)) throw new Error(`${player} may not bid ${card}`)
    log.push(...decided.right)
    steps.push({ state: given(goofspiel, log).state, events: decided.right })
  }
}

const viewers: readonly Viewer[] = [
  ...['ann', 'bob', 'a stranger'].map((player) => ({ as: 'player', player }) as const),
  { as: 'spectator' },
]

/** How often, over a whole game, a viewer sees another state where others lay another of their cards face down. */
const leaksOf = (seed: number, shown: (state: GoofspielState, viewer: Viewer) => unknown): number => {
  let leaks = 0
  for (const { state } of gameOf(seed))
    for (const viewer of viewers) {
      const other = structuredClone(state)
      for (const bidder of other.bidders)
        if (bidder.bid !== null && !(viewer.as === 'player' && viewer.player === bidder.player))
          bidder.bid = bidder.hand.find((card) => card !== bidder.bid) ?? bidder.bid
      if (JSON.stringify(shown(state, viewer)) !== JSON.stringify(shown(other, viewer))) leaks++
    }
  return leaks
}

describe('what is shown of goofspiel', () => {
  const seeds = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]

  it('never depends on a card that lies face down', () => {
    for (const seed of seeds) expect(leaksOf(seed, (state, viewer) => goofspiel.view!(state, viewer))).toBe(0)
  })

  it.each<[string, (state: GoofspielState) => unknown]>([
    ['showed the whole state', (state) => state],
    [
      'took a bid out of the hand at once',
      ({ bidders }) => bidders.map(({ hand, bid: laid }) => hand.filter((card) => card !== laid)),
    ],
  ])('would be found to, if it %s', (_, shown) => {
    for (const seed of seeds) expect(leaksOf(seed, shown)).toBeGreaterThan(0)
  })

  it('is of a bid only that it was made, and of any other event all', () => {
    for (const { events } of gameOf(3))
      for (const event of events)
        for (const viewer of viewers) {
          const isHidden =
            event.type === 'BidMade' && !(viewer.as === 'player' && viewer.player === event.player)
          expect(goofspiel.viewEvent!(event, viewer)).toEqual(isHidden ? { ...event, card: null } : event)
        }
  })
})

it('keeps an answered bid because its answer waits for the disk', async () => {
  const bidAfter = async (durability: Durability, seed: number) => {
    const archive = memoryColdStore()
    const openOn = (disk: SimulatedDisk) => {
      const journal = fileJournal('/journal', { disk, lock: disk.lock })
      return openLedger({ games: [goofspiel], archive, journal, durability })
    }
    const disk = simulatedDisk(seed)
    const game = (await openOn(disk)).game(goofspiel, 'game-1')
    await game.dispatch({ type: 'Start', seats })
    await game.dispatch(bid('ann', 3))
    const after = await openOn(disk.losePower())
    const { state } = after.game(goofspiel, 'game-1')
    await after.close()
    return state?.bidders[0]?.bid
  }
  expect(await Promise.all([1, 2, 3].map((seed) => bidAfter('synced', seed)))).toEqual([3, 3, 3])
  expect(await Promise.all([1, 2, 3].map((seed) => bidAfter('memory', seed)))).not.toEqual([3, 3, 3])
})
