/**
 * A disk in memory, under a seed, that fails and forgets as real ones do: for tests that crash a program.
 *
 *     const disk = simulatedDisk(7)
 *     const ledger = await openLedger({ games, journal: fileJournal('/journal', { disk, lock: disk.lock }) })
 *     ...                                        // play
 *     const after = disk.losePower()             // or kill(): the old disk never answers again
 *     const next = await openLedger({ games, journal: fileJournal('/journal', { disk: after, lock: after.lock }) })
 *
 * What a kill leaves: everything written, and of writes under way any first part. What power loss leaves: of each
 * sector that was not synced the old bytes, the new, or garbage (simulated-file.ts); of names that were not synced
 * with their directory any. The same seed and the same calls give the same disk. Paths are plain keys.
 */
import { dirname } from 'node:path'
import type { Chance } from '../chance.js'
import { seededRandom } from '../seeded-random.js'
import type { DirectoryLocker } from './directory-lock.js'
import type { Disk, DiskFile, OpenMode } from './disk.js'
import { SimulatedFile } from './simulated-file.js'

/** How a simulated disk behaves while it works. */
export interface SimulatedDiskOptions {
  /** How many of a thousand writes take only a part of what they are given. @default 50 */
  readonly shortWritesPerMille?: number
  /** Bytes that all its files may have together; beyond it `ENOSPC`. May be changed at any time. @default Infinity */
  readonly bytesMax?: number
  /** Called before and after each operation: passes simulated time. @default one turn of the promise queue */
  readonly pause?: () => Promise<void>
}

/** What can be made to fail. */
export type SimulatedOperation = 'read' | 'write' | 'sync' | 'name'

/** A disk under a seed, and what becomes of it. */
export interface SimulatedDisk extends Disk {
  /** Bytes that all its files may have together. */
  bytesMax: number
  /** Bytes that they have, as programs see them. */
  readonly bytesUsed: number
  /** Keeps a directory for one holder; a kill or a loss of power frees it. */
  readonly lock: DirectoryLocker
  /** The next operation of this sort fails with this code. A failed sync calls unsynced sectors clean. @default 'EIO' */
  failNext(operation: SimulatedOperation, code?: string): void
  /** Nothing fails any more that was to fail next. */
  mend(): void
  /** The process was killed: what the next one finds. From now on this disk answers nobody. */
  kill(): SimulatedDisk
  /** The power went: what is found afterwards. From now on this disk answers nobody. */
  losePower(): SimulatedDisk
}

type Names = Map<string, SimulatedFile>

/** A change of names that its directory has not been synced for: `path` is now this file, or none. */
interface NameChange {
  readonly path: string
  readonly file: SimulatedFile | undefined
  /** The name that a rename took it from. */
  readonly from?: string
}

const apply = ({ path, file, from }: NameChange, names: Names): void => {
  if (from !== undefined) names.delete(from)
  if (file === undefined) names.delete(path)
  else names.set(path, file)
}

const failure = (code: string, operation: string, path: string): Error =>
  Object.assign(new Error(`${code}: simulated, ${operation} '${path}'`), { code, syscall: operation, path })

const never = (): Promise<never> => new Promise(() => undefined)

class Simulation implements SimulatedDisk {
  bytesMax: number
  readonly #chance: Chance
  readonly #options: SimulatedDiskOptions
  readonly #pause: () => Promise<void>
  #names: Names = new Map()
  #stored: Names = new Map()
  #changes: NameChange[] = []
  #armed: { readonly operation: SimulatedOperation; readonly code: string }[] = []
  readonly #locked = new Set<string>()
  readonly #underWay = new Set<(part: number) => void>()
  #isOver = false

  constructor(chance: Chance, options: SimulatedDiskOptions) {
    this.#chance = chance
    this.#options = options
    this.#pause = options.pause ?? (() => Promise.resolve())
    this.bytesMax = options.bytesMax ?? Infinity
  }

