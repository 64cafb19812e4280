/**
 * The log of one archived game, unpacked: its header, and its event lines as they were played.
 *
 * Small games are unpacked on the spot: handing 20 KB to the thread pool costs more than doing it. Larger ones go
 * through the pool, so that no stretch of the event loop is long.
 */
import { gunzip, gunzipSync } from 'node:zlib'
import { promisify } from 'node:util'
import { decodeLine } from '../events/codec.js'
import type { EventEnvelope } from '../events/envelope.js'
import { streamIdOf, type Position, type StreamId } from '../events/ids.js'
import type { EventShape } from '../events/upcaster.js'
import { CorruptSegmentError } from './archive-error.js'
import { parseHeader, type GameHeader } from './game-header.js'
import { GamePlace } from './game-place.js'

const unpack = promisify(gunzip)
const unpackAtOnceBytesMax = 32 * 1024
const lineFeed = 0x0a

export class ArchivedLog {
  readonly header: GameHeader
  /** The event lines. */
  readonly lines: Buffer
  readonly #place: GamePlace

  constructor(unpacked: Buffer, key: string, offset: number) {
    const end = unpacked.indexOf(lineFeed)
    if (end < 0) throw new CorruptSegmentError(key, offset, 'a game has no header line')
    this.header = parseHeader(unpacked.toString('utf8', 0, end), key, offset)
    this.lines = unpacked.subarray(end + 1)
    this.#place = new GamePlace(this.stream, key, offset)
  }

  get stream(): StreamId {
    return streamIdOf(this.header.kind, this.header.gameId)
  }

  /**
   * The events from a version on, decoded one by one; lifted to the shape of today where a shape is given.
   * @throws SchemaTooNewError, CorruptSegmentError
   */
  *envelopes(shape: EventShape | undefined, fromVersion = 1): Generator<EventEnvelope, void, undefined> {
    const { positions } = this.header
    let position = 0
    let start = 0
    let version = 0
    for (const difference of positions) {
      position += difference
      const found = this.lines.indexOf(lineFeed, start)
      if (found < 0) throw this.#place.corrupt(`there are fewer than ${positions.length} event lines`)
      if (++version >= fromVersion)
        yield this.#decode(this.lines.toString('utf8', start, found), position as Position, shape)
      start = found + 1
    }
    if (start < this.lines.length)
      throw this.#place.corrupt(`there are more than ${positions.length} event lines`)
  }

  /** The event of a line of `lines`. @throws SchemaTooNewError, CorruptSegmentError */
  #decode(line: string, position: Position, shape: EventShape | undefined): EventEnvelope {
    const { kind, gameId } = this.header
    try {
      return decodeLine(line, kind, gameId, position, shape)
    } catch (cause) {
      throw this.#place.unreadable(cause)
    }
  }
}

/** Unpacks one member of a segment: `packed` is the object `key` from `offset`. @throws CorruptSegmentError */
export const unpackLog = async (packed: Buffer, key: string, offset: number): Promise<ArchivedLog> => {
  let unpacked: Buffer
  try {
    unpacked = packed.length <= unpackAtOnceBytesMax ? gunzipSync(packed) : await unpack(packed)
  } catch (cause) {
    throw new CorruptSegmentError(
      key,
      offset,
      `a game cannot be unpacked (${(cause as Error).message})`,
      cause,
    )
  }
  return new ArchivedLog(unpacked, key, offset)
}
