/**
 * Everything that a manifest names, read in order and checked: the games that went on, then those that sleep.
 *
 * This changes nothing on the disk. Opening reads back and then makes the log ready for frames (restart.ts); repair
 * reads back to see whether anything is damaged, and whether what it wrote is whole.
 */
import { CarriedRecovery } from './carried-recovery.js'
import { readRun } from './carried-games.js'
import type { AsleepGame, StoredRecord } from './journal.js'
import type { StreamId } from '../ids.js'
import { Log, type LogPlace } from './log.js'
import type { Manifest } from './manifest.js'
import { OrderCheck } from './order-check.js'
import { Recovery } from './recovery.js'

/** What was read. */
export interface ReadBack {
  readonly recovery: Recovery
  readonly asleep: readonly AsleepGame[]
  /** Of an event; 0 where there is none. */
  readonly lastPosition: number
}

/** Fills a new log. @throws CorruptLogError, FormatTooNewError */
export const readBack = async (
  log: Log,
  manifest: Manifest,
  visit: (record: StoredRecord) => void,
): Promise<ReadBack> => {
  const order = new OrderCheck()
  const remnants = new Set<StreamId>(manifest.remnants)
  const settled = new Set(manifest.settled)
  const carried = new CarriedRecovery(log, remnants, order, visit)
  await carried.readIndexes(manifest)
  const recovery = new Recovery(log.place, manifest, {
    prepare: (bytes, frames, path) => carried.prepare(bytes, frames, path),
    hold: (record, file) => log.holdings.hold(record, file),
    visit: (record, path) => {
      if (record.type === 'events') {
        if (remnants.has(record.stream)) return
        if (carried.has(record)) return order.saw(record.firstPosition + record.count - 1)
        carried.before(record)
        order.follow(record, path)
      } else if (settled.has(record.batch)) return
      visit(record)
    },
  })
  await recovery.run()
  const asleep = await carried.finish()
  return { recovery, asleep, lastPosition: order.lastPosition }
}

/** The same, and every record of the games that sleep. @throws CorruptLogError, FormatTooNewError */
export const readBackAll = async (
  place: LogPlace,
  manifest: Manifest,
  visit: (record: StoredRecord) => void = () => undefined,
): Promise<void> => {
  const log = new Log(place, manifest)
  const { asleep } = await readBack(log, manifest, visit)
  for (const { stream } of asleep)
    for (const run of log.carriedGames.runsOf(stream))
      for (const record of await readRun(place.disk, run)) visit(record)
}