  get bytesUsed(): number {
    let used = 0
    for (const { size } of this.#names.values()) used += size
    return used
  }

  readonly lock: DirectoryLocker = async (directory) => {
    if (this.#locked.has(directory)) throw failure('EADDRINUSE', 'lock', directory)
    this.#locked.add(directory)
    return { release: async () => void this.#locked.delete(directory) }
  }

  failNext(operation: SimulatedOperation, code = 'EIO'): void {
    this.#armed.push({ operation, code })
  }

  mend(): void {
    this.#armed = []
  }

  open(path: string, mode: OpenMode): Promise<DiskFile> {
    return this.#act(mode === 'create' ? 'name' : undefined, path, () => {
      const found = this.#names.get(path)
      if (found === undefined && mode !== 'create') throw failure('ENOENT', 'open', path)
      if (found !== undefined && mode === 'create') found.truncate()
      const file = found ?? new SimulatedFile()
      if (found === undefined) this.#change({ path, file })
      return this.#handle(path, file)
    })
  }

  list(directory: string): Promise<string[]> {
    return this.#act('read', directory, () =>
      [...this.#names.keys()]
        .filter((path) => dirname(path) === directory)
        .map((path) => path.slice(directory.length + 1))
        .sort(),
    )
  }

  rename(from: string, to: string): Promise<void> {
    return this.#act('name', to, () => {
      const file = this.#names.get(from)
      if (file === undefined) throw failure('ENOENT', 'rename', from)
      this.#change({ path: to, file, from })
    })
  }

  remove(path: string): Promise<void> {
    return this.#act('name', path, () => this.#change({ path, file: undefined }))
  }

  makeDirectory(directory: string): Promise<void> {
    return this.#act(undefined, directory, () => undefined)
  }

  syncDirectory(directory: string): Promise<void> {
    return this.#act('sync', directory, () => {
      const isHere = ({ path }: NameChange): boolean => dirname(path) === directory
      for (const change of this.#changes) if (isHere(change)) apply(change, this.#stored)
      this.#changes = this.#changes.filter((change) => !isHere(change))
    })
  }

  kill(): SimulatedDisk {
    const next = this.#end()
    const copies = new Map<SimulatedFile, SimulatedFile>()
    const copyOf = (file: SimulatedFile): SimulatedFile => {
      const copy = copies.get(file) ?? file.afterKill(this.#chance)
      copies.set(file, copy)
      return copy
    }
    for (const [path, file] of this.#names) next.#names.set(path, copyOf(file))
    for (const [path, file] of this.#stored) next.#stored.set(path, copyOf(file))
    next.#changes = this.#changes.map((change) => ({
      ...change,
      file: change.file && copyOf(change.file),
    }))
    return next
  }

  losePower(): SimulatedDisk {
    const next = this.#end()
    for (const change of this.#changes) if (this.#chance.next() < 0.5) apply(change, this.#stored)
    for (const [path, file] of this.#stored) next.#names.set(path, file.afterPowerLoss(this.#chance))
    next.#stored = new Map(next.#names)
    return next
  }

  /** Writes under way are done up to any byte, or not at all. Returns the disk of the next life, still without files. */
  #end(): Simulation {
    this.#isOver = true
    for (const finish of this.#underWay) if (this.#chance.next() < 0.5) finish(this.#chance.next())
    this.#underWay.clear()
    return new Simulation(this.#chance, { ...this.#options, bytesMax: this.bytesMax })
  }

  #change(change: NameChange): void {
    apply(change, this.#names)
    this.#changes.push(change)
  }

  #handle(path: string, file: SimulatedFile): DiskFile {
    return {
      size: () => this.#act(undefined, path, () => file.size),
      read: (bytes, start, length, offset) =>
        this.#act('read', path, () => file.read(bytes, start, length, offset)),
      write: (bytes, start, length, offset) => this.#write(file, path, bytes, start, length, offset),
      sync: () =>
        this.#act(
          'sync',
          path,
          () => file.sync(),
          () => file.failSync(this.#chance),
        ),
      close: () => this.#act(undefined, path, () => undefined),
    }
  }

  async #write(
    file: SimulatedFile,
    path: string,
    bytes: Buffer,
    start: number,
    length: number,
    offset: number,
  ): Promise<number> {
    const finish = (part: number): void => file.write(bytes, start, Math.floor(part * length), offset)
    this.#underWay.add(finish)
    try {
      return await this.#act('write', path, () => {
        const isShort = this.#chance.next() * 1_000 < (this.#options.shortWritesPerMille ?? 50)
        const wanted = isShort ? 1 + Math.floor((length - 1) * this.#chance.next()) : length
        const room = this.bytesMax - this.bytesUsed + Math.max(0, file.size - offset)
        const taken = Math.max(0, Math.min(wanted, room))
        if (taken === 0 && length > 0) throw failure('ENOSPC', 'write', path)
        file.write(bytes, start, taken, offset)
        return taken
      })
    } finally {
      this.#underWay.delete(finish)
    }
  }

  /** One operation: time passes, it is done or fails, time passes, it is answered. After the end nothing is answered. */
  async #act<Result>(
    operation: SimulatedOperation | undefined,
    path: string,
    done: () => Result,
    failed: () => void = () => undefined,
  ): Promise<Result> {
    if (!this.#isOver) await this.#pause()
    if (this.#isOver) return never()
    const fault = this.#armed.find((one) => one.operation === operation)
    if (fault !== undefined) {
      this.#armed = this.#armed.filter((one) => one !== fault)
      failed()
      throw failure(fault.code, fault.operation, path)
    }
    const result = done()
    await this.#pause()
    return this.#isOver ? never() : result
  }
}

/** A disk under a seed. Empty; without faults but short writes, until it is told. */
export const simulatedDisk = (seed: number, options: SimulatedDiskOptions = {}): SimulatedDisk =>
  new Simulation(seededRandom(seed), options)
