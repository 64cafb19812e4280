/**
 * A segment: the completed games of one batch, in one immutable object that any tool can read.
 *
 *     000000000042.ndjson.gz
 *     +--------------------+--------------------+--------------------+
 *     | gzip member        | gzip member        | gzip member        |   one a game, ascending by stream id
 *     | tic-tac-toe/a      | tic-tac-toe/b      | tic-tac-toe/c      |
 *     +--------------------+--------------------+--------------------+
 *     unpacked, each:   header line (JSON, game-header.ts), LF
 *                       event line (JSON, the bytes of the live game's log), LF        once a version
 *
 * `zcat` gives lines of JSON, one ranged read gives one game, and damage stays within one game. Members are packed
 * one at a time: the thread pool is shared with the journal, and several gzips beside it make every sync wait. While
 * one is packed the next is read, in slices. Level 6: 79 MB/s, 34.5 B an event of 197 B (docs/formats/archive.md).
 */
import { promisify } from 'node:util'
import { crc32, gzip, inflateRawSync, type Inflate } from 'node:zlib'
import { TimeSlice } from '../events/time-slice.js'
import { CorruptSegmentError } from './archive-error.js'
import { ArchivedLog } from './archived-log.js'
import { unpackedMemberOf, type CompletedGame, type Rules, type UnpackedMember } from './completed-game.js'
import type { GameHeader } from './game-header.js'
import { sha256Of } from './state-hash.js'

const deflate = promisify(gzip)
const level = 6

/** One member, packed, in the thread pool. */
export const packMember = (bytes: Buffer): Promise<Buffer> => deflate(bytes, { level })

/** One game in a segment, and where. */
export interface SegmentMember {
  readonly offset: number
  readonly length: number
  /** Unpacked, header line included. */
  readonly rawBytes: number
  readonly header: GameHeader
}

export interface Segment {
  readonly bytes: Buffer
  readonly members: readonly SegmentMember[]
}

/** Builds a segment. Blocks the event loop for a few milliseconds at a time. @throws where a game is not over */
export const buildSegment = async (
  games: readonly CompletedGame[],
  rules: Rules,
  signal?: AbortSignal,
): Promise<Segment> => {
  const slice = new TimeSlice()
  const packed: Buffer[] = []
  const members: SegmentMember[] = []
  let offset = 0
  let packing: Promise<void> = Promise.resolve()
  const keep = async (member: UnpackedMember): Promise<void> => {
    const bytes = await packMember(member.bytes)
    packed.push(bytes)
    members.push({ offset, length: bytes.length, rawBytes: member.bytes.length, header: member.header })
    offset += bytes.length
  }
  for (const game of games.toSorted((one, other) => (one.stream < other.stream ? -1 : 1))) {
    signal?.throwIfAborted()
    const member = await unpackedMemberOf(game, rules, slice)
    await packing
    slice.begin()
    packing = keep(member)
    // Handled here, so that a failure while the next is read is not an unhandled rejection; it is thrown above.
    packing.catch(() => undefined)
  }
  await packing
  return { bytes: Buffer.concat(packed), members }
}

/**
 * Finds the members of a segment without an index: for what stands in the store without a manifest.
 * @throws CorruptSegmentError where it is not of the form that `buildSegment` gives
 */
export const membersOf = (bytes: Buffer, key: string): readonly SegmentMember[] => {
  const members: SegmentMember[] = []
  for (let offset = 0; offset < bytes.length;) {
    const unpacked = unpackAt(bytes, key, offset)
    const { header, lines } = new ArchivedLog(unpacked.bytes, key, offset)
    if (sha256Of(lines) !== header.hash)
      throw new CorruptSegmentError(key, offset, 'event lines and hash differ')
    members.push({ offset, length: unpacked.length, rawBytes: unpacked.bytes.length, header })
    offset += unpacked.length
  }
  return members
}

const gzipHeader = Buffer.from([0x1f, 0x8b, 0x08, 0x00])
const gzipHeaderBytes = 10
const gzipTrailerBytes = 8

/** Node's gunzip runs through all members at once; the raw inflate below says where the first one ends. */
const unpackAt = (
  all: Buffer,
  key: string,
  offset: number,
): { readonly bytes: Buffer; readonly length: number } => {
  const corrupt = (cause?: unknown) =>
    new CorruptSegmentError(key, offset, 'there is no whole gzip member', cause)
  if (!all.subarray(offset, offset + gzipHeader.length).equals(gzipHeader)) throw corrupt()
  let inflated: { readonly buffer: Buffer; readonly engine: Inflate }
  try {
    inflated = inflateRawSync(all.subarray(offset + gzipHeaderBytes), {
      info: true,
    }) as unknown as typeof inflated
  } catch (cause) {
    throw corrupt(cause)
  }
  const trailer = offset + gzipHeaderBytes + inflated.engine.bytesWritten
  if (trailer + gzipTrailerBytes > all.length || all.readUInt32LE(trailer) !== crc32(inflated.buffer))
    throw corrupt()
  return { bytes: inflated.buffer, length: trailer + gzipTrailerBytes - offset }
}
