/**
 * The checksum of a record: CRC-32 (IEEE 802.3, the one of gzip and `zlib.crc32`) over a stretch of a DataView.
 *
 * `zlib.crc32` is the faster one from about a kilobyte on, and does the frames. For the hundred or two hundred
 * bytes of a record the way into native code, with a Buffer cut for it, costs more than the sum itself; so here it
 * is in plain code, four bytes a step ("slicing by four", Kounavis and Berry 2005). Both give the same numbers.
 */
const tables = new Int32Array(4 * 256)
for (let byte = 0; byte < 256; byte++) {
  let sum = byte
  for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1
  tables[byte] = sum
}
for (let at = 256; at < tables.length; at++) {
  const before = tables[at - 256]!
  tables[at] = (before >>> 8) ^ tables[before & 255]!
}

/** The CRC-32 of the bytes of `view` at [start, end), as an unsigned number. O(length). */
export const crc32 = (view: DataView, start: number, end: number): number => {
  let sum = ~0
  let at = start
  for (const whole = end - 3; at < whole; at += 4) {
    sum ^= view.getInt32(at, true)
    sum =
      tables[768 + (sum & 255)]! ^
      tables[512 + ((sum >>> 8) & 255)]! ^
      tables[256 + ((sum >>> 16) & 255)]! ^
      tables[sum >>> 24]!
  }
  for (; at < end; at++) sum = (sum >>> 8) ^ tables[(sum ^ view.getUint8(at)) & 255]!
  return ~sum >>> 0
}
