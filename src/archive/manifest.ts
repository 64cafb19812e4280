/**
 * The manifest of a batch: the index of its segment, and the one commit point of archiving. Readers believe only
 * what a manifest names.
 *
 *     {"format":1,"ledger":"<uuid>","batch":42,"segment":"000000000042.ndjson.gz","codec":"gzip","bytes":8312,
 *      "sha256":"...","firstPosition":17,"lastPosition":950,"games":[
 *     {"kind":"tic-tac-toe","gameId":"a","offset":0,"length":212,"rawBytes":903,"events":8,"players":["ann","bob"],
 *      "outcome":{...},"firstPosition":17,"lastPosition":40,"firstAt":...,"lastAt":...,"hash":"..."},
 *     ...
 *     ],"check":"<sha256 of all bytes before this line>"}
 *
 * One line a game, in the order of the segment. `check` makes a flipped digit an error instead of another truth.
 *
 * A manifest of format 2 *replaces* others: its segment was made anew from a run of batches that were neighbours in order
 * of final position, and of games that were dropped it keeps a tombstone:
 *
 *     {"format":2,"ledger":"<uuid>","batch":90,"segment":"000000000090.rewritten-<16 hex digits>.ndjson.gz", ... ,
 *      "replaces":[41,42],"gonePositions":[2,5,1,1],"gone":[
 *     {"fingerprint":"<16 hex digits>","events":6,"lastPosition":14,"lastAt":...},
 *     ...
 *     ],"games":[ ...
 *
 * Whoever reads format 1 alone would count both the games of 41 and those of 90: so it must refuse, and does, by the number.
 */
import type { GameResult } from '../events/envelope.js'
import type { GameId, Kind, PlayerId, Position } from '../events/ids.js'
import { ArchiveTooNewError, CorruptManifestError } from './archive-error.js'
import { manifestKeyOf, segmentKeyOf } from './batch-key.js'
import {
  checkReplacing,
  gameChecks,
  headChecksOf,
  manifestFormat,
  replacingFormat,
} from './manifest-checks.js'
import type { Segment, SegmentMember } from './segment.js'
import * as check from './shape-check.js'
import { sha256Of } from './state-hash.js'

/** One game in the index of a batch. */
export interface IndexedGame {
  readonly kind: Kind
  readonly gameId: GameId
  /** Where in the segment. */
  readonly offset: number
  readonly length: number
  /** Unpacked, header line included. */
  readonly rawBytes: number
  readonly events: number
  readonly players: readonly PlayerId[]
  readonly outcome?: GameResult
  readonly firstPosition: Position
  /** Of the final event. */
  readonly lastPosition: Position
  /** `recordedAt` of the first and the final event, `occurredAt` of the final event where told. */
  readonly firstAt: number
  readonly lastAt: number
  readonly occurredAt?: number
  /** sha256 of the event lines, in hex. */
  readonly hash: string
}

/** What is left of a game that was dropped: enough that its id is never given again, and that its positions are known. */
export interface GoneGame {
  /** Of the stream (events/fingerprint.ts), in 16 hex digits. */
  readonly fingerprint: string
  readonly events: number
  /** Of the final event: its place in the order of games. */
  readonly lastPosition: Position
  readonly lastAt: number
}

export interface Manifest {
  /** 1; 2 where it replaces others. */
  readonly format: number
  /** The ledger that wrote the batch. */
  readonly ledger: string
  readonly batch: number
  /** The key of the segment; empty where no game is left, then there is none. */
  readonly segment: string
  readonly codec: 'gzip'
  readonly bytes: number
  /** Of the segment, in hex. */
  readonly sha256: string
  /** The lowest and the highest position of the batch, those of games that are gone included. */
  readonly firstPosition: Position
  readonly lastPosition: Position
  readonly games: readonly IndexedGame[]
  /**
   * All batches that this one stands for, ascending: those it was made from, and whatever they had replaced. Their
   * manifests are not believed, whether they are still there or not.
   */
  readonly replaces?: readonly number[]
  /** Games that were dropped, in order of their final position. */
  readonly gone?: readonly GoneGame[]
  /** Their positions (gone-positions.ts). */
  readonly gonePositions?: readonly number[]
}

