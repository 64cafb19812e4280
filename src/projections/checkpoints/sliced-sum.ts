/** A CRC-32 that never stops the event loop for long. */
import { setImmediate } from 'node:timers/promises'
import { crc32 } from 'node:zlib'

/** Summed in one turn: a megabyte takes well under a millisecond. */
const sliceBytes = 1 << 20

/** The CRC-32 of bytes, in slices with turns of the event loop between. */
export const sumOf = async (bytes: Uint8Array): Promise<number> => {
  let sum = 0
  for (let at = 0; at < bytes.length; at += sliceBytes) {
    if (at > 0) await setImmediate()
    sum = crc32(bytes.subarray(at, at + sliceBytes), sum)
  }
  return sum
}
