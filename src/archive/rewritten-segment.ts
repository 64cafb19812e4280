/**
 * A segment made anew from those of neighbouring batches: each game as it was, or with other lines, or gone.
 *
 *     41  [ a | c ]  \                         a    the member's bytes are copied, packed as they are
 *     42  [ b ]       >  [ a | b' | d ]        b'   new lines: header, both hashes and what they tell made anew
 *     43  [ d ]      /     gone: c             c    a tombstone: fingerprint, number of events, end; its positions
 *
 * A segment is believed only whole: where its bytes are not those that the manifest was made for, nothing is made of it.
 * Damage must stay where a good copy can still be put in its place.
 *
 * In memory are the packed segments of the run, what is made of them, and one unpacked game. Work is done in slices.
 */
import { fingerprintOf, fingerprintText } from '../events/fingerprint.js'
import { streamIdOf, type Position, type StreamId } from '../events/ids.js'
import { TimeSlice } from '../events/time-slice.js'
import { CorruptSegmentError } from './archive-error.js'
import { unpackIndexed } from './archived-game.js'
import type { ArchivedLog } from './archived-log.js'
import { memberOfLines, type Rules } from './completed-game.js'
import { GamePlace } from './game-place.js'
import { encodeGonePositions, goneStretches } from './gone-positions.js'
import { indexed, type GoneGame, type IndexedGame, type Manifest } from './manifest.js'
import { packMembers } from './packing-thread.js'
import { sha256Of } from './state-hash.js'

/** A game that is to be rewritten, or not. */
export interface RewritableGame {
  readonly index: IndexedGame
  /** Its log, unpacked and compared with its hash. */
  log(): Promise<ArchivedLog>
}

/** What becomes of a game: it stays as it is, it goes, or its event lines are others, as many as they were. */
export type Rewritten = 'same' | 'gone' | { readonly lines: Buffer }

/** Decides what becomes of a game. Called once or several times a game; has no side effects. */
export type Rewrite = (game: RewritableGame) => Rewritten | Promise<Rewritten>

/** What a run of batches becomes, not yet in the store. */
export interface RewrittenSegment {
  /** Empty where no game is left. */
  readonly bytes: Buffer
  readonly sha256: string
  readonly firstPosition: Position
  readonly lastPosition: Position
  readonly games: readonly IndexedGame[]
  readonly gone: readonly GoneGame[]
  readonly gonePositions: readonly number[]
  /** How many games were given other lines, and how many went. */
  readonly changed: number
  readonly dropped: number
}

interface Member {
  readonly stream: StreamId
  readonly packed: Buffer
  readonly index: IndexedGame
}

/** Gives the bytes of the segment of a batch that has one. */
type ReadSegment = (manifest: Manifest) => Promise<Buffer | undefined>

/** Reads the segments of the run and makes the new one. @throws CorruptSegmentError; what `read` or `rewrite` throws */
export const rewriteSegments = async (
  read: ReadSegment,
  run: readonly Manifest[],
  rewrite: Rewrite,
  rules: Rules,
  signal: AbortSignal,
): Promise<RewrittenSegment> => {
  const making = new Making(rewrite, rules, signal)
  for (const manifest of run) await making.take(manifest, await wholeSegment(read, manifest))
  return making.made()
}

/** @throws CorruptSegmentError */
const wholeSegment = async (read: ReadSegment, manifest: Manifest): Promise<Buffer> => {
  const { segment, bytes, sha256, games } = manifest
  if (games.length === 0) return Buffer.alloc(0)
  const stored = await read(manifest)
  if (stored?.length === bytes && sha256Of(stored) === sha256) return stored
  throw new CorruptSegmentError(segment, 0, 'its bytes are not those that the manifest was made for')
}

class Making {
  readonly #rewrite: Rewrite
  readonly #rules: Rules
  readonly #signal: AbortSignal
  readonly #slice = new TimeSlice()
  readonly #members: Member[] = []
  readonly #gone: GoneGame[] = []
  readonly #gonePositions: number[] = []
  #firstPosition = Infinity
  #lastPosition = 0
  #changed = 0
  #dropped = 0

