/** One accident to one journal: what happens to bytes on disks, in copies and by hand. */
import type { Chance } from 'gameledger'
import type { Life } from './life.js'
import type { Image } from './plain-disk.js'

export interface Mutant {
  readonly what: string
  readonly image: Image
}

type Accident = (bytes: Buffer, below: (count: number) => number) => readonly [bytes: Buffer, what: string]

const usedBytes = (bytes: Buffer): number => {
  let end = bytes.length
  while (end > 1 && bytes[end - 1] === 0) end--
  return Math.max(end, 1)
}

/** Mostly where something is written. */
const place = (bytes: Buffer, below: (count: number) => number): number =>
  below(bytes.length > 0 && below(12) === 0 ? bytes.length : usedBytes(bytes))

const accidents: Readonly<Record<string, Accident>> = {
  bit: (bytes, below) => {
    const at = place(bytes, below)
    bytes[at]! ^= 1 << below(8)
    return [bytes, `a bit at ${at}`]
  },
  byte: (bytes, below) => {
    const at = place(bytes, below)
    bytes[at]! ^= 1 + below(255)
    return [bytes, `a byte at ${at}`]
  },
  bytes: (bytes, below) => {
    const count = 2 + below(4)
    for (let n = 0; n < count; n++) bytes[place(bytes, below)]! ^= 1 + below(255)
    return [bytes, `${count} bytes`]
  },
  zeros: (bytes, below) => {
    const at = place(bytes, below)
    const length = 1 + below(below(2) ? 40 : 600)
    return [bytes.fill(0, at, Math.min(bytes.length, at + length)), `zeros at ${at}, ${length}`]
  },
  truncation: (bytes, below) => {
    const at = place(bytes, below)
    return [bytes.subarray(0, at), `cut at ${at}`]
  },
  double: (bytes, below) => {
    const [from, to] = [place(bytes, below), place(bytes, below)]
    const length = 1 + below(400)
    bytes.copy(bytes, to, from, Math.min(bytes.length, from + length))
    return [bytes, `${length} from ${from} to ${to}`]
  },
  garbage: (bytes, below) => {
    const at = below(2) ? usedBytes(bytes) : bytes.length
    const tail = Buffer.from(Array.from({ length: 1 + below(300) }, () => below(256)))
    return [
      Buffer.concat([bytes.subarray(0, at), tail, bytes.subarray(at + tail.length)]),
      `garbage at ${at}`,
    ]
  },
}

const kinds = [
  ...Object.keys(accidents),
  'bit',
  'byte',
  'zeros',
  'swap',
  'removal',
  'stale',
  'former',
] as const

const nameOf = (names: readonly string[], below: (count: number) => number): string => {
  const other = names.filter((name) => !name.endsWith('.log'))
  const logs = names.filter((name) => name.endsWith('.log'))
  const from = below(6) === 0 || logs.length === 0 ? other : logs
  return from[below(from.length)]!
}

/** Something happens to a journal. */
export const mutate = ({ image, earlier }: Life, chance: Chance): Mutant => {
  const below = (count: number): number => Math.floor(chance.next() * count)
  const names = [...image.keys()].sort()
  const mutant = new Map(image)
  const name = nameOf(names, below)
  const kind = kinds[below(kinds.length)]!
  if (kind === 'removal') {
    mutant.delete(name)
    return { what: `${name} removed`, image: mutant }
  }
  if (kind === 'swap') {
    const other = nameOf(names, below)
    mutant.set(name, image.get(other)!)
    mutant.set(other, image.get(name)!)
    return { what: `${name} and ${other} swapped`, image: mutant }
  }
  if (kind === 'stale') {
    const old = earlier.flatMap((one) => one.get(name) ?? [])
    if (old.length > 0) mutant.set(name, old[below(old.length)]!)
    return { what: `${name} as it was`, image: mutant }
  }
  if (kind === 'former' && name.endsWith('.log')) {
    // Whatever stood at this place of the disk, in a former life of the file or in another file.
    const formers = [image, ...earlier].flatMap((one) =>
      [...one].filter(([other]) => other !== name && other.endsWith('.log')).map(([, bytes]) => bytes),
    )
    const bytes = Buffer.from(image.get(name)!)
    const at = 32 * below(Math.ceil(bytes.length / 32))
    const length = 32 * (1 + below(32))
    if (formers.length > 0) formers[below(formers.length)]!.subarray(at, at + length).copy(bytes, at)
    mutant.set(name, bytes)
    return { what: `${name}: ${length} bytes at ${at} as they were`, image: mutant }
  }
  const [bytes, what] = accidents[kind in accidents ? kind : 'byte']!(Buffer.from(image.get(name)!), below)
  mutant.set(name, bytes)
  return { what: `${name}: ${what}`, image: mutant }
}
