/** The door for tests of games: `gameledger/testing`. Re-exports only, kept by hand. */
export { given, type Given, type Outcome } from './commands/specification.js'
export { manualClock, type ManualClock } from './events/manual-clock.js'
export { seededRandom } from './events/seeded-random.js'
export { faultyDisk } from './events/journal/faulty-disk.js'
export { nodeDisk } from './events/journal/node-disk.js'
export type { Disk, DiskFile } from './events/journal/disk.js'
export {
  simulatedDisk,
  type SimulatedDisk,
  type SimulatedDiskOptions,
  type SimulatedOperation,
} from './events/journal/simulated-disk.js'