  constructor(rewrite: Rewrite, rules: Rules, signal: AbortSignal) {
    this.#rewrite = rewrite
    this.#rules = rules
    this.#signal = signal
  }

  async take(manifest: Manifest, bytes: Buffer): Promise<void> {
    const { segment, games, gone = [], gonePositions = [], firstPosition, lastPosition } = manifest
    this.#firstPosition = Math.min(this.#firstPosition, firstPosition)
    this.#lastPosition = Math.max(this.#lastPosition, lastPosition)
    this.#gone.push(...gone)
    for (const [first, last] of goneStretches(gonePositions))
      for (let position: number = first; position <= last; position++) this.#gonePositions.push(position)
    this.#slice.begin()
    for (const index of games) {
      this.#signal.throwIfAborted()
      await this.#takeGame(index, bytes.subarray(index.offset, index.offset + index.length), segment)
      if (this.#slice.isOver()) await this.#slice.next()
    }
  }

  async #takeGame(index: IndexedGame, packed: Buffer, segment: string): Promise<void> {
    const stream = streamIdOf(index.kind, index.gameId)
    let unpacked: ArchivedLog | undefined
    const log = async () => (unpacked ??= await checkedLog(packed, segment, index))
    const rewritten = await this.#rewrite({ index, log })
    if (rewritten === 'same') this.#members.push({ stream, packed, index })
    else if (rewritten === 'gone') this.#bury(stream, index, await log())
    else this.#members.push(await this.#newMember(stream, index, await log(), rewritten.lines))
  }

  #bury(
    stream: StreamId,
    { kind, events, lastPosition, lastAt }: IndexedGame,
    { header }: ArchivedLog,
  ): void {
    const fingerprint = fingerprintText(fingerprintOf(stream))
    this.#gone.push({ kind, fingerprint, events, lastPosition, lastAt })
    let position = 0
    for (const difference of header.positions) this.#gonePositions.push((position += difference))
    this.#dropped++
  }

  async #newMember(
    stream: StreamId,
    index: IndexedGame,
    { header }: ArchivedLog,
    lines: Buffer,
  ): Promise<Member> {
    const { positions } = header
    const {
      header: made,
      parts,
      rawBytes,
    } = await memberOfLines({ stream, lines, positions }, this.#rules, this.#slice)
    if (linesIn(lines) !== positions.length)
      throw new TypeError(`${stream} has ${positions.length} events; got ${linesIn(lines)} lines for them.`)
    const { bytes: packed } = await packMembers([parts])
    this.#slice.begin()
    this.#changed++
    const place = { offset: 0, length: packed.length, rawBytes }
    const told = indexed({ ...place, header: made })
    if (told.lastAt !== index.lastAt || told.firstAt !== index.firstAt)
      throw new TypeError(`${stream} was to be rewritten with other times.`)
    return { stream, packed, index: told }
  }

  made(): RewrittenSegment {
    this.#members.sort((one, other) => (one.stream < other.stream ? -1 : 1))
    let offset = 0
    const games = this.#members.map(({ packed, index }) => {
      const game = { ...index, offset }
      offset += packed.length
      return game
    })
    const bytes = Buffer.concat(this.#members.map(({ packed }) => packed))
    return {
      bytes,
      sha256: sha256Of(bytes),
      firstPosition: this.#firstPosition as Position,
      lastPosition: this.#lastPosition as Position,
      games,
      gone: this.#gone.toSorted((one, other) => one.lastPosition - other.lastPosition),
      gonePositions: encodeGonePositions(Float64Array.from(this.#gonePositions)),
      changed: this.#changed,
      dropped: this.#dropped,
    }
  }
}

const checkedLog = async (packed: Buffer, segment: string, index: IndexedGame): Promise<ArchivedLog> => {
  const log = await unpackIndexed(packed, segment, index)
  if (sha256Of(log.lines) !== log.header.hash)
    throw new GamePlace(log.stream, segment, index.offset).corrupt('event lines and hash differ')
  return log
}

const linesIn = (lines: Buffer): number => {
  let count = 0
  for (let at = lines.indexOf(0x0a); at >= 0; at = lines.indexOf(0x0a, at + 1)) count++
  return count
}
