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

/** Plain memory, or a model within the model. */
type Column = Uint8Array | Uint32Array | Float64Array | LentModel

interface Head {
  readonly little: boolean
  readonly lengths: readonly number[]
  readonly head: unknown
}

/**
 * A packed model whose columns are only lent: they change with the next event. So a model of models is copied once,
 * when all of it is known.
 */
export class LentModel {
  readonly byteLength: number
  /** Its bytes, in order. */
  readonly parts: readonly Uint8Array[]

  /** @param head a JSON value */
  constructor(head: unknown, columns: readonly Column[]) {
    const lengths = columns.map(({ byteLength }) => byteLength)
    const json = Buffer.from(JSON.stringify({ little: isLittle, lengths, head } satisfies Head))
    const start = Buffer.alloc(4)
    start.writeUInt32LE(json.length)
    this.parts = [start, json, ...columns.flatMap(partsOf)]
    this.byteLength = lengths.reduce((sum, length) => sum + length, start.length + json.length)
  }

  /** One buffer of all. O(bytes): the one copy. */
  copy(room: SaveRoom = Buffer.allocUnsafeSlow): Uint8Array {
    const packed = room(this.byteLength)
    let at = 0
    for (const part of this.parts) {
      packed.set(part, at)
      at += part.byteLength
    }
    return packed
  }
}

const partsOf = (column: Column): readonly Uint8Array[] =>
  column instanceof LentModel
    ? column.parts
    : [new Uint8Array(column.buffer, column.byteOffset, column.byteLength)]

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
