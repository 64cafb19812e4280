/**
 * Saved read models as files of a directory: one file a projection, replaced whole.
 *
 *     0    4   magic "GLRM"
 *     4    2   format, u16: 1                        (all numbers little-endian)
 *     6    2   length of the version, u16
 *     8    8   position, u64
 *     16   8   length of the model, u64
 *     24   4   CRC-32 of version and model
 *     28   4   CRC-32 of bytes 0 to 27
 *     32       version, UTF-8; then the model
 *
 * Saving: write `<name>.tmp`, sync it, rename it over `<name>.model`, sync the directory. A crash before the rename
 * leaves the older model and a `.tmp` that the next save overwrites; after it, the newer one. What fails a check, or
 * has a format of the future, is no model: it is rebuilt from the log, so nothing here can lose an event.
 */
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import type { Position } from '../../events/ids.js'
import type { CheckpointStore, ModelCheckpoint } from '../projection.js'

const magic = 0x4d524c47
const format = 1
const headBytes = 32
/** What is summed or written in one turn: a megabyte takes well under a millisecond. */
const sliceBytes = 1 << 20
/** File systems take names of 255 bytes; the ending needs some. */
const fileNameMax = 240

/** A name as a file name: whatever is not `a-z`, `0-9`, `-` or `_` as %XX, so that no two names meet where case is ignored. */
const fileNameOf = (name: string): string => {
  const safe = name.replace(/[^a-z0-9_-]/gu, (character) =>
    [...Buffer.from(character)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  )
  if (safe === '' || safe.length > fileNameMax)
    throw new TypeError(
      `A projection's name must fill 1 to ${fileNameMax} bytes of a file name; got ${JSON.stringify(name)}.`,
    )
  return safe
}

/** The CRC-32 of a version and a model, in slices with turns of the event loop between. */
const sumOf = async (version: Uint8Array, model: Uint8Array): Promise<number> => {
  let sum = crc32(version)
  for (let at = 0; at < model.length; at += sliceBytes) {
    if (at > 0) await setImmediate()
    sum = crc32(model.subarray(at, at + sliceBytes), sum)
  }
  return sum
}

const headOf = (position: number, version: Uint8Array, model: Uint8Array, sum: number): Buffer => {
  const head = Buffer.alloc(headBytes)
  head.writeUInt32LE(magic, 0)
  head.writeUInt16LE(format, 4)
  head.writeUInt16LE(version.length, 6)
  head.writeBigUInt64LE(BigInt(position), 8)
  head.writeBigUInt64LE(BigInt(model.length), 16)
  head.writeUInt32LE(sum, 24)
  head.writeUInt32LE(crc32(head.subarray(0, 28)), 28)
  return head
}

const read = async (bytes: Buffer): Promise<ModelCheckpoint | undefined> => {
  if (bytes.length < headBytes || bytes.readUInt32LE(0) !== magic || bytes.readUInt16LE(4) !== format)
    return undefined
  if (crc32(bytes.subarray(0, 28)) !== bytes.readUInt32LE(28)) return undefined
  const start = headBytes + bytes.readUInt16LE(6)
  const version = bytes.subarray(headBytes, start)
  const model = bytes.subarray(start)
  if (BigInt(model.length) !== bytes.readBigUInt64LE(16)) return undefined
  if ((await sumOf(version, model)) !== bytes.readUInt32LE(24)) return undefined
  return { version: version.toString(), position: Number(bytes.readBigUInt64LE(8)) as Position, model }
}

const replace = async (directory: string, file: string, parts: readonly Uint8Array[]): Promise<void> => {
  const temporary = join(directory, `${file}.tmp`)
  const handle = await open(temporary, 'w')
  try {
    for (const part of parts)
      for (let at = 0; at < part.length; at += sliceBytes)
        await handle.appendFile(part.subarray(at, at + sliceBytes))
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(temporary, join(directory, `${file}.model`))
  await syncDirectory(directory)
}

const syncDirectory = async (directory: string): Promise<void> => {
  // Windows cannot open a directory; there a rename is durable by itself.
  if (process.platform === 'win32') return
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/**
 * Keeps saved read models in a directory, which is made when first needed. One ledger a directory; saves of one name
 * must not overlap (the projector sees to that).
 */
export const fileCheckpointStore = (directory: string): CheckpointStore => {
  if (typeof directory !== 'string' || directory === '')
    throw new TypeError(
      `fileCheckpointStore needs the path of a directory; got ${JSON.stringify(directory)}.`,
    )
  return {
    save: async (name, { version, position, model }) => {
      const file = fileNameOf(name)
      const versionBytes = Buffer.from(version)
      if (versionBytes.length > 0xffff)
        throw new TypeError(
          `A projection's version may have at most 65 535 bytes; got ${versionBytes.length}.`,
        )
      const head = headOf(position, versionBytes, model, await sumOf(versionBytes, model))
      await mkdir(directory, { recursive: true })
      await replace(directory, file, [head, versionBytes, model])
    },
    load: async (name) => {
      try {
        return await read(await readFile(join(directory, `${fileNameOf(name)}.model`)))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
        throw error
      }
    },
  }
}
