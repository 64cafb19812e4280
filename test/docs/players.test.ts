/** What docs/guide/players.md shows of the player index and the room directory, on the public doors alone. */
import { isLeft } from 'fp-ts/lib/Either.js'
import { messageOf, openLedger, playerIndex } from 'gameledger'
import { expect, it } from 'vitest'
import { ticTacToe, type TicTacToeEvent } from '../../examples/tic-tac-toe/game.js'

const won = [4, 0, 2, 1, 6]

it('finds players and their games, live and archived', async () => {
  const ledger = await openLedger({ games: [ticTacToe] })
  const play = async (id: string, players: readonly [string, string], cells: readonly number[]) => {
    const game = ledger.game(ticTacToe, id)
    for (const player of players) await game.dispatch({ type: 'Join', player })
    for (const [turn, cell] of cells.entries())
      await game.dispatch({ type: 'Mark', player: players[turn % 2]!, cell })
  }
  await play('g1', ['ann', 'bob'], won)
  await play('g2', ['bob', 'ann'], won)
  await play('g3', ['ann', 'bob'], won)
  await play('g4', ['ann', 'bob'], [4, 0])
  await play('g5', ['ann', 'cid'], won)
  await ledger.settled() // what is over is archived now

  const { players } = ledger.views
  const { games, cursor } = await players.gamesOf('ann', { limit: 3 })
  expect(games.map(({ gameId, archived }) => [gameId, archived])).toEqual([
    ['g4', false],
    ['g5', true],
    ['g3', true],
  ])
  const rest = await players.gamesOf('ann', { limit: 3, cursor: cursor! })
  expect(rest.games.map(({ gameId }) => gameId)).toEqual(['g2', 'g1'])

  expect(players.headToHead('ann', 'bob')).toMatchObject({ games: 3, wins: 2, losses: 1, draws: 0, live: 1 })
  const both = await players.gamesOf('ann', { against: 'cid' })
  expect(both.games.map(({ outcome }) => outcome?.reason)).toEqual(['three-in-a-row'])
  expect(players.stats('ann')).toMatchObject({ games: 5, finished: 4, wins: 3, live: 1 })
  expect(players.search('B')).toEqual([{ player: 'bob' }])
  await ledger.close()
})

it('takes names from events', async () => {
  const nameOf = (event: TicTacToeEvent) =>
    event.type === 'Joined' ? { [event.player]: `Captain ${event.player}` } : undefined
  const ledger = await openLedger({ games: [ticTacToe], players: playerIndex({ nameOf }) })
  await ledger.game(ticTacToe, 'g1').dispatch({ type: 'Join', player: 'ann' })
  expect(ledger.views.players.search('captain')).toEqual([{ player: 'ann', name: 'Captain ann' }])
  await ledger.close()
})

it('opens a room, fills it and plays in it', async () => {
  const ledger = await openLedger({ games: [ticTacToe] })
  const opened = await ledger.rooms.create({ host: 'ann', game: 'tic-tac-toe', capacity: 2 })
  if (isLeft(opened)) throw new Error(messageOf(opened.left))
  const { roomId, code } = opened.right // code: six characters, as in KQ7P3M
  await ledger.rooms.joinByCode(code, 'bob')
  const started = await ledger.rooms.start(roomId, ticTacToe, 'ann', (game, room) => {
    for (const seat of room.seats) game.dispatch({ type: 'Join', player: seat!.player })
  })
  if (isLeft(started)) throw new Error(messageOf(started.left))
  const game = ledger.game(ticTacToe, started.right.gameId)
  await game.dispatch({ type: 'Mark', player: 'ann', cell: 4 })

  expect(ledger.views.rooms.byCode(code)?.playing).toBe(`${roomId}~1`)
  expect(ledger.views.rooms.ofPlayer('bob')).toHaveLength(1)
  expect(ledger.views.rooms.open({ limit: 10 }).rooms).toEqual([]) // it plays, and is full
  await ledger.close()
})
