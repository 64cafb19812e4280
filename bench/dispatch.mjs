// Dispatch: 1 000 games x 100 moves, one event a command, state { moves, turn, scores }; memory journal, a leaderboard
// and the player index attached. Beside it, in the same process and in turn: the floor (a Map, an array push, a
// reducer, one promise a command) and the floor with one immer draft a command.
//
//     npm run bench -- dispatch
//
// Figures are commands per CPU second (user + system, all threads), medians of five after one warm-up.
import { Immer } from 'immer'
import { memoryJournal } from '../dist/index.js'
import { manualClock } from '../dist/testing.js'
import { dispatchTo, evolve, initialState, openLoad, play } from './load.mjs'
import { median, measureCpu } from './measure.mjs'

const floor = (reduce) => () => {
  const all = new Map()
  return {
    dispatch: async (id, { player, points }) => {
      let game = all.get(id)
      if (!game) all.set(id, (game = { events: [], state: structuredClone(initialState) }))
      const event = { type: 'Moved', player, points }
      game.events.push(event)
      game.state = reduce(game.state, event)
      return { version: game.events.length }
    },
    close: async () => {},
  }
}
const immer = new Immer({ autoFreeze: false })

const contenders = {
  'floor: Map, push, reducer, one promise': floor((state, event) => {
    evolve(state, event)
    return state
  }),
  'floor with one immer draft a command': floor((state, event) =>
    immer.produce(state, (draft) => evolve(draft, event)),
  ),
  gameledger: async () => {
    const ledger = await openLoad({ journal: memoryJournal() })
    return { dispatch: dispatchTo(ledger), close: () => ledger.close() }
  },
}

const rate = async (make, games, moves) => {
  const { dispatch, close } = await make()
  const seconds = await measureCpu(() => play(games, moves, dispatch))
  await close()
  return (games * moves) / seconds
}

/** The medians of five runs of each contender, in turn. */
const compare = async (games, moves, rounds = 5) => {
  const rates = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]))
  for (const [, make] of Object.entries(contenders)) await rate(make, games, Math.ceil(moves / 2))
  for (let round = 0; round < rounds; round++)
    for (const [name, make] of Object.entries(contenders)) rates[name].push(await rate(make, games, moves))
  return Object.fromEntries(Object.entries(rates).map(([name, all]) => [name, median(all)]))
}

/** Plays some games through one ledger: a thousand that are measured, and as many that take their places for a while. */
const sleepers = async (gamesLiveMax) => {
  const clock = manualClock(1_700_000_000_000)
  const ledger = await openLoad({ journal: memoryJournal(), clock, gamesLiveMax, idleAfterMs: 1 })
  const dispatch = dispatchTo(ledger)
  const visit = async (prefix) => {
    // Few at a time: a twentieth of the bound is left for what comes while others leave.
    for (let from = 0; from < 1_000; from += 40) {
      clock.advance(1_000)
      const answers = Array.from({ length: 40 }, (_, nth) =>
        dispatch(`${prefix}-${from + nth}`, { type: 'Move', player: 0, points: 1 }),
      )
      for (const { _tag, left } of await Promise.all(answers))
        if (_tag === 'Left') throw new Error(left.bound)
    }
  }
  for (const prefix of ['game', 'other', 'game']) await visit(prefix)
  return { ledger, dispatch }
}

/** How many times dearer a command is in a ledger whose games have all hibernated and were woken: the median of many pairs. */
const afterHibernation = async () => {
  const [woken, never] = [await sleepers(1_100), await sleepers(1_000_000)]
  if (woken.ledger.stats().games.hibernated < 1_000) throw new Error('The games have not hibernated.')
  const cost = ({ dispatch }) => measureCpu(() => play(1_000, 10, dispatch))
  const ratios = []
  for (let round = 0; round < 70; round++) {
    const [first, second] = round % 2 === 0 ? [woken, never] : [never, woken]
    const [one, other] = [await cost(first), await cost(second)]
    // The first rounds warm up.
    if (round >= 10) ratios.push(round % 2 === 0 ? one / other : other / one)
  }
  await woken.ledger.close()
  await never.ledger.close()
  return median(ratios)
}

export const run = async () => {
  const results = {}
  for (const [games, moves] of [
    [1_000, 100],
    [10_000, 10],
    [50, 2_000],
  ])
    results[`${games} games x ${moves} moves`] = await compare(games, moves)
  const dearer = await afterHibernation()
  const main = results['1000 games x 100 moves']
  const [floorName] = Object.keys(contenders)
  // A game's beginning and a cold cache cost the floor, too: what must not grow is how many times slower we are.
  const timesSlower = Object.values(results).map((rates) => rates[floorName] / rates.gameledger)
  return {
    unit: 'commands per CPU second',
    results,
    promises: [
      {
        promise: 'at least 100 000 commands per CPU second',
        holds: main.gameledger >= 100_000,
        value: Math.round(main.gameledger),
      },
      {
        promise: 'aim: 0.25 of the floor',
        holds: main.gameledger >= 0.25 * main[floorName],
        value: Number((main.gameledger / main[floorName]).toFixed(3)),
      },
      {
        promise:
          'flat from 10 to 2 000 moves a game: times slower than the floor, largest over smallest at most 1.5',
        holds: Math.max(...timesSlower) <= 1.5 * Math.min(...timesSlower),
        value: Number((Math.max(...timesSlower) / Math.min(...timesSlower)).toFixed(2)),
      },
      {
        promise: 'games that have hibernated and were woken: a command at most 1.02 times as dear',
        holds: dearer <= 1.02,
        value: Number(dearer.toFixed(3)),
      },
    ],
  }
}
