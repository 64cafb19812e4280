/** The ledger of a demonstration: bots play in it, deadlines are kept, and its clock runs faster than the machine's. */
import { fastClock, seededRandom, systemClock, type Clock } from '../../index.js'
import { botPlayOf, openData, type DataLedger, type GamesModule } from '../data.js'

/** It tells of the last week, so that what a long demonstration records is not of the future, whoever opens it next. */
const headStartMs = 7 * 86_400_000

const clockOf = (speed: number): Clock =>
  speed === 1 ? systemClock : fastClock(speed, systemClock.now() - headStartMs)

/** `speed`: so many times as fast as people play. `seed`: of cards and of what bots draw. */
export const openDemo = (
  directory: string,
  module: GamesModule,
  { speed, seed }: { readonly speed: number; readonly seed: number },
): Promise<DataLedger> =>
  openData({ data: directory }, module, {
    ...{ clock: clockOf(speed), chance: seededRandom(seed) },
    ...{ reactors: [botPlayOf(module).bots], deadlines: true },
  })
