/**
 * The disk of this machine with slow syncs, or, for the controls, with one protection of the journal taken out below
 * it. It fakes nothing else: every byte and every name goes to the disk behind it.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Disk } from 'gameledger/testing'
import type { Script } from './script.js'

export interface SpoiltDisk extends Disk {
  /** How much longer a sync of a file takes, in ms. May be changed at any time. */
  syncMs: number
}

export const spoiltDisk = (disk: Disk, without: Script['without']): SpoiltDisk => {
  const synced = async (sync: () => Promise<void>): Promise<void> => {
    if (without === 'sync') return
    if (without === 'no-retry-of-sync') await sync().catch(sync)
    else await sync()
  }
  const spoilt: SpoiltDisk = {
    ...disk,
    syncMs: 0,
    open: async (path, mode) => {
      const file = await disk.open(path, mode)
      return {
        size: () => file.size(),
        read: (bytes, start, length, offset) => file.read(bytes, start, length, offset),
        write: (bytes, start, length, offset) => file.write(bytes, start, length, offset),
        sync: async () => {
          if (spoilt.syncMs > 0) await sleep(spoilt.syncMs)
          await synced(() => file.sync())
        },
        close: () => file.close(),
      }
    },
    syncDirectory: (directory) => synced(() => disk.syncDirectory(directory)),
  }
  return spoilt
}
