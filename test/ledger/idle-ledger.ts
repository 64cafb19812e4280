/** Ledgers that end idle games after a second, for tests of it. */
import { openLedger, type EventEnvelope, type Ledger, type LedgerOptions } from 'gameledger'
import type { ManualClock } from 'gameledger/testing'
import { ticTacToe } from '../../examples/tic-tac-toe/game.js'
import { hourglass } from './hourglass-game.js'
import { inMemory, receiptOf, sit } from './opened.js'
import { tally } from './tally-game.js'

type Options = Partial<LedgerOptions<Record<never, never>>>

export const openPoliced = (clock: ManualClock, options: Options = {}) =>
  openLedger({
    games: [tally, ticTacToe, hourglass],
    ...inMemory(),
    clock,
    idleCloseMs: 1_000,
    ...options,
  })

export const begin = async (ledger: Ledger, id: string) =>
  receiptOf(await ledger.game(tally, id).dispatch(sit('ann')))

export const eventsOf = async (ledger: Ledger, id: string): Promise<EventEnvelope[]> => {
  const events: EventEnvelope[] = []
  for await (const envelope of ledger.game(tally, id).events()) events.push(envelope)
  return events
}

export const typesOf = async (ledger: Ledger, id: string): Promise<string[]> =>
  (await eventsOf(ledger, id)).map(({ event }) => event.type)
