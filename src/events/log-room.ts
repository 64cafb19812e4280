/**
 * Room for the bytes of logs. Small ones share a slab: a buffer of their own, or a view, costs more than what is in it.
 *
 * A slab lives as long as a log that is in it, or was not moved out of it by growing: so a log that is left alone keeps at
 * most 4 KiB.
 */
const slabBytes = 4_096
const sharedMax = 512

let slab = Buffer.allocUnsafeSlow(0)
let used = 0

/** The bytes of `bytes` at [start, end) are nobody else's; not zeroed. */
export interface LogRoom {
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
}

export const logRoom = (length: number): LogRoom => {
  if (length > sharedMax) return { bytes: Buffer.allocUnsafeSlow(length), start: 0, end: length }
  if (used + length > slab.length) {
    slab = Buffer.allocUnsafeSlow(slabBytes)
    used = 0
  }
  return { bytes: slab, start: used, end: (used += length) }
}
