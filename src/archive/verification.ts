/**
 * Checks an archive against itself, from its objects alone: no catalog, no journal.
 *
 * Shallow: every manifest reads, batch numbers have no gap but for those that others replace, every segment is there with
 * its size and sha256; every game unpacks, agrees with the index, and its event lines with their hash; versions are 1..n,
 * nothing follows the final event; no game and no position is in two places, those of games that are gone included. Deep,
 * besides: every game is folded again, and its state, outcome and players are compared; games whose rules are not given,
 * or have another `schema` or `rules` number, are *not comparable*.
 *
 * Damage stays within one game: where the sha256 of a segment differs, the games that are whole are not reported.
 * Memory: one segment, 12 to 24 bytes a game, one bit a position.
 */
import type { AnyGame } from '../commands/game.js'
import type { EventEnvelope, GameEvent } from '../events/envelope.js'
import { fingerprintOf, FingerprintTable, parseFingerprint, type Fingerprint } from '../events/fingerprint.js'
import { streamIdOf, type PlayerId, type StreamId } from '../events/ids.js'
import { CorruptSegmentError } from './archive-error.js'
import { unpackIndexed } from './archived-game.js'
import type { ArchivedLog } from './archived-log.js'
import { manifestKeyOf } from './batch-key.js'
import { BelievedManifests } from './believed-manifests.js'
import { canonicalJson } from './canonical-json.js'
import type { ColdStore } from './cold-store.js'
import { goneStretches } from './gone-positions.js'
import { indexed, type IndexedGame, type Manifest } from './manifest.js'
import { PositionSet } from './position-set.js'
import type { Rules } from './completed-game.js'
import { foldInSlices, hashToCompare, sha256Of, stateHashOf } from './state-hash.js'
import { TimeSlice } from '../events/time-slice.js'

export interface VerifyOptions {
  /** Fold every game again. @default false */
  readonly deep?: boolean
  /** Hears how far it is, after each batch. */
  readonly onProgress?: (progress: VerifyProgress) => void
  readonly signal?: AbortSignal
}

export interface VerifyProgress {
  readonly segments: number
  readonly games: number
  readonly events: number
}

export interface VerifyProblem {
  /** Stable, kebab-case. */
  readonly code: string
  readonly message: string
  readonly key?: string
  /** The stream. */
  readonly game?: StreamId
}

export interface VerifyReport extends VerifyProgress {
  readonly ok: boolean
  readonly problems: readonly VerifyProblem[]
  /** Games whose states could not be compared: rules not given, or of another `schema` or `rules` number. Counted when deep. */
  readonly notComparable: number
  /** Games that were dropped: their positions are counted. */
  readonly gone: number
  /** Objects that nobody names: what a crash left, and is deleted in time. */
  readonly leftOver: number
}

/** What stands under a fingerprint that was met. */
const isThere = 0
const isGone = 1

/** One run over the archive; use it once. */
export class Verification {
  readonly #store: ColdStore
  readonly #rules: Rules
  readonly #problems: VerifyProblem[] = []
  readonly #positions = new PositionSet()
  readonly #seen = new FingerprintTable()
  readonly #suspects = new Set<StreamId>()
  readonly #slice = new TimeSlice()
  #segments = 0
  #games = 0
  #events = 0
  #notComparable = 0
  #gone = 0

  constructor(store: ColdStore, rules: Rules) {
    this.#store = store
    this.#rules = rules
  }

  /** Those of all events that were met. */
  get positions(): PositionSet {
    return this.#positions
  }