/** The index of a segment. `sha256` is of its bytes. */
export const manifestOf = (ledger: string, batch: number, segment: Segment, sha256: string): Manifest => {
  const games = segment.members.map(indexed)
  let firstPosition = Infinity
  let lastPosition = 0
  for (const game of games) {
    firstPosition = Math.min(firstPosition, game.firstPosition)
    lastPosition = Math.max(lastPosition, game.lastPosition)
  }
  return {
    format: manifestFormat,
    ledger,
    batch,
    segment: segmentKeyOf(batch),
    codec: 'gzip',
    bytes: segment.bytes.length,
    sha256,
    firstPosition: firstPosition as Position,
    lastPosition: lastPosition as Position,
    games,
  }
}

/** What a rewriting makes of a run of batches. */
export interface Replacement {
  readonly segment: string
  readonly bytes: number
  readonly sha256: string
  readonly firstPosition: Position
  readonly lastPosition: Position
  readonly games: readonly IndexedGame[]
  readonly replaces: readonly number[]
  readonly gone: readonly GoneGame[]
  readonly gonePositions: readonly number[]
}

/** The manifest that replaces others. */
export const replacingManifestOf = (
  ledger: string,
  batch: number,
  { segment, bytes, sha256, firstPosition, lastPosition, games, replaces, gone, gonePositions }: Replacement,
): Manifest => ({
  format: replacingFormat,
  ledger,
  batch,
  segment,
  codec: 'gzip',
  bytes,
  sha256,
  firstPosition,
  lastPosition,
  replaces,
  ...(gone.length > 0 && { gonePositions, gone }),
  games,
})

/** What the index says of a game, from its header. */
export const indexed = ({ offset, length, rawBytes, header }: SegmentMember): IndexedGame => ({
  kind: header.kind,
  gameId: header.gameId,
  offset,
  length,
  rawBytes,
  events: header.versions,
  players: header.players,
  ...(header.outcome && { outcome: header.outcome }),
  firstPosition: header.positions[0]! as Position,
  lastPosition: header.positions.reduce((sum, difference) => sum + difference, 0) as Position,
  firstAt: header.firstAt,
  lastAt: header.lastAt,
  ...(header.occurredAt !== undefined && { occurredAt: header.occurredAt }),
  hash: header.hash,
})

const checkStart = '],"check":"'

const linesOf = (parts: readonly object[]): string => parts.map((part) => JSON.stringify(part)).join(',\n')

/** The bytes of a manifest. */
export const encodeManifest = ({ games, gone, ...head }: Manifest): Buffer => {
  const goneLines = gone ? `,"gone":[\n${linesOf(gone)}\n]` : ''
  const checked = `${JSON.stringify(head).slice(0, -1)}${goneLines},"games":[\n${linesOf(games)}\n`
  return Buffer.from(`${checked}${checkStart}${sha256Of(checked)}"}\n`)
}

/** Reads a manifest back. @throws CorruptManifestError, ArchiveTooNewError */
export const parseManifest = (key: string, bytes: Buffer): Manifest => {
  const text = bytes.toString('utf8')
  const parsed = check.parseObject(text)
  if (!parsed) throw new CorruptManifestError(key, 'it is not JSON')
  const { format, codec } = parsed
  if (typeof format === 'number' && format > replacingFormat)
    throw new ArchiveTooNewError(key, format, replacingFormat)
  if (format !== manifestFormat && format !== replacingFormat)
    throw new CorruptManifestError(key, 'it has no format')
  const end = text.lastIndexOf(checkStart)
  if (end < 0 || sha256Of(text.slice(0, end)) !== parsed['check'])
    throw new CorruptManifestError(key, 'its check does not agree with its bytes')
  if (codec !== 'gzip') throw new ArchiveTooNewError(key, codec, 'gzip')
  const flaw = check.firstFlaw(parsed, headChecksOf(parsed))
  if (flaw !== undefined) throw new CorruptManifestError(key, `its \`${flaw}\` is wrong`)
  const { check: _, ...manifest } = parsed as unknown as Manifest & { readonly check: string }
  checkParts(key, manifest)
  return manifest
}

const checkParts = (key: string, manifest: Manifest): void => {
  if (key !== manifestKeyOf(manifest.batch))
    throw new CorruptManifestError(key, `it is of batch ${manifest.batch}`)
  let end = 0
  for (const game of manifest.games) {
    const flaw = check.firstFlaw(game as unknown as Readonly<Record<string, unknown>>, gameChecks)
    if (flaw !== undefined) throw new CorruptManifestError(key, `the \`${flaw}\` of a game is wrong`)
    if (game.offset !== end) throw new CorruptManifestError(key, 'its games do not lie end to end')
    end += game.length
  }
  if (end !== manifest.bytes) throw new CorruptManifestError(key, 'its games are not as long as its segment')
  checkReplacing(key, manifest)
}
