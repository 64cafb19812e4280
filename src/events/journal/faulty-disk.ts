/**
 * A disk that fails on demand, for tests of everything that stands on one.
 *
 * It wraps a real (or simulated) disk, counts what is done to it, and lets the nth operation of a sort fail, or
 * write only a part. With `isDeadAfter` every later change fails too, as for a process that was killed there: so a
 * test crashes a program at each of its steps, one after the other.
 */
import type { Disk, DiskFile } from './disk.js'

/** What can be counted: `change` is whatever alters the disk, creation, renames and syncs included. */
export type DiskOperation = 'write' | 'sync' | 'read' | 'change'

/** One thing that goes wrong. */
export interface DiskFault {
  readonly on: DiskOperation
  /** Counted from 1, from when the fault is handed in. */
  readonly nth: number
  /** `fail` rejects without doing it; `short` (of a write) writes half and says so. @default 'fail' */
  readonly how?: 'fail' | 'short'
  /** Every later change fails too. @default false */
  readonly isDeadAfter?: boolean
  /** @default an error with code `EIO` */
  readonly error?: Error
}

/** A disk with counters, into which faults can be put at any time. */
export interface FaultyDisk extends Disk {
  readonly counts: Readonly<Record<DiskOperation, number>>
  inject(fault: DiskFault): void
}

interface Armed extends DiskFault {
  left: number
}

const ioError = (operation: string): Error =>
  Object.assign(new Error(`EIO: injected fault, ${operation}`), { code: 'EIO', syscall: operation })

class Faults {
  readonly counts: Record<DiskOperation, number> = { write: 0, sync: 0, read: 0, change: 0 }
  #armed: Armed[] = []
  #death: Error | undefined

  inject(fault: DiskFault): void {
    this.#armed.push({ ...fault, left: fault.nth })
  }

  /** Counts an operation. Returns whether it is to be short; throws where it is to fail. */
  meet(operation: DiskOperation, isChange: boolean): boolean {
    this.counts[operation]++
    if (isChange && operation !== 'change') this.counts.change++
    if (isChange && this.#death !== undefined) throw this.#death
    let isShort = false
    for (const fault of [...this.#armed]) {
      if (fault.on !== operation && !(fault.on === 'change' && isChange)) continue
      if (--fault.left > 0) continue
      this.#armed = this.#armed.filter((other) => other !== fault)
      const error = fault.error ?? ioError(operation)
      if (fault.isDeadAfter === true) this.#death = error
      if (fault.how !== 'short') throw error
      isShort = true
    }
    return isShort
  }
}

const faultyFile = (file: DiskFile, faults: Faults): DiskFile => ({
  size: () => file.size(),
  read: async (bytes, start, length, offset) => {
    faults.meet('read', false)
    return file.read(bytes, start, length, offset)
  },
  write: async (bytes, start, length, offset) => {
    const isShort = faults.meet('write', true)
    return file.write(bytes, start, isShort ? Math.ceil(length / 2) : length, offset)
  },
  sync: async () => {
    faults.meet('sync', true)
    return file.sync()
  },
  close: () => file.close(),
})

/** Wraps a disk so that it fails as told. Counting costs nothing worth naming. */
export const faultyDisk = (disk: Disk, ...faults: readonly DiskFault[]): FaultyDisk => {
  const state = new Faults()
  for (const fault of faults) state.inject(fault)
  const change = async <Result>(go: () => Promise<Result>): Promise<Result> => {
    state.meet('change', true)
    return go()
  }
  return {
    counts: state.counts,
    inject: (fault) => state.inject(fault),
    open: async (path, mode) => {
      if (mode === 'create') state.meet('change', true)
      return faultyFile(await disk.open(path, mode), state)
    },
    list: (directory) => disk.list(directory),
    rename: (from, to) => change(() => disk.rename(from, to)),
    remove: (path) => change(() => disk.remove(path)),
    makeDirectory: (directory) => change(() => disk.makeDirectory(directory)),
    syncDirectory: (directory) => change(() => disk.syncDirectory(directory)),
  }
}
