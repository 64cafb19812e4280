/**
 * Which frames each file must hold, and which of them are missing.
 *
 *     manifest      log-3 frames 10 to 19 | log-4 from 20, growing | log-5 spare
 *     found         10 11 12 -- 14 .. 19  | 20 21 22 (torn)        | nothing
 *     missing       13                    | none: nothing says that more was synced
 *
 * What proves that a frame was synced: the manifest, the header of a later file, `provenTo` of a later frame. Where the
 * manifest is lost, the files are taken as they are found; then frames are missing only between others.
 */
import type { FirstLook } from './first-look.js'
import type { Frame } from './frame.js'
import type { Manifest, ManifestFile } from './manifest.js'

/** A file that belongs to the journal, and how far it is there. */
export interface ExpectedFile {
  readonly id: number
  readonly generation: number
  /** Undefined where there is no such file. */
  readonly look: FirstLook | undefined
  /** Those of its frames that count, in order of place. */
  readonly frames: readonly Frame[]
  /** Frames that no longer count: a restart has written them once more, into another file. */
  readonly stale: readonly Frame[]
  /** Numbers of frames that were synced and are not whole. */
  readonly missing: readonly number[]
  /** Whether it may have held more than anything tells: it is gone, and may have been begun. */
  readonly isRiddle: boolean
}

const lacking = (first: number, last: number, frames: readonly Frame[]): number[] => {
  const found = new Set(frames.map(({ number }) => number))
  const missing: number[] = []
  for (let number = first; number <= last; number++) if (!found.has(number)) missing.push(number)
  return missing
}

const highest = (frames: readonly Frame[], of: (frame: Frame) => number): number =>
  frames.reduce((most, frame) => Math.max(most, of(frame)), 0)

const isOf = (look: FirstLook, ledgerId: string, generation: number): boolean =>
  look.header === undefined || (look.header.ledgerId === ledgerId && look.header.generation === generation)

/** The files that a manifest names, in its order; generation 1 behind generation 0. */
export const filesByManifest = (manifest: Manifest, looks: readonly FirstLook[]): ExpectedFile[] => {
  const { ledgerId, closedAtFrame } = manifest
  const lookOf = (id: number, generation: number): FirstLook | undefined => {
    const own = looks.filter((look) => look.id === id && isOf(look, ledgerId, generation))
    return own.find(({ header }) => header !== undefined) ?? own[0]
  }
  const begun: { entry: ManifestFile; look: FirstLook | undefined; frames: Frame[]; first: number }[] = []
  const others: ExpectedFile[] = []
  for (const entry of manifest.files) {
    const look = lookOf(entry.id, 0)
    const frames = (look?.frames ?? []).filter(({ number }) => number <= (entry.lastFrame ?? Infinity))
    const first = entry.firstFrame ?? look?.header?.firstFrame ?? frames[0]?.number
    if (first !== undefined) begun.push({ entry, look, frames, first })
    else others.push(spare(entry, look, begun.at(-1)?.look, closedAtFrame !== null))
  }
  const proven = Math.max(
    closedAtFrame ?? 0,
    ...begun.map(({ frames, first }) =>
      Math.max(
        first - 1,
        highest(frames, ({ provenTo }) => provenTo),
      ),
    ),
  )
  const files = begun.map(({ entry, look, frames, first }, at): ExpectedFile => {
    const next = begun[at + 1]
    const last = entry.lastFrame ?? (next ? next.first - 1 : proven)
    const stale = (look?.frames ?? []).filter((frame) => !frames.includes(frame))
    return {
      id: entry.id,
      generation: 0,
      look,
      frames,
      stale,
      missing: lacking(first, last, frames),
      isRiddle: false,
    }
  })
  const carried = manifest.carried.map(({ id, lastFrame }): ExpectedFile => {
    const look = lookOf(id, 1)
    const frames = look?.frames ?? []
    return {
      id,
      generation: 1,
      look,
      frames,
      stale: [],
      missing: lacking(1, lastFrame, frames),
      isRiddle: false,
    }
  })
  return [...files, ...others, ...carried]
}

/**
 * A file that is the spare, as far as anybody knows. It may have been begun since the manifest was saved, but not
 * before the file in front of it was sealed by an index, which formats before 2 did not write.
 */
const spare = (
  { id }: ManifestFile,
  look: FirstLook | undefined,
  before: FirstLook | undefined,
  isClosed: boolean,
): ExpectedFile => {
  const mayBeBegun = before === undefined || before.major < 2 || before.isSealedByIndex
  const isRiddle = look === undefined && !isClosed && mayBeBegun
  return { id, generation: 0, look, frames: [], stale: [], missing: [], isRiddle }
}

/** The files as they lie there, where no manifest can be believed. */
export const filesAsFound = (looks: readonly FirstLook[], ledgerId: string): ExpectedFile[] => {
  const own = looks.filter(
    ({ header, frames }) =>
      (header?.ledgerId ?? ledgerId) === ledgerId && (header ?? frames[0]) !== undefined,
  )
  const files = own.map((look): ExpectedFile & { first: number; last: number } => {
    const { id, frames, header } = look
    const generation = header?.generation ?? (look.isSealedByIndex && frames[0]?.number === 1 ? 1 : 0)
    const first = header?.firstFrame ?? frames[0]!.number
    return {
      id,
      generation,
      look,
      frames,
      first,
      last: highest(frames, ({ number }) => number),
      stale: [],
      missing: [],
      isRiddle: false,
    }
  })
  files.sort(
    (one, other) => one.generation - other.generation || one.first - other.first || one.id - other.id,
  )
  return files.map(({ first, last, ...file }, at) => {
    const next = files[at + 1]
    const isNext = next?.generation === 0 && file.generation === 0 && next.id === file.id + 1
    return { ...file, missing: lacking(first, isNext ? Math.max(last, next.first - 1) : last, file.frames) }
  })
}
