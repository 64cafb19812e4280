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
 * `zcat` gives lines of JSON, one ranged read gives one game, and damage stays within one game. A batch is read here, in
 * short stretches, and packed in a thread of its own (packing-thread.ts).
 */
import { crc32, inflateRawSync, type Inflate } from 'node:zlib'
import { BackgroundSlice } from '../events/time-slice.js'
import { CorruptSegmentError } from './archive-error.js'
import { ArchivedLog } from './archived-log.js'
import { unpackedMemberOf, type CompletedGame, type Rules, type UnpackedMember } from './completed-game.js'
import type { GameHeader } from './game-header.js'
import { packMembers } from './packing-thread.js'
import { sha256Of } from './state-hash.js'

/** So long play waits at most for a batch that is read. */
const sliceMs = 0.5

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

/** Builds a segment. Reads the games in short stretches; packing is done in a thread. @throws where a game is not over */
export const buildSegment = async (
  games: readonly CompletedGame[],
  rules: Rules,
  signal?: AbortSignal,
): Promise<Segment> => {
  const slice = new BackgroundSlice(sliceMs)
  const unpacked: UnpackedMember[] = []
  // One room for the lines of all: a buffer for each would be a burden to the collector of young objects.
  const room = Buffer.allocUnsafeSlow(games.reduce((sum, { log }) => sum + log.byteLength, 0))
  let used = 0
  for (const game of games.toSorted((one, other) => (one.stream < other.stream ? -1 : 1))) {
    const member = await unpackedMemberOf(game, rules, slice, room.subarray(used))
    unpacked.push(member)
    used += member.parts[1].length
    if (slice.isOver()) await slice.next()
    signal?.throwIfAborted()
  }
  const { bytes, lengths } = await packMembers(unpacked.map(({ parts }) => parts))
  const members: SegmentMember[] = []
  let offset = 0
  for (const [at, { header, rawBytes }] of unpacked.entries()) {
    members.push({ offset, length: lengths[at]!, rawBytes, header })
    offset += lengths[at]!
  }
  return { bytes, members }
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
