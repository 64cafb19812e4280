/**
 * A saved model as a file: who it is of, where it stands, which pages it needs, and the model itself.
 *
 *     0    4   magic "GLRM"
 *     4    2   format, u16: 2                        (all numbers little-endian)
 *     6    2   length of the version, u16
 *     8    8   position, u64
 *     16   8   recordedAt of the newest event, f64: milliseconds since 1970
 *     24   8   length of the model, u64
 *     32   4   number of pages, u32
 *     36   4   CRC-32 of the model
 *     40   4   CRC-32 of bytes 0 to 39, version and pages
 *     44       version, UTF-8; then the pages, u64 each; then the model
 *
 * Two sums, so that the head of a kept model can be believed without reading the rest. What fails a check, or has a
 * format of the future, is no model: it is rebuilt from the log, so nothing here can lose an event.
 */
import { open, type FileHandle } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import type { Position } from '../../events/ids.js'
import type { ModelCheckpoint, PageId } from '../projection.js'

const magic = 0x4d524c47
const format = 2
const headBytes = 44
/** What is summed, read or written in one turn: a megabyte takes well under a millisecond. */
const sliceBytes = 1 << 20

/** The head of a model file. */
export interface ModelHead {
  readonly version: string
  readonly position: Position
  readonly recordedAt: number
  readonly pages: readonly PageId[]
  /** Of the whole file. */
  readonly bytes: number
}

interface ReadHead extends ModelHead {
  /** Where the model begins, and its sum. */
  readonly start: number
  readonly sum: number
}

/** The CRC-32 of a model, in slices with turns of the event loop between. */
const sumOf = async (model: Uint8Array): Promise<number> => {
  let sum = 0
  for (let at = 0; at < model.length; at += sliceBytes) {
    if (at > 0) await setImmediate()
    sum = crc32(model.subarray(at, at + sliceBytes), sum)
  }
  return sum
}

const encodeHead = (checkpoint: ModelCheckpoint, sum: number): Buffer => {
  const { version, position, recordedAt, model, pages = [] } = checkpoint
  const versionBytes = Buffer.from(version)
  if (versionBytes.length > 0xffff)
    throw new TypeError(`A projection's version may have at most 65 535 bytes; got ${versionBytes.length}.`)
  const head = Buffer.alloc(headBytes + versionBytes.length + 8 * pages.length)
  head.writeUInt32LE(magic, 0)
  head.writeUInt16LE(format, 4)
  head.writeUInt16LE(versionBytes.length, 6)
  head.writeBigUInt64LE(BigInt(position), 8)
  head.writeDoubleLE(recordedAt, 16)
  head.writeBigUInt64LE(BigInt(model.length), 24)
  head.writeUInt32LE(pages.length, 32)
  head.writeUInt32LE(sum, 36)
  versionBytes.copy(head, headBytes)
  pages.forEach((page, at) => head.writeBigUInt64LE(BigInt(page), headBytes + versionBytes.length + 8 * at))
  head.writeUInt32LE(headSum(head), 40)
  return head
}

const headSum = (head: Buffer): number => crc32(head.subarray(headBytes), crc32(head.subarray(0, 40)))

/** Writes a model file and makes its bytes durable; the name is not. @throws what the file system throws */
export const writeModel = async (path: string, checkpoint: ModelCheckpoint): Promise<ModelHead> => {
  const { version, position, recordedAt, model, pages = [] } = checkpoint
  const head = encodeHead(checkpoint, await sumOf(model))
  const handle = await open(path, 'w')
  try {
    for (const part of [head, model])
      for (let at = 0; at < part.length; at += sliceBytes)
        await handle.appendFile(part.subarray(at, at + sliceBytes))
    await handle.sync()
  } finally {
    await handle.close()
  }
  return { version, position, recordedAt, pages, bytes: head.length + model.length }
}

/** The head of a model file; `undefined` where it is absent or no model. The model behind it is not looked at. */
export const readModelHead = (path: string): Promise<ModelHead | undefined> =>
  withFile(path, (handle) => headOf(handle))

/** A model file; `undefined` where it is absent or no model, whole. */
export const readModel = (path: string): Promise<ModelCheckpoint | undefined> =>
  withFile(path, async (handle) => {
    const head = await headOf(handle)
    if (!head) return undefined
    const { version, position, recordedAt, pages, bytes, start, sum } = head
    const model = await readAt(handle, start, bytes - start)
    if (!model || (await sumOf(model)) !== sum) return undefined
    return { version, position, recordedAt, pages, model }
  })

const withFile = async <Result>(
  path: string,
  read: (handle: FileHandle) => Promise<Result>,
): Promise<Result | undefined> => {
  let handle: FileHandle
  try {
    handle = await open(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    return await read(handle)
  } finally {
    await handle.close()
  }
}

const headOf = async (handle: FileHandle): Promise<ReadHead | undefined> => {
  const { size } = await handle.stat()
  const fixed = await readAt(handle, 0, headBytes)
  if (!fixed || fixed.readUInt32LE(0) !== magic || fixed.readUInt16LE(4) !== format) return undefined
  const versionBytes = fixed.readUInt16LE(6)
  const pagesCount = fixed.readUInt32LE(32)
  const start = headBytes + versionBytes + 8 * pagesCount
  if (BigInt(start) + fixed.readBigUInt64LE(24) !== BigInt(size)) return undefined
  const head = await readAt(handle, 0, start)
  if (!head || headSum(head) !== head.readUInt32LE(40)) return undefined
  const pages = Array.from({ length: pagesCount }, (_, at) =>
    Number(head.readBigUInt64LE(headBytes + versionBytes + 8 * at)),
  )
  return {
    version: head.toString('utf8', headBytes, headBytes + versionBytes),
    position: Number(head.readBigUInt64LE(8)) as Position,
    recordedAt: head.readDoubleLE(16),
    pages,
    bytes: size,
    start,
    sum: head.readUInt32LE(36),
  }
}

/** So many bytes from an offset; `undefined` where the file ends before. */
const readAt = async (handle: FileHandle, offset: number, length: number): Promise<Buffer | undefined> => {
  const bytes = Buffer.allocUnsafeSlow(length)
  for (let done = 0; done < length;) {
    const { bytesRead } = await handle.read(
      bytes,
      done,
      Math.min(length - done, 64 * sliceBytes),
      offset + done,
    )
    if (bytesRead === 0) return undefined
    done += bytesRead
  }
  return bytes
}
