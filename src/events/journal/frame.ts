/**
 * The outer bytes of a log file: its header, and its frames. All numbers are little-endian.
 *
 * File header, 64 bytes, synced before the first frame is written:
 *
 *      0  8  magic "GLJOURNL"            32  8  first frame number
 *      8  2  format major                40  4  generation (1: carried games)
 *     10  2  format minor                44  1  checksum kind (1: CRC-32)
 *     12  4  file id                     45  1  codec (0: none)
 *     16 16  ledger uuid                 46 14  reserved, 0
 *                                        60  4  CRC-32 of [0, 60)
 *
 * Frame = one group commit: one write, one sync, one checksum, so it stands or falls as a whole:
 *
 *      0  4  magic "GLFR"                16  8  provenTo: highest frame known to be synced when this was written
 *      4  4  payload length              24  4  records in the payload
 *      8  8  frame number                28  4  CRC-32 of [0, 28) and the payload, seeded with the file id
 *     32  -  payload: records, each padded to 8 bytes (record.ts)
 *
 * Every life of a file has an id of its own: one that is used again (log-file.ts) gets a new one, and no id is given
 * twice. The same bytes have another CRC under every seed, so a frame that a former life left behind never checks. Frame
 * numbers rise by one through all files. Example, the header of file 1 and of its first frame:
 *
 *     0000  47 4c 4a 4f 55 52 4e 4c  03 00 00 00 01 00 00 00  GLJOURNL........
 *     0010  6b 1f 0a 52 9c 3d 4e 8b  a1 70 5d 2e 8f 44 c6 03  k..R.=N..p]..D..
 *     0020  01 00 00 00 00 00 00 00  00 00 00 00 01 00 00 00  ................
 *     0030  00 00 00 00 00 00 00 00  00 00 00 00 xx xx xx xx  ................
 *     0040  47 4c 46 52 68 00 00 00  01 00 00 00 00 00 00 00  GLFRh...........
 *     0050  00 00 00 00 00 00 00 00  01 00 00 00 xx xx xx xx  ................
 */
import { crc32 } from 'node:zlib'
import { FormatTooNewError } from './corrupt-log.js'

export const fileHeaderBytes = 64
export const frameHeaderBytes = 32
/** The newest format that this program reads and writes. A newer minor is readable, a newer major is not. */
export const formatMajor = 3
export const formatMinor = 0
/** How every log file begins. */
export const fileMagic = Buffer.from('GLJOURNL', 'latin1')
const frameMagic = Buffer.from('GLFR', 'latin1')
const crcKind = 1

/** What the header of a log file says. */
export interface FileHeader {
  readonly id: number
  readonly ledgerId: string
  readonly firstFrame: number
  /** 0: records in order of position. 1: carried games (carrying.ts). */
  readonly generation: number
}

/** A frame that stands at [start, end) of some bytes, checked. */
export interface Frame {
  readonly number: number
  readonly provenTo: number
  readonly records: number
  readonly start: number
  readonly end: number
}

const writeU64 = (bytes: Buffer, value: number, at: number): void => {
  bytes.writeUInt32LE(value >>> 0, at)
  bytes.writeUInt32LE(Math.floor(value / 0x1_0000_0000), at + 4)
}

const readU64 = (bytes: Buffer, at: number): number =>
  bytes.readUInt32LE(at + 4) * 0x1_0000_0000 + bytes.readUInt32LE(at)

/** The 64 bytes at the start of a log file. */
export const encodeFileHeader = ({ id, ledgerId, firstFrame, generation }: FileHeader): Buffer => {
  const bytes = Buffer.alloc(fileHeaderBytes)
  fileMagic.copy(bytes)
  bytes.writeUInt16LE(formatMajor, 8)
  bytes.writeUInt16LE(formatMinor, 10)
  bytes.writeUInt32LE(id, 12)
  Buffer.from(ledgerId.replaceAll('-', ''), 'hex').copy(bytes, 16)
  writeU64(bytes, firstFrame, 32)
  bytes.writeUInt32LE(generation, 40)
  bytes.writeUInt8(crcKind, 44)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 60)), 60)
  return bytes
}

