/** A disk, an archive, and ledgers on them one after another, each ended in a way of its own. */
import { fileJournal, memoryColdStore, type ColdStore, type Journal } from 'gameledger'
import { simulatedDisk, type SimulatedDisk } from 'gameledger/testing'

/** How a life ends without being asked. */
export type Death = 'kill' | 'losePower'

export const lives = <Clock, Options, Opened>(
  seed: number,
  open: (
    clock: Clock,
    options: { readonly journal: Journal; readonly archive: ColdStore } & Options,
  ) => Promise<Opened>,
) => {
  let disk: SimulatedDisk = simulatedDisk(seed)
  const archive: ColdStore = memoryColdStore()
  return {
    open: (clock: Clock, options: Options): Promise<Opened> =>
      open(clock, {
        journal: fileJournal('/j', { disk, lock: disk.lock, logFileBytesMax: 2_048 }),
        archive,
        ...options,
      }),
    /** The next reading from the disk fails. */
    failNextRead: (): void => disk.failNext('read', 'EIO'),
    end: (how: Death): void => {
      disk = disk[how]()
    },
  }
}
