/** The numbers of a ledger: each outcome is counted once, where it belongs. */
import { isLeft } from 'fp-ts/lib/Either.js'
import { expect, test } from 'vitest'
import { ticTacToe } from '../../examples/tic-tac-toe/game.js'
import { measuredLedger } from '../metrics/measured-ledger.js'
import { count, inMemory, join, open, sit } from './opened.js'
import { tally } from './tally-game.js'

/** Those that were met. */
const met = (counts: object) => Object.fromEntries(Object.entries(counts).filter(([, value]) => value > 0))

test('commands are counted by kind and outcome, units apart', async () => {
  const ledger = await measuredLedger()
  const { commands, events, rooms, players, position } = ledger.stats()
  expect(met(commands.answered['tic-tac-toe']!)).toEqual({ accepted: 14, 'game-completed': 1 })
  expect(met(commands.answered['tally']!)).toEqual({
    accepted: 1,
    duplicate: 1,
    unchanged: 1,
    rejected: 1,
    'version-conflict': 1,
    'rules-error': 1,
  })
  expect(met(commands.answered['room']!)).toEqual({ accepted: 1 })
  expect(met(commands.units)).toEqual({ accepted: 1, rejected: 1 })
  expect({ events, rooms, players }).toEqual({
    events: { published: position },
    rooms: { open: 1, live: 1, liveMax: 200_000, closedIdle: 0 },
    players: { known: 2 },
  })
  await ledger.rooms.close('r1', 'ann')
  expect(ledger.stats().rooms.open).toBe(0)
  await ledger.close()
  await ledger.game(ticTacToe, 'g3').dispatch(join('ann'))
  expect(met(ledger.stats().commands.answered['tic-tac-toe']!)).toMatchObject({ unavailable: 1 })
})

test('what is refused at a bound is counted, and not measured', async () => {
  const ledger = await open({ commandsInFlightMax: 3 })
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, nth) => ledger.game(tally, `g${nth}`).dispatch(sit('ann'))),
  )
  expect(answers.filter(isLeft)).toHaveLength(7)
  expect(met(ledger.stats().commands.answered['tally']!)).toEqual({ accepted: 3, overloaded: 7 })
  await ledger.close()
})

test('one command in seventeen is measured, from its call to its answer', async () => {
  const ledger = await open()
  const game = ledger.game(tally, 'g1')
  await game.dispatch(sit('ann'))
  for (let nth = 1; nth < 171; nth++) await game.dispatch(count('ann', nth))
  const { dispatch, answer } = ledger.stats().commands
  expect([dispatch.count, answer.count]).toEqual([11, 11])
  expect(answer.p50Ms).toBeGreaterThan(0)
  expect(answer.sumMs).toBeGreaterThanOrEqual(dispatch.sumMs)
  await ledger.close()
})

test('a journal of files tells its groups, bytes, syncs and files; one in memory none of it', async () => {
  const ledger = await measuredLedger()
  const { commits, bytesWritten, syncs, files, state } = ledger.stats().journal
  expect({ state, files }).toEqual({ state: 'writing', files: 1 })
  expect(syncs!.count).toBe(commits)
  expect(commits).toBeGreaterThanOrEqual(17)
  expect(bytesWritten).toBeGreaterThan(100 * commits!)
  expect(ledger.stats().commands).toMatchObject({ eventsUnsynced: 0, bytesUnsynced: 0 })
  await ledger.close()
  const other = await open()
  expect(other.stats().journal).toEqual({ state: 'writing', missingBytes: 0 })
  await other.close()
})

test('the bytes of the logs in memory are those of all live games, also opened again', async () => {
  const { journal, archive } = inMemory()
  const first = await open({ journal, archive })
  expect(first.stats().memory.logBytes).toBe(0)
  await first.game(tally, 'g1').dispatch(sit('ann'))
  await first.game(tally, 'g1').dispatch(count('ann', 1, 2, 3))
  const { logBytes } = first.stats().memory
  await first.transact((tx) => {
    tx.game(tally, 'g2').dispatch(sit('bob'))
    tx.game(tally, 'g3').dispatch(sit('bob'))
  })
  const { logBytes: withUnit } = first.stats().memory
  expect(logBytes).toBeGreaterThan(100)
  expect(withUnit).toBeGreaterThan(logBytes + 100)
  await first.close()

  const again = await open({ journal, archive })
  expect(again.stats().memory.logBytes).toBe(withUnit)
  await again.erase('ann')
  expect(again.stats().memory.logBytes).toBeGreaterThan(withUnit)
  for (const id of ['g1', 'g2', 'g3']) await again.game(tally, id).dispatch({ type: 'Finish' })
  await again.settled()
  expect(again.stats().games.live).toBe(0)
  expect(again.stats().memory.logBytes).toBe(0)
  await again.close()
})

test('faults are counted by their code', async () => {
  const ledger = await open()
  ledger.events$.subscribe(() => {
    throw new Error('deaf')
  })
  await ledger.game(tally, 'g1').dispatch(sit('ann'))
  await ledger.settled()
  expect(ledger.stats().faults).toEqual({ 'subscriber-threw': 1 })
  await ledger.close()
})
