/** What docs/guide/replay.md shows. */
import { isRight } from 'fp-ts/lib/Either.js'
import { openLedger, type Viewer } from 'gameledger'
import { manualClock } from 'gameledger/testing'
import { expect, it } from 'vitest'
import { ticTacToe } from '../../examples/tic-tac-toe/game.js'

const opened = async () => {
  const clock = manualClock(Date.UTC(2026, 0, 1))
  const ledger = await openLedger({ games: [ticTacToe], clock })
  const play = async (...cells: readonly number[]) => {
    for (const player of ['ann', 'bob']) await ledger.game(ticTacToe, 'g').dispatch({ type: 'Join', player })
    for (const [turn, cell] of cells.entries()) {
      clock.advance(10_000)
      const player = turn % 2 === 0 ? 'ann' : 'bob'
      await ledger.game(ticTacToe, 'g').dispatch({ type: 'Mark', player, cell })
    }
    await ledger.settled()
  }
  return { ledger, clock, play }
}

it('replays a game, and steps through it', async () => {
  const { ledger, play } = await opened()
  await play(4, 0, 2, 1, 6)
  const boards: string[] = []

  const viewer: Viewer = { as: 'player', player: 'bob' }
  const replay = await ledger.replay(ticTacToe, 'g', { toVersion: 5, viewer })
  if (isRight(replay)) {
    const { version, state, final, hash } = replay.right
    expect({ version, final, hash }).toEqual({ version: 5, final: false, hash: 'not-comparable' })
    for (const { state: board } of replay.right.states()) boards.push(board.cells.join())
    expect(boards.at(-1)).toBe(state.cells.join())
  }

  expect(boards).toHaveLength(6)
  await ledger.close()
})

it('is watched', async () => {
  const { ledger, play } = await opened()
  await play(4, 0, 2, 1, 6)
  const shown: string[] = []
  const show = (board: unknown) => shown.push(ticTacToe.render!(board))

  const watching = ledger.playback(ticTacToe, 'g', { factor: Infinity })
  for await (const { view, event } of watching) {
    show(view)
    if (event?.final) break
  }

  expect(shown).toHaveLength(9)
  await ledger.close()
})

it('is watched by many', async () => {
  const { ledger, play } = await opened()
  const versions: number[] = []

  const watched = ledger
    .playback$(ticTacToe, 'g', { from: Infinity, viewer: { as: 'spectator' } })
    .subscribe(({ version }) => versions.push(version))

  await play(4, 0, 2)
  watched.unsubscribe()
  await new Promise((resolve) => setImmediate(resolve))
  expect(versions[0]).toBe(0)
  await ledger.close()
})

it('is told from the beginning', async () => {
  const { ledger, play } = await opened()
  await play(4, 0, 2, 1, 6)
  const types = new Map<string, number>()

  for await (const { event } of ledger.history({ kinds: ['tic-tac-toe'] }))
    types.set(event.type, (types.get(event.type) ?? 0) + 1)

  expect(Object.fromEntries(types)).toEqual({ Joined: 2, Marked: 5, Won: 1 })
  await ledger.close()
})
