/**
 * What can still be known of a manifest: all of it, or, where its checksum does not hold, hints.
 *
 *     CURRENT whole, MANIFEST whole      it is in force, and believed
 *     CURRENT damaged, MANIFEST whole    believed: the newest one, or the one whose checksum CURRENT still names
 *     one of them under another name     found by what is in it
 *     MANIFEST damaged                   hints: the files tell for themselves; positions are left out rather than doubled
 */
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { FormatTooNewError } from './corrupt-log.js'
import { readAll, readWhole, type Disk } from './disk.js'
import { fileMagic, formatMajor } from './frame.js'
import type { StreamId } from '../ids.js'
import type { LostGap } from '../lost-gap.js'
import { manifestNumber, parseManifest, type Manifest } from './manifest.js'

/** Of a manifest that cannot be believed: what does no harm where it is wrong. */
export type ManifestHints = Partial<
  Pick<Manifest, 'ledgerId' | 'lastPosition' | 'lost' | 'quarantined' | 'repairedThrough'>
>

export interface Witness {
  readonly manifest: Manifest | undefined
  readonly hints: ManifestHints
  /** The highest number of a manifest in the directory. */
  readonly lastNumber: number
}

/** No ledger comes to so many events: a larger number is damage. */
const positionMax = 2 ** 50
/** Longer than any CURRENT. */
const pointerBytesMax = 100

const isPosition = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < positionMax

const isGap = (value: unknown): value is LostGap => {
  const { after, through } = (value ?? {}) as Partial<LostGap>
  return isPosition(after) && isPosition(through) && after < through
}

const hintsIn = (found: Partial<Manifest>): ManifestHints => {
  const { ledgerId, lastPosition, lost, quarantined, repairedThrough } = found
  const isUuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(String(ledgerId))
  return {
    ...(isUuid && { ledgerId: ledgerId! }),
    ...(isPosition(lastPosition) && { lastPosition }),
    ...(isPosition(repairedThrough) && { repairedThrough }),
    lost: Array.isArray(lost) ? (lost as readonly unknown[]).filter(isGap) : [],
    quarantined: Array.isArray(quarantined)
      ? (quarantined as readonly unknown[]).filter((one): one is StreamId => typeof one === 'string')
      : [],
  }
}

const parsed = (bytes: Buffer): Manifest | undefined => {
  try {
    const found: unknown = parseManifest(bytes)
    return found as Manifest
  } catch {
    return undefined
  }
}

const hasShape = ({ number, files, carried, remnants, settled }: Manifest, named: number): boolean =>
  number === named && [files, carried, remnants, settled].every(Array.isArray)

/** CRCs of different bytes differ nearly everywhere: one digit that differs is damage of the digit itself. */
const digitsOff = (bytes: Buffer, told: string): number =>
  Array.from(crc32(bytes).toString(16).padStart(8, '0')).filter((digit, at) => digit !== told[at]).length

const pointerIn = (bytes: Buffer): { name: string; sum: string } | undefined => {
  if (bytes.length > pointerBytesMax) return undefined
  const [, name, sum] = /^(MANIFEST-\d+\.json) ([0-9a-f]{8})\n$/.exec(bytes.toString('latin1')) ?? []
  return name === undefined || sum === undefined ? undefined : { name, sum }
}

type Files = ReadonlyMap<string, Buffer>

/** What CURRENT says, or whatever file has its place taken. */
const pointerOf = (files: Files): { name: string; sum: string } | undefined => {
  const current = files.get('CURRENT')
  const own = current && pointerIn(current)
  if (own !== undefined) return own
  for (const bytes of files.values()) {
    const found = pointerIn(bytes)
    if (found !== undefined) return found
  }
  return undefined
}

/** The manifest in force, by its checksum: under its own name, or another's. */
const byChecksum = (files: Files, name: string, sum: string): Manifest | undefined => {
  const named = files.get(name)
  if (named !== undefined && digitsOff(named, sum) <= 1) return parsed(named)
  for (const bytes of files.values()) if (digitsOff(bytes, sum) === 0) return parsed(bytes)
  return undefined
}

/** Everything but log files under their own names: they are read elsewhere, one at a time. */
const filesIn = async (disk: Disk, directory: string): Promise<Map<string, Buffer>> => {
  const files = new Map<string, Buffer>()
  for (const name of await disk.list(directory)) {
    const bytes = await readStart(disk, join(directory, name))
    if (!bytes.subarray(0, 8).equals(fileMagic)) files.set(name, await readWhole(disk, join(directory, name)))
  }
  return files
}

const readStart = async (disk: Disk, path: string): Promise<Buffer> => {
  const file = await disk.open(path, 'read')
  try {
    const bytes = Buffer.alloc(fileMagic.length)
    return bytes.subarray(0, await readAll(file, bytes, bytes.length))
  } finally {
    await file.close()
  }
}

/** @throws FormatTooNewError */
export const witnessIn = async (disk: Disk, directory: string): Promise<Witness> => {
  const files = await filesIn(disk, directory)
  const numberOf = (name: string): number => manifestNumber(name) ?? 0
  const lastNumber = Math.max(0, ...(await disk.list(directory)).map(numberOf))
  const pointer = pointerOf(files)
  const found = pointer && byChecksum(files, pointer.name, pointer.sum)
  if (found !== undefined && found.major > formatMajor)
    throw new FormatTooNewError(join(directory, pointer!.name), `format ${found.major}`)
  if (found !== undefined) return { manifest: found, hints: {}, lastNumber }
  const [name] = [...files.keys()]
    .filter((one) => numberOf(one) > 0)
    .sort((one, other) => numberOf(other) - numberOf(one))
  const newest = name === undefined ? undefined : parsed(files.get(name)!)
  if (name === undefined || newest === undefined) return { manifest: undefined, hints: {}, lastNumber }
  // Without a CURRENT that says otherwise the newest one was in force, or was about to be.
  const isBelieved = pointer?.name !== name && hasShape(newest, numberOf(name))
  return isBelieved
    ? { manifest: newest, hints: {}, lastNumber }
    : { manifest: undefined, hints: hintsIn(newest), lastNumber }
}