/**
 * The header at the start of `bytes`, or `undefined` where there is no whole one.
 * Magic and checksum lie in the same place in every format to come, so that "too new" never reads as "corrupt".
 * @throws FormatTooNewError
 */
export const decodeFileHeader = (bytes: Buffer, file: string): FileHeader | undefined => {
  if (bytes.length < fileHeaderBytes || !bytes.subarray(0, 8).equals(fileMagic)) return undefined
  if (crc32(bytes.subarray(0, 60)) !== bytes.readUInt32LE(60)) return undefined
  const major = bytes.readUInt16LE(8)
  if (major > formatMajor) throw new FormatTooNewError(file, `format ${major}`)
  const hex = bytes.toString('hex', 16, 32)
  const ledgerId = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  return {
    id: bytes.readUInt32LE(12),
    ledgerId,
    firstFrame: readU64(bytes, 32),
    generation: bytes.readUInt32LE(40),
  }
}

const checksum = (bytes: Buffer, start: number, end: number, fileId: number): number =>
  crc32(bytes.subarray(start + frameHeaderBytes, end), crc32(bytes.subarray(start, start + 28), fileId))

/** Writes the header of the frame at [0, length) of `bytes`, its payload being there already. O(length). */
export const sealFrame = (
  bytes: Buffer,
  length: number,
  { number, provenTo, records }: Pick<Frame, 'number' | 'provenTo' | 'records'>,
  fileId: number,
): void => {
  frameMagic.copy(bytes)
  bytes.writeUInt32LE(length - frameHeaderBytes, 4)
  writeU64(bytes, number, 8)
  writeU64(bytes, provenTo, 16)
  bytes.writeUInt32LE(records, 24)
  bytes.writeUInt32LE(checksum(bytes, 0, length, fileId), 28)
}

/** The whole, unharmed frame at `start`, or `undefined` where there is none. O(its length). */
export const frameAt = (bytes: Buffer, start: number, fileId: number): Frame | undefined => {
  if (!isFrameMagic(bytes, start)) return undefined
  const length = bytes.readUInt32LE(start + 4)
  const end = start + frameHeaderBytes + length
  if (length === 0 || length % 8 !== 0 || end > bytes.length) return undefined
  if (checksum(bytes, start, end, fileId) !== bytes.readUInt32LE(start + 28)) return undefined
  const [number, provenTo] = [readU64(bytes, start + 8), readU64(bytes, start + 16)]
  return { number, provenTo, records: bytes.readUInt32LE(start + 24), start, end }
}

/** Whether a frame may begin at `at`. */
export const isFrameMagic = (bytes: Buffer, at: number): boolean =>
  at + frameHeaderBytes <= bytes.length && bytes.compare(frameMagic, 0, 4, at, at + 4) === 0

/** The number in the header of the frame at `start`, whether it is whole or not. */
export const frameNumberAt = (bytes: Buffer, start: number): number => readU64(bytes, start + 8)

/** Where the frame at `start` ends, as its header says, whether it is whole or not. */
export const declaredEnd = (bytes: Buffer, start: number): number =>
  start + frameHeaderBytes <= bytes.length ? start + frameHeaderBytes + bytes.readUInt32LE(start + 4) : -1

/** The next whole frame at or after `from`, wherever it begins, or `undefined`. O(length of the rest). */
export const findFrame = (bytes: Buffer, from: number, fileId: number): Frame | undefined => {
  for (let at = bytes.indexOf(frameMagic, from); at >= 0; at = bytes.indexOf(frameMagic, at + 1)) {
    const frame = frameAt(bytes, at, fileId)
    if (frame !== undefined) return frame
  }
  return undefined
}
