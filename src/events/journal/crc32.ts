/**
 * The checksum of a record: CRC-32 (IEEE 802.3, the one of gzip and `zlib.crc32`) over a stretch of a DataView.
 *
 * `zlib.crc32` is the faster one from about a kilobyte on, and does the frames. For the hundred or two hundred
 * bytes of a record the way into native code, with a Buffer cut for it, costs more than the sum itself; so here it
 * is in plain code, sixteen bytes a step: "slicing" (Kounavis and Berry 2005), which looks up sixteen bytes at once
 * where byte by byte each lookup waits for the one before. Both give the same numbers.
 */
const slices = 16
const tables = new Int32Array(slices * 256)
for (let byte = 0; byte < 256; byte++) {
  let sum = byte
  for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1
  tables[byte] = sum
}
for (let at = 256; at < tables.length; at++) {
  const before = tables[at - 256]!
  tables[at] = (before >>> 8) ^ tables[before & 255]!
}

/** What four bytes, `4 * words` bytes before the end of a step, add to the sum. */
const looked = (word: number, words: number): number => {
  const table = words << 10
  return (
    tables[table + 768 + (word & 255)]! ^
    tables[table + 512 + ((word >>> 8) & 255)]! ^
    tables[table + 256 + ((word >>> 16) & 255)]! ^
    tables[table + (word >>> 24)]!
  )
}

/** The CRC-32 of the bytes of `view` at [start, end), as an unsigned number. O(length). */
export const crc32 = (view: DataView, start: number, end: number): number => {
  let sum = ~0
  let at = start
  for (const whole = end - slices + 1; at < whole; at += slices)
    sum =
      looked(sum ^ view.getInt32(at, true), 3) ^
      looked(view.getInt32(at + 4, true), 2) ^
      looked(view.getInt32(at + 8, true), 1) ^
      looked(view.getInt32(at + 12, true), 0)
  for (; at < end; at++) sum = (sum >>> 8) ^ tables[(sum ^ view.getUint8(at)) & 255]!
  return ~sum >>> 0
}
