/**
 * A process that plays, saves its read models all the time, and makes them anew all the time, until it is killed. Run
 * from `build/faults`, over the public doors alone. Its arguments: its directory, and how to meddle
 * with its files (model-files.ts), as JSON.
 */
import { writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { openLedger } from 'gameledger'
import { tally } from '../ledger/tally-game.js'
import { meddle, type Meddling } from './model-files.js'
import { paging } from './paging.js'

const meddling = JSON.parse(process.argv[3]!) as Meddling
meddle(meddling)

const ledger = await openLedger({
  games: [tally],
  dir: process.argv[2]!,
  projections: { paging },
  checkpointEveryMs: 2,
  batchAgeMaxMs: 20,
  checks: false,
})
writeSync(1, 'opened\n')

const rebuildForEver = async (): Promise<never> => {
  for (;;) {
    await ledger.rebuild('paging')
    await sleep(3)
  }
}
void rebuildForEver()

for (let n = 0; ; n++) {
  const game = ledger.game(tally, `${process.pid}-${n}`)
  await game.dispatch({ type: 'Sit', player: 'ann' })
  await game.dispatch({ type: 'Count', player: 'ann', amounts: [1, 2, 3] })
  await game.dispatch({ type: 'Finish' })
}
