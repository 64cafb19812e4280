/**
 * One file of a simulated disk: its bytes as programs see them, and as they are on the platter.
 *
 *     seen     | page cache: what reads give                      |
 *     stored   | what the last syncs brought to the platter       |
 *     dirty      sectors of 512 bytes in which the two may differ, and that the next sync will bring over
 *
 * Power loss leaves of each dirty sector the old bytes, the new ones, or garbage where the two differ: bytes that were
 * not written anew keep their content ("powersafe overwrite", which disks of today give and databases rely on). A
 * failed sync brings some dirty sectors over and calls *all* of them clean, as Linux does: later syncs leave them out.
 */
import type { Chance } from '../chance.js'

export const sectorBytes = 512

export class SimulatedFile {
  #seen = Buffer.alloc(0)
  #stored = Buffer.alloc(0)
  /** Bytes of the file as programs see it, and as it is on the platter. Behind both the buffers hold zeros. */
  size = 0
  #storedSize = 0
  readonly #dirty = new Set<number>()
  /** Called clean by a sync that failed, and not on the platter. */
  readonly #forgotten = new Set<number>()

  read(bytes: Buffer, start: number, length: number, offset: number): number {
    return this.#seen.copy(bytes, start, offset, Math.min(offset + length, this.size))
  }

  write(bytes: Buffer, start: number, length: number, offset: number): void {
    const end = offset + length
    this.#reach(end)
    bytes.copy(this.#seen, offset, start, start + length)
    this.size = Math.max(this.size, end)
    for (let sector = Math.floor(offset / sectorBytes); sector * sectorBytes < end; sector++)
      this.#soil(sector)
  }

  /** Makes it empty, as programs see it. */
  truncate(): void {
    for (let sector = 0; sector * sectorBytes < this.size; sector++) this.#soil(sector)
    this.#seen.fill(0)
    this.size = 0
  }

  sync(): void {
    for (const sector of this.#dirty) this.#bring(sector)
    this.#dirty.clear()
    this.#storedSize = this.size
  }

  /** A sync that fails: some sectors are brought over, and all are called clean. */
  failSync(chance: Chance): void {
    for (const sector of this.#dirty)
      if (chance.next() < 0.5) this.#bring(sector)
      else this.#forgotten.add(sector)
    this.#dirty.clear()
    if (chance.next() < 0.5) this.#storedSize = this.size
  }

  /** The file that programs find after their process was killed. Forgotten sectors may have left the page cache. */
  afterKill(chance: Chance): SimulatedFile {
    const next = this.#copy()
    for (const sector of this.#forgotten) if (chance.next() < 0.5) next.#give(sector, this.#stored)
    return next
  }

  /** The file that programs find after the power went. */
  afterPowerLoss(chance: Chance): SimulatedFile {
    const next = new SimulatedFile()
    next.#reach(Math.max(this.size, this.#storedSize))
    this.#stored.copy(next.#seen)
    for (const sector of this.#dirty) {
      const fate = chance.next()
      if (fate < 0.4) next.#give(sector, this.#seen)
      else if (fate < 0.6) next.#mix(sector, this.#seen, chance)
    }
    next.size = chance.next() < 0.5 ? this.size : this.#storedSize
    next.#seen.fill(0, next.size)
    next.#stored = Buffer.from(next.#seen)
    next.#storedSize = next.size
    return next
  }

  /** Bytes of the file as programs see it: a copy. */
  bytes(): Buffer {
    return Buffer.from(this.#seen.subarray(0, this.size))
  }

  #soil(sector: number): void {
    this.#dirty.add(sector)
    this.#forgotten.delete(sector)
  }

  #bring(sector: number): void {
    this.#seen.copy(this.#stored, sector * sectorBytes, sector * sectorBytes, (sector + 1) * sectorBytes)
  }

  #give(sector: number, bytes: Buffer): void {
    bytes.copy(this.#seen, sector * sectorBytes, sector * sectorBytes, (sector + 1) * sectorBytes)
  }

  /** Garbage, but only where a byte was to change. */
  #mix(sector: number, wanted: Buffer, chance: Chance): void {
    const end = Math.min((sector + 1) * sectorBytes, this.#seen.length)
    for (let at = sector * sectorBytes; at < end; at++)
      if (this.#seen[at] !== wanted[at]) this.#seen[at] = Math.floor(256 * chance.next())
  }

  #copy(): SimulatedFile {
    const copy = new SimulatedFile()
    copy.#seen = Buffer.from(this.#seen)
    copy.#stored = Buffer.from(this.#stored)
    copy.size = this.size
    copy.#storedSize = this.#storedSize
    for (const sector of this.#dirty) copy.#dirty.add(sector)
    for (const sector of this.#forgotten) copy.#forgotten.add(sector)
    return copy
  }

  #reach(end: number): void {
    if (end <= this.#seen.length) return
    const length = Math.max(Math.ceil(end / sectorBytes) * sectorBytes, 2 * this.#seen.length)
    const [seen, stored] = [Buffer.alloc(length), Buffer.alloc(length)]
    this.#seen.copy(seen)
    this.#stored.copy(stored)
    this.#seen = seen
    this.#stored = stored
  }
}
