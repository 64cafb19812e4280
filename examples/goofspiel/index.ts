import { bots, leaderboard, standardBoards } from 'gameledger'
import { goofspiel, type GoofspielEvent, type GoofspielView } from './game.js'

/** Bids any card of its hand. */
export const guessing = bots({
  game: goofspiel,
  policy: ({ bidders }: GoofspielView, player, random) => {
    const { hand } = bidders.find((bidder) => bidder.player === player)!
    return { type: 'Bid', player, card: hand[Math.floor(random() * hand.length)]! }
  },
  delayMs: [100, 300],
})

const prizeWon = (event: GoofspielEvent) =>
  event.type === 'BidsShown' && event.winner !== null ? { [event.winner]: 1 } : {}

export const games = [goofspiel]
export const projections = {
  ...standardBoards(goofspiel), // wins, games, score, rating and more
  prizes: leaderboard({ score: prizeWon, kinds: ['goofspiel'] }),
}
