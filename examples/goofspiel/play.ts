import { isLeft, isRight } from 'fp-ts/lib/Either.js'
import { messageOf, openLedger, seededRandom } from 'gameledger'
import { goofspiel } from './game.js'
import { games, guessing, projections } from './index.js'

const chance = seededRandom(1) // so that your first game is the one shown here; leave it out to play others
const ledger = await openLedger({ games, projections, reactors: [guessing], dir: './data', chance })

const room = await ledger.rooms.create({ host: 'ann', game: 'goofspiel', capacity: 2, bots: 1 })
if (isLeft(room)) throw new Error(messageOf(room.left))
const started = await ledger.rooms.start(room.right.roomId, goofspiel, 'ann', (game, { seats }) => {
  game.dispatch({ type: 'Start', seats: seats.filter((seat) => seat !== null) })
})
if (isLeft(started)) throw new Error(messageOf(started.left))

const { gameId } = started.right
const viewer = { as: 'player', player: 'ann' } as const
for await (const step of ledger.playback(goofspiel, gameId, { viewer, factor: Infinity })) {
  const event = step.event?.event
  if (event?.type === 'BidsShown') console.log(...event.cards, event.winner ?? 'nobody')
  if (event?.type === 'PrizeTurned')
    await ledger.game(goofspiel, gameId).dispatch({ type: 'Bid', player: 'ann', card: event.prize })
}

await ledger.settled() // what is over is archived now
for (const { rank, player, score } of ledger.views.prizes.top(2)) console.log(rank, player, score)
const replay = await ledger.replay(goofspiel, gameId)
if (isRight(replay)) console.log(gameId, replay.right.version, replay.right.hash)
await ledger.close()