  /** @throws what aborted `signal`, what the store throws, ArchiveTooNewError */
  async run({ deep = false, onProgress, signal }: VerifyOptions = {}): Promise<VerifyReport> {
    const manifests = new BelievedManifests(this.#store, (code, message, key) =>
      this.#add(code, message, key),
    )
    for await (const manifest of manifests.read()) {
      signal?.throwIfAborted()
      await this.#checkBatch(manifest, deep, signal)
      onProgress?.({ segments: this.#segments, games: this.#games, events: this.#events })
    }
    if (this.#suspects.size > 0) await this.#checkSuspects()
    return {
      ok: this.#problems.length === 0,
      games: this.#games,
      events: this.#events,
      segments: this.#segments,
      problems: this.#problems,
      notComparable: this.#notComparable,
      gone: this.#gone,
      leftOver: manifests.leftOver,
    }
  }

  async #checkBatch(manifest: Manifest, deep: boolean, signal: AbortSignal | undefined): Promise<void> {
    const key = manifest.segment
    this.#checkGone(manifest)
    for (const game of manifest.games) this.#note(streamIdOf(game.kind, game.gameId), manifest)
    this.#games += manifest.games.length
    if (manifest.games.length === 0) return
    const segment = await this.#store.get(key)
    if (!segment) return this.#add('segment-missing', 'the manifest names it, and it is not there', key)
    this.#segments++
    const before = this.#problems.length
    for (const game of manifest.games) {
      signal?.throwIfAborted()
      await this.#checkGame(segment, key, game, deep)
      if (this.#slice.isOver()) await this.#slice.next()
    }
    // A damaged game has been named; only damage that no game shows is told of the segment as a whole.
    if (this.#problems.length > before) return
    if (segment.length !== manifest.bytes || sha256Of(segment) !== manifest.sha256)
      this.#add('segment-differs', 'its bytes are not those that the manifest was made for', key)
  }

  #checkGone({ batch, gone = [], gonePositions = [] }: Manifest): void {
    const key = manifestKeyOf(batch)
    this.#gone += gone.length
    for (const game of gone) {
      const fingerprint = parseFingerprint(game.fingerprint)
      if (this.#met(fingerprint) !== undefined)
        this.#add(
          'game-twice',
          `the game of fingerprint ${game.fingerprint} is gone, and in another place`,
          key,
        )
      this.#seen.add(fingerprint, isGone)
    }
    for (const [first, last] of goneStretches(gonePositions))
      for (let position: number = first; position <= last; position++)
        if (!this.#positions.add(position))
          this.#add(
            'position-twice',
            `position ${position} is of a game that is gone, and in another place`,
            key,
          )
  }

  /** Fingerprints first: the names themselves are compared only where one seems to come twice. */
  #note(stream: StreamId, { batch }: Manifest): void {
    const fingerprint = fingerprintOf(stream)
    const met = this.#met(fingerprint)
    if (met === undefined) this.#seen.add(fingerprint, isThere)
    else if (met === isThere) this.#suspects.add(stream)
    else this.#add('game-twice', 'it is gone by another batch, and is here', manifestKeyOf(batch), stream)
  }

  #met(fingerprint: Fingerprint): number | undefined {
    return this.#seen.find(fingerprint, () => true)
  }

  async #checkSuspects(): Promise<void> {
    const places = new Map<StreamId, string[]>()
    for await (const { batch, games } of new BelievedManifests(this.#store, () => undefined).read())
      for (const { kind, gameId } of games) {
        const stream = streamIdOf(kind, gameId)
        if (this.#suspects.has(stream))
          places.set(stream, [...(places.get(stream) ?? []), manifestKeyOf(batch)])
      }
    for (const [stream, keys] of places)
      if (keys.length > 1) this.#add('game-twice', `it is in ${keys.join(' and in ')}`, keys[1], stream)
  }

  async #checkGame(segment: Buffer, key: string, game: IndexedGame, deep: boolean): Promise<void> {
    const stream = streamIdOf(game.kind, game.gameId)
    try {
      const log = await unpackIndexed(segment.subarray(game.offset, game.offset + game.length), key, game)
      this.#slice.begin()
      this.#checkLog(log, key, game, stream)
      if (deep) await this.#checkState(log, key, stream)
    } catch (cause) {
      if (!(cause instanceof CorruptSegmentError)) throw cause
      this.#add(cause.code, cause.message, key, stream)
    }
  }

  #checkLog(log: ArchivedLog, key: string, game: IndexedGame, stream: StreamId): void {
    const { offset, length } = game
    const rawBytes = game.rawBytes
    const told = indexed({ offset, length, rawBytes, header: log.header })
    if (canonicalJson(told) !== canonicalJson(game))
      this.#add('index-differs', 'the manifest tells of it otherwise than its header', key, stream)
    if (sha256Of(log.lines) !== log.header.hash)
      this.#add('hash-differs', 'its event lines are not those that were written', key, stream)
    let last: EventEnvelope | undefined
    let isInOrder = true
    for (const envelope of log.envelopes(undefined)) {
      isInOrder &&= envelope.version === (last?.version ?? 0) + 1 && last?.final !== true
      if (!this.#positions.add(envelope.position))
        this.#add('position-twice', `position ${envelope.position} is in two places`, key, stream)
      last = envelope
      this.#events++
    }
    if (!isInOrder || last?.final !== true)
      this.#add('versions-broken', 'its versions are not 1 to n with the last one final', key, stream)
  }

  async #checkState(log: ArchivedLog, key: string, stream: StreamId): Promise<void> {
    const { kind, players, outcome } = log.header
    const game: AnyGame | undefined = this.#rules.get(kind)
    const stateHash = game && hashToCompare(game, log.header)
    if (!game || stateHash === undefined) {
      this.#notComparable++
      return
    }
    let state: unknown
    try {
      state = await foldInSlices(game, () => eventsOf(log, game), this.#slice)
    } catch (cause) {
      return this.#add('fold-failed', `the rules throw: ${String(cause)}`, key, stream)
    }
    if (stateHashOf(state) !== stateHash)
      this.#add('state-differs', 'folded again, its final state is another one', key, stream)
    const seated: readonly PlayerId[] | undefined = game.players?.(state)
    if (seated && canonicalJson(seated) !== canonicalJson(players))
      this.#add('players-differ', 'the rules name other players', key, stream)
    const result: unknown = game.isTerminal(state) ? game.result?.(state) : undefined
    if (result !== undefined && canonicalJson(result) !== canonicalJson(outcome))
      this.#add('outcome-differs', 'the rules name another outcome', key, stream)
  }

  #add(code: string, message: string, key?: string, game?: StreamId): void {
    this.#problems.push({
      code,
      message,
      ...(key !== undefined && { key }),
      ...(game !== undefined && { game }),
    })
  }
}

function* eventsOf(log: ArchivedLog, game: AnyGame): Generator<GameEvent, void, undefined> {
  for (const { event } of log.envelopes(game)) yield event
}
