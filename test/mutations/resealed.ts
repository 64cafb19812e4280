/**
 * A journal without checksums, for the control: after an accident every checksum is made to fit what is there now. What
 * the accident did to records is then read as if it had been written so; the proof must see that it is wrong.
 */
import { crc32 } from 'node:zlib'
import type { Image } from './plain-disk.js'

const reseal = (bytes: Buffer): void => {
  const id = bytes.length >= 64 ? bytes.readUInt32LE(12) : 0
  if (bytes.length >= 64) bytes.writeUInt32LE(crc32(bytes.subarray(0, 60)), 60)
  for (let at = 64; at + 32 < bytes.length && bytes.toString('latin1', at, at + 4) === 'GLFR';) {
    const end = at + 32 + bytes.readUInt32LE(at + 4)
    if (end > bytes.length) return
    for (let record = at + 32; record + 40 <= end;) {
      const length = bytes.readUInt32LE(record + 4)
      if (length < 40 || record + length > end) break
      bytes.writeUInt32LE(crc32(bytes.subarray(record + 4, record + length)), record)
      record += (length + 7) & ~7
    }
    bytes.writeUInt32LE(crc32(bytes.subarray(at + 32, end), crc32(bytes.subarray(at, at + 28), id)), at + 28)
    at = end
  }
}

export const resealed = (image: Image): Image =>
  new Map(
    [...image].map(([name, bytes]) => {
      const copy = Buffer.from(bytes)
      if (name.endsWith('.log')) reseal(copy)
      return [name, copy]
    }),
  )
