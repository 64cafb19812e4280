import { expect, it } from 'vitest'
import type { Viewer } from 'gameledger'
import { given } from 'gameledger/testing'
import { goofspiel, type GoofspielEvent } from './game.js'

const seats = ['ann', 'bob'].map((player) => ({ player, isBot: false }))
const turned = (prize: number): GoofspielEvent => ({ type: 'PrizeTurned', prize, at: 1 })
const made = (player: string, card: number): GoofspielEvent => ({ type: 'BidMade', player, card })
const shown = (cards: number[], winner: string | null): GoofspielEvent => ({
  type: 'BidsShown',
  cards,
  winner,
})
const started: GoofspielEvent[] = [{ type: 'Started', seats }, turned(4)]

it('gives the prize to the higher bid, and turns over the next one', () => {
  given(goofspiel, [...started, made('ann', 3)])
    .when({ type: 'Bid', player: 'bob', card: 5 }, { random: () => 0 })
    .thenEvents(made('bob', 5), shown([3, 5], 'bob'), turned(1))
    .thenState(({ bidders }) => bidders[1]!.points === 4)
})

it('refuses to bid twice for a prize', () => {
  given(goofspiel, [...started, made('ann', 3)])
    .when({ type: 'Bid', player: 'ann', card: 5 })
    .thenRejected('already-bid')
})

it('is over when the last prize is won', () => {
  const round = (ann: number, bob: number) => [made('ann', ann), made('bob', bob), shown([ann, bob], 'bob')]
  const rounds = [5, 1, 3, 2].flatMap((prize, nth) => [...round(nth + 1, nth + 2), turned(prize)])
  given(goofspiel, [...started, ...rounds, made('ann', 5)])
    .when({ type: 'Bid', player: 'bob', card: 1 })
    .thenState(({ bidders }) => bidders[1]!.points === 13)
    .thenOver()
})

/** How many different things somebody sees, over all cards that bob may have bid. */
const sights = (viewer: Viewer): number => {
  const seen = [1, 2, 3, 4, 5].map((card) => {
    const { state } = given(goofspiel, [...started, made('bob', card)])
    return JSON.stringify([goofspiel.view!(state, viewer), goofspiel.viewEvent!(made('bob', card), viewer)])
  })
  return new Set(seen).size
}

it('tells nobody else a bid that lies face down', () => {
  expect(sights({ as: 'player', player: 'ann' })).toBe(1)
  expect(sights({ as: 'spectator' })).toBe(1)
  expect(sights({ as: 'player', player: 'bob' })).toBe(5) // or the test could not fail
})
