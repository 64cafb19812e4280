/**
 * Saved read models as files, one a projection, replaced atomically.
 *
 *     0   magic "GLRM"          8   position f64        24  version, UTF-8
 *     4   format u32 = 1        16  version length u32   .  model
 *                               20  crc32 u32 of everything behind it
 *
 * Written to a temporary file, synced, renamed, the directory synced: a crash leaves the older or the newer model. A
 * file that is not whole reads as absent: models are made anew from the events, so a damaged one costs time alone.
 */
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { Position } from '../events/ids.js'
import type { CheckpointStore, ModelCheckpoint } from './projection.js'

const magic = 0x4d524c47
const format = 1
const headBytes = 24

/** The models of one ledger in a directory, which is made where it is missing. */
export const fileCheckpointStore = (directory: string): CheckpointStore => ({
  save: async (name, checkpoint) => {
    await mkdir(directory, { recursive: true })
    const path = pathOf(directory, name)
    const file = await open(`${path}.tmp`, 'w')
    try {
      for (const part of encode(checkpoint)) await file.writeFile(part)
      await file.datasync()
    } finally {
      await file.close()
    }
    await rename(`${path}.tmp`, path)
    await syncDirectory(directory)
  },
  load: async (name) => {
    try {
      return decode(await readFile(pathOf(directory, name)))
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw cause
    }
  },
})

/** Names of projections are a caller's: whatever they hold, it is one file in this directory. */
const pathOf = (directory: string, name: string): string =>
  join(directory, `${encodeURIComponent(name).replaceAll('.', '%2E')}.model`)

const encode = ({ version, position, model }: ModelCheckpoint): readonly Uint8Array[] => {
  const head = Buffer.alloc(headBytes)
  const text = Buffer.from(version)
  head.writeUInt32LE(magic, 0)
  head.writeUInt32LE(format, 4)
  head.writeDoubleLE(position, 8)
  head.writeUInt32LE(text.length, 16)
  head.writeUInt32LE(crc32(model, crc32(text, crc32(head.subarray(0, 20)))), 20)
  return [head, text, model]
}

const decode = (bytes: Buffer): ModelCheckpoint | undefined => {
  if (bytes.length < headBytes || bytes.readUInt32LE(0) !== magic || bytes.readUInt32LE(4) !== format)
    return undefined
  if (crc32(bytes.subarray(headBytes), crc32(bytes.subarray(0, 20))) !== bytes.readUInt32LE(20))
    return undefined
  const end = headBytes + bytes.readUInt32LE(16)
  return {
    version: bytes.toString('utf8', headBytes, end),
    position: bytes.readDoubleLE(8) as Position,
    // A copy of its own, at offset 0: models are read through typed arrays, which want their bytes aligned.
    model: new Uint8Array(bytes.subarray(end)),
  }
}

const syncDirectory = async (directory: string): Promise<void> => {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
