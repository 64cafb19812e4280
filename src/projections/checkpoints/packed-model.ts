/**
 * A read model as bytes: a head of JSON and columns of plain memory behind it. Columns are copied, never encoded: a
 * JSON of a million rows stops the event loop for half a second, their columns for some milliseconds.
 *
 *     0       u32     length of the head
 *     4       JSON    { "little": true, "lengths": [bytes of each column], "head": ... }
 *     ...     columns, one behind the other
 *
 * Numbers in columns have the byte order of the machine, which the head names: a model is a cache of the log and may
 * always be rebuilt, so a machine of the other order just does that.
 */
import { endianness } from 'node:os'

const isLittle = endianness() === 'LE'

type Column = Uint8Array | Uint32Array | Float64Array

interface Head {
  readonly little: boolean
  readonly lengths: readonly number[]
  readonly head: unknown
}

/** One buffer of a head (a JSON value) and columns. O(bytes), copying only. */
export const packModel = (head: unknown, columns: readonly Column[]): Uint8Array => {
  const lengths = columns.map(({ byteLength }) => byteLength)
  const json = Buffer.from(JSON.stringify({ little: isLittle, lengths, head } satisfies Head))
  const start = 4 + json.length
  const packed = Buffer.allocUnsafeSlow(lengths.reduce((sum, length) => sum + length, start))
  packed.writeUInt32LE(json.length, 0)
  json.copy(packed, 4)
  let at = start
  for (const { buffer, byteOffset, byteLength } of columns) {
    packed.set(new Uint8Array(buffer, byteOffset, byteLength), at)
    at += byteLength
  }
  return packed
}

/** Takes a packed model apart. The columns are copies. @throws TypeError where the bytes are no packed model */
export const unpackModel = (packed: Uint8Array): { head: unknown; columns: readonly Uint8Array[] } => {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength)
  const start = bytes.length < 4 ? Infinity : 4 + bytes.readUInt32LE(0)
  if (start > bytes.length) throw new TypeError('These bytes are no packed model. Rebuild it.')
  const { little, lengths, head } = JSON.parse(bytes.toString('utf8', 4, start)) as Head
  if (little !== isLittle || start + lengths.reduce((sum, length) => sum + length, 0) !== bytes.length)
    throw new TypeError('This packed model is of another machine or incomplete. Rebuild it.')
  let at = start
  const columns = lengths.map((length) => new Uint8Array(bytes.subarray(at, (at += length))))
  return { head, columns }
}

/** A column of a packed model as float64. */
export const float64sOf = ({ buffer, byteLength }: Uint8Array): Float64Array =>
  new Float64Array(buffer as ArrayBuffer, 0, byteLength / 8)

/** A column of a packed model as uint32. */
export const uint32sOf = ({ buffer, byteLength }: Uint8Array): Uint32Array =>
  new Uint32Array(buffer as ArrayBuffer, 0, byteLength / 4)

/**
 * The same bytes as `packModel` gives, as parts that stand one behind the other: nothing is copied. For models whose
 * columns, each a list of parts, never change once they were handed out.
 */
export const modelParts = (
  head: unknown,
  columns: readonly (readonly Uint8Array[])[],
): readonly Uint8Array[] => {
  const lengths = columns.map((parts) => parts.reduce((sum, { byteLength }) => sum + byteLength, 0))
  const json = Buffer.from(JSON.stringify({ little: isLittle, lengths, head } satisfies Head))
  const start = Buffer.alloc(4)
  start.writeUInt32LE(json.length, 0)
  return [start, json, ...columns.flat()]
}
