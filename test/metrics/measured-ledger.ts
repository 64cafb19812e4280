/** A ledger on a disk in memory where each outcome of a command was met. */
import { fileJournal, leaderboard, memoryColdStore, openLedger, reactor, wins } from 'gameledger'
import { simulatedDisk } from 'gameledger/testing'
import { ticTacToe } from '../../examples/tic-tac-toe/game.js'
import { join, sit, wonByAnn, type Opened } from '../ledger/opened.js'
import { tally } from '../ledger/tally-game.js'
import { noLock } from '../events/journal/small-journal.js'

export type Measured = Opened

/** Two games over, one that goes on, a room, units, refusals, rules and a subscriber that threw. */
export const measuredLedger = async (): Promise<Measured> => {
  const ledger = await openLedger({
    games: [ticTacToe, tally],
    journal: fileJournal('/j', { disk: simulatedDisk(1), lock: noLock }),
    archive: memoryColdStore(),
    projections: { wins: leaderboard({ score: wins, on: 'final' }) },
    durability: 'synced',
    reactors: [reactor({ name: 'listener', from: 'start', on: () => Promise.resolve() })],
  })
  ledger.events$.subscribe(({ final }) => {
    if (final) throw new Error('a subscriber of no account')
  })
  for (const id of ['g1', 'g2'])
    for (const command of wonByAnn) await ledger.game(ticTacToe, id).dispatch(command)
  const going = ledger.game(tally, 't1')
  await going.dispatch(sit('ann'), { commandId: 'c1' })
  await going.dispatch(sit('ann'), { commandId: 'c1' })
  await going.dispatch({ type: 'Idle' })
  await going.dispatch(sit('ann'))
  await going.dispatch(sit('bob'), { expectedVersion: 7 })
  await going.dispatch({ type: 'Explode' }).catch(() => undefined)
  await ledger.game(ticTacToe, 'g1').dispatch(join('cid'))
  await ledger.rooms.create({ roomId: 'r1', host: 'ann', game: 'tic-tac-toe', capacity: 2 })
  await ledger.transact((tx) => void tx.game(tally, 't2').dispatch(sit('ann')))
  await ledger.transact((tx) => void tx.game(tally, 't2').dispatch(sit('ann')))
  await ledger.settled()
  return ledger as unknown as Measured
}
