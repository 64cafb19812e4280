/**
 * A program that plays tic-tac-toe and keeps the standings in PostgreSQL:
 *
 *     DATABASE_URL=postgres://localhost/games node dist/examples/standings-in-postgres/index.js ./data 100
 *
 * It plays until there are so many games in the ledger, then waits for the table and prints it. Kill it at any moment
 * and start it again: it goes on, and no game counts twice.
 */
import { argv, env, exit, stderr, stdout } from 'node:process'
import { openLedger } from 'gameledger'
import { Client } from 'pg'
import { ticTacToe } from '../tic-tac-toe/game.js'
import { followStandings } from './standings.js'

const [dir = './data', count = '100'] = argv.slice(2)
const players = ['ann', 'bob', 'cid', 'dan', 'eve']

const ledger = await openLedger({ games: [ticTacToe], dir })
const client = new Client(env['DATABASE_URL'] === undefined ? {} : { connectionString: env['DATABASE_URL'] })
await client.connect()
const stop = new AbortController()
const following = followStandings(ledger, client, stop.signal)
following.catch((error: unknown) => {
  stderr.write(`${String(error)}\n`)
  exit(69)
})

for (let number = 0; number < Number(count); number++) {
  const game = ledger.game(ticTacToe, `game-${number}`)
  const one = players[number % 5]!
  const other =
    players[(number * 3 + 1) % 5] === one ? players[(number + 1) % 5]! : players[(number * 3 + 1) % 5]!
  const cells = number % 7 === 0 ? [4, 0, 8, 2, 1, 7, 3, 5, 6] : [4, 0, 2, 1, 6]
  // Each command has an id: one that a killed run has sent already is recorded once.
  const send = (id: string, command: Parameters<typeof game.dispatch>[0]) =>
    game.dispatch(command, { commandId: id })
  await send('join-one', { type: 'Join', player: one })
  await send('join-other', { type: 'Join', player: other })
  for (const [turn, cell] of cells.entries())
    await send(`mark-${turn}`, { type: 'Mark', player: turn % 2 === 0 ? one : other, cell })
}

// The follower ends when it has read all that the closed ledger published.
await ledger.close()
await following
const { rows } = await client.query('select player, games, wins from standings order by wins desc, player')
for (const { player, games, wins } of rows as { player: string; games: string; wins: string }[])
  stdout.write(`${player.padEnd(8)}${games.padStart(6)} games${wins.padStart(6)} won\n`)
await client.end()
