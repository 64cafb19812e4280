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
import type { SaveRoom } from '../projection.js'

const isLittle = endianness() === 'LE'

/** A model as the pieces that lie one behind the other, lent: valid until the model changes. */
export type ModelParts = readonly Uint8Array[]

/** Memory, or a model in its own right. */
type Column = Uint8Array | Uint32Array | Float64Array | ModelParts

interface Head {
  readonly little: boolean
  readonly lengths: readonly number[]
  readonly head: unknown
}

const piecesOf = (column: Column): ModelParts =>
  ArrayBuffer.isView(column) ? [new Uint8Array(column.buffer, column.byteOffset, column.byteLength)] : column

const lengthOf = (parts: ModelParts): number => parts.reduce((sum, { byteLength }) => sum + byteLength, 0)

/** The pieces of a head (a JSON value) and columns. Copies nothing. */
export const partsOfModel = (head: unknown, columns: readonly Column[]): ModelParts => {
  const pieces = columns.map(piecesOf)
  const lengths = pieces.map(lengthOf)
  const json = Buffer.from(JSON.stringify({ little: isLittle, lengths, head } satisfies Head))
  const start = Buffer.allocUnsafe(4 + json.length)
  start.writeUInt32LE(json.length, 0)
  json.copy(start, 4)
  return [start, ...pieces.flat()]
}

/** One buffer of all pieces: the one copy that saving makes. O(bytes). */
export const joinParts = (parts: ModelParts, room: SaveRoom = Buffer.allocUnsafeSlow): Uint8Array => {
  const joined = room(lengthOf(parts))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.byteLength
  }
  return joined
}

/** One buffer of a head (a JSON value) and columns. O(bytes). */
export const packModel = (head: unknown, columns: readonly Column[], room?: SaveRoom): Uint8Array =>
  joinParts(partsOfModel(head, columns), room)

/** Takes a packed model apart. The columns are lent: parts of `packed`. @throws TypeError where the bytes are no packed model */
export const unpackModel = (packed: Uint8Array): { head: unknown; columns: readonly Uint8Array[] } => {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength)
  const start = bytes.length < 4 ? Infinity : 4 + bytes.readUInt32LE(0)
  if (start > bytes.length) throw new TypeError('These bytes are no packed model. Rebuild it.')
  const { little, lengths, head } = JSON.parse(bytes.toString('utf8', 4, start)) as Head
  if (little !== isLittle || start + lengths.reduce((sum, length) => sum + length, 0) !== bytes.length)
    throw new TypeError('This packed model is of another machine or incomplete. Rebuild it.')
  let at = start
  const columns = lengths.map((length) => bytes.subarray(at, (at += length)))
  return { head, columns }
}

/** A column of a packed model as float64: a copy, since columns lie where they lie. */
export const float64sOf = (column: Uint8Array): Float64Array => new Float64Array(copyOf(column))

/** A column of a packed model as uint32: a copy. */
export const uint32sOf = (column: Uint8Array): Uint32Array => new Uint32Array(copyOf(column))

const copyOf = (column: Uint8Array): ArrayBuffer => new Uint8Array(column).buffer
