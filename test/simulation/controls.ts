/**
 * The protections of the ledger, each of which can be taken out: then the simulator must find a violation, or it is
 * blind. They are taken out around the ledger where that has the same effect, so that the ledger itself has no switch.
 */
import { basename } from 'node:path'
import type { ColdStore, Journal } from 'gameledger'
import type { Disk, DiskFile } from 'gameledger/testing'
import { manifestKeyOf } from '../../dist/archive/batch-key.js'
import { notesPrefix, parseNote } from '../../dist/archive/rewriting-note.js'
import { readWhole, writeAll } from '../../dist/events/journal/disk.js'
import { findFrame, frameHeaderBytes, sealFrame } from '../../dist/events/journal/frame.js'
import { logFileId } from '../../dist/events/journal/log-file.js'
import { moveRecords } from '../../dist/events/journal/record.js'
import { visitFrame } from '../../dist/events/journal/recovery.js'
import { goOn, restart, type Restart } from '../../dist/events/journal/restart.js'
import { unsyncedWhereCarried } from '../support/unsynced-carried-games.js'
import type { Protection } from './protections.js'
import { world } from './world.js'

export interface Parts {
  readonly disk: Disk
  readonly archive: ColdStore
  readonly restart: Restart
  /** What the ledger is handed for this journal. */
  readonly around: (journal: Journal) => Journal
}

const withFiles = (disk: Disk, change: (file: DiskFile) => Partial<DiskFile>): Disk => ({
  ...bound(disk),
  open: async (path, mode) => {
    const file = await disk.open(path, mode)
    return { ...file, ...change(file) }
  },
})

const bound = (disk: Disk): Disk => ({
  open: (path, mode) => disk.open(path, mode),
  list: (directory) => disk.list(directory),
  rename: (from, to) => disk.rename(from, to),
  remove: (path) => disk.remove(path),
  makeDirectory: (directory) => disk.makeDirectory(directory),
  syncDirectory: (directory) => disk.syncDirectory(directory),
})

/** Recovery trusts the page cache: it goes on behind frames that may not be on the disk. */
const trusting: Restart = async (log, manifest, recovery) => {
  if (recovery.files.length === 0) return restart(log, manifest, recovery)
  for (const { file, bytes, records } of recovery.unproven)
    visitFrame(bytes, { start: 0, end: bytes.length, records }, file.path, (record) =>
      log.holdings.hold(record, file),
    )
  await goOn(log, recovery)
  await log.save()
}

/**
 * The manifest is believed to stand before it does: by two seconds, in which most processes of a plan die. Until then it is
 * read back from nowhere, too.
 */
const hasty = (archive: ColdStore): ColdStore => {
  const promised = new Map<string, Buffer>()
  return {
    ...archive,
    put: async (key, bytes) => {
      if (!key.endsWith('.manifest.json')) return archive.put(key, bytes)
      const copy = Buffer.from(bytes)
      promised.set(key, copy)
      world.after(2_000, () => void archive.put(key, copy).catch(() => undefined))
      return 'stored'
    },
    get: async (key, range) => promised.get(key) ?? archive.get(key, range),
  }
}

/**
 * A log file that is used again under another id, in a format whose checksums do not know the file: what its former life
 * left in it fits the new id, too.
 */
const renameUnbound = async (disk: Disk, from: string, to: string): Promise<void> => {
  await disk.rename(from, to)
  const [formerId, id] = [logFileId(basename(from)), logFileId(basename(to))]
  if (formerId === undefined || id === undefined) return
  const bytes = await readWhole(disk, to)
  const next = (at: number) => findFrame(bytes, at, formerId)
  for (let frame = next(0); frame; frame = next(frame.end)) {
    moveRecords(bytes, frame.start + frameHeaderBytes, frame.end, id)
    sealFrame(bytes.subarray(frame.start), frame.end - frame.start, frame, id)
  }
  const file = await disk.open(to, 'write')
  await writeAll(file, bytes, bytes.length, 0)
  await file.sync()
  await file.close()
}

/** A journal that takes the parts of a unit as records of their own. */
const apart = (journal: Journal): Journal => ({
  ...journal,
  open: async (...given) => {
    const opened = await journal.open(...given)
    const append = opened.append.bind(opened)
    opened.append = (record) =>
      record.type === 'unit' ? record.parts.map((part) => append(part)).at(-1)! : append(record)
    return opened
  },
})

/**
 * What is to be replaced is deleted when it is noted, before the manifest stands that replaces it: by up to two seconds, in
 * which most processes of a plan die.
 */
const early = (archive: ColdStore): ColdStore => ({
  ...archive,
  put: async (key, bytes) => {
    const stored = await archive.put(key, bytes)
    if (!key.startsWith(notesPrefix)) return stored
    for (const { batch, segment } of parseNote(key, Buffer.from(bytes)).replaced) {
      await archive.delete(manifestKeyOf(batch))
      if (segment !== '') await archive.delete(segment)
    }
    await world.pass(2_000)
    return stored
  },
})

/** The ledger's surroundings without one protection. */
export const unprotected = (without: Protection, parts: Parts): Parts => {
  const { disk, archive } = parts
  switch (without) {
    case 'sync':
      return { ...parts, disk: withFiles(disk, () => ({ sync: async () => undefined })) }
    case 'directory-sync':
      return { ...parts, disk: { ...bound(disk), syncDirectory: async () => undefined } }
    case 'short-write-check':
      return {
        ...parts,
        disk: withFiles(disk, (file) => ({
          write: async (bytes, start, length, offset) => {
            await file.write(bytes, start, length, offset)
            return length
          },
        })),
      }
    case 'no-retry-of-sync':
      return {
        ...parts,
        disk: withFiles(disk, (file) => ({ sync: () => file.sync().catch(() => file.sync()) })),
      }
    case 'rewriting-of-unproven-frames':
      return { ...parts, restart: trusting }
    case 'manifest-gate':
      return { ...parts, archive: hasty(archive) }
    case 'life-id':
      return { ...parts, disk: { ...bound(disk), rename: (from, to) => renameUnbound(disk, from, to) } }
    case 'replacing-manifest':
      return { ...parts, archive: early(archive) }
    case 'sync-of-carried-games':
      return { ...parts, disk: withFiles(disk, unsyncedWhereCarried) }
    case 'unit-record':
      return { ...parts, around: (journal) => apart(parts.around(journal)) }
  }
}
