import { isLeft, isRight } from 'fp-ts/lib/Either.js'
import { fileColdStore, fileJournal, leaderboard, openLedger } from 'gameledger'
import { ticTacToe, type TicTacToeEvent } from './tic-tac-toe/game.js'

const ledger = await openLedger({
  games: [ticTacToe],
  journal: fileJournal('./data/journal'), // live games survive a crash
  archive: fileColdStore('./data/archive'), // completed games leave memory
  projections: {
    wins: leaderboard({ score: (e: TicTacToeEvent) => (e.type === 'Won' ? { [e.player]: 1 } : {}) }),
  },
})
ledger.events$.subscribe(({ gameId, version, event }) => console.log(gameId, version, event.type))

const game = ledger.game(ticTacToe, 'game-1')
await game.dispatch({ type: 'Join', player: 'ann' })
await game.dispatch({ type: 'Join', player: 'bob' })
const early = await game.dispatch({ type: 'Mark', player: 'bob', cell: 4 })
if (isLeft(early)) console.log('refused:', early.left) // { _tag: 'Rejected', reason: 'not-your-turn' }
for (const [player, cell] of [
  ['ann', 4],
  ['bob', 0],
  ['ann', 2],
  ['bob', 1],
  ['ann', 6],
] as const)
  await game.dispatch({ type: 'Mark', player, cell })

console.log(ledger.views.wins.top(10)) // [{ rank: 1, player: 'ann', score: 1, ... }]
const replay = await ledger.replay(ticTacToe, 'game-1')
if (isRight(replay)) console.log(replay.right.version, replay.right.state)
await ledger.close()
