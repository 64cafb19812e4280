/**
 * Checks an archive from end to end: objects, checksums, logs; with `deep` every game is folded again.
 *
 * A damaged game is reported by itself: a member of a segment is read alone, so its neighbours are still checked. What is
 * found is a list of problems with codes, never an exception: a store that fails is the caller's to hear of.
 */
import { isDeepStrictEqual } from 'node:util'
import type { EventEnvelope } from '../events/envelope.js'
import { streamIdOf, type StreamId } from '../events/ids.js'
import { CorruptSegmentError } from './archive-error.js'
import { unpackIndexed } from './archived-game.js'
import type { ArchivedLog } from './archived-log.js'
import { segmentKeyOf } from './batch-key.js'
import type { Catalog } from './catalog.js'
import type { ColdStore } from './cold-store.js'
import type { IndexedGame, Manifest } from './manifest.js'
import type { Rules } from './segment.js'
import { foldInSlices, sha256Of, stateHashOf } from './state-hash.js'
import { TimeSlice } from './time-slice.js'

export interface VerifyOptions {
  /** Fold every game again by today's rules, and compare final state, players and outcome. @default false */
  readonly deep?: boolean
  /** Hears after each game how many are done, of how many. */
  readonly onProgress?: (done: number, all: number) => void
  readonly signal?: AbortSignal
}

export interface Problem {
  /** Stable, kebab-case. */
  readonly code: string
  /** The object it was found in. */
  readonly key: string
  /** The game that is affected, where one is. */
  readonly stream?: StreamId
  /** What is wrong, for people. */
  readonly message: string
}

export interface Verification {
  readonly ok: boolean
  readonly games: number
  readonly events: number
  readonly segments: number
  /** Games whose final state could not be compared: of unknown kinds, or recorded under other rules. */
  readonly notComparable: number
  readonly problems: readonly Problem[]
}

export interface VerificationPorts {
  readonly store: ColdStore
  readonly catalog: Catalog
  readonly rules: Rules
}

/** Verifies the whole archive. Costs reading it once; lets others run every few milliseconds. */
export const verifyArchive = async (ports: VerificationPorts, options: VerifyOptions = {}): Promise<Verification> => {
  const verifier = new Verifier(ports, options)
  for (const { batch } of ports.catalog.batches()) await verifier.verifyBatch(await ports.catalog.manifestOf(batch))
  return verifier.result()
}

class Verifier {
  readonly #ports: VerificationPorts
  readonly #options: VerifyOptions
  readonly #problems: Problem[] = []
  readonly #slice = new TimeSlice()
  #games = 0
  #events = 0
  #segments = 0
  #notComparable = 0

  constructor(ports: VerificationPorts, options: VerifyOptions) {
    this.#ports = ports
    this.#options = options
  }

  result(): Verification {
    return {
      ok: this.#problems.length === 0,
      games: this.#games,
      events: this.#events,
      segments: this.#segments,
      notComparable: this.#notComparable,
      problems: this.#problems,
    }
  }

  async verifyBatch(manifest: Manifest): Promise<void> {
    const key = segmentKeyOf(manifest.batch)
    const bytes = await this.#ports.store.get(key)
    this.#segments++
    if (!bytes) return this.#report('segment-missing', key, `the manifest of batch ${manifest.batch} names it, and it is not there`)
    const before = this.#problems.length
    for (const index of manifest.games) {
      this.#options.signal?.throwIfAborted()
      await this.#verifyGame(key, bytes, index)
      this.#games++
      this.#options.onProgress?.(this.#games, this.#ports.catalog.games)
    }
    const isWhole = bytes.length === manifest.bytes && sha256Of(bytes) === manifest.sha256
    if (!isWhole && this.#problems.length === before)
      this.#report('segment-damaged', key, `its ${bytes.length} bytes are not the ${manifest.bytes} of the manifest, though every game in it is whole`)
  }

  async #verifyGame(key: string, segment: Buffer, index: IndexedGame): Promise<void> {
    const stream = streamIdOf(index.kind, index.gameId)
    try {
      const packed = segment.subarray(index.offset, index.offset + index.length)
      const log = await unpackIndexed(packed, key, index)
      if (sha256Of(log.lines) !== index.hash) return this.#report('game-damaged', key, 'the hash of its events differs', stream)
      const envelopes = [...log.envelopes(undefined)]
      this.#events += envelopes.length
      const flaw = flawOf(envelopes, index)
      if (flaw !== undefined) return this.#report('game-inconsistent', key, flaw, stream)
      await this.#verifyPlace(key, stream)
      if (this.#options.deep) await this.#verifyState(key, stream, log, index)
      if (this.#slice.isOver()) await this.#slice.next()
    } catch (cause) {
      if (!(cause instanceof CorruptSegmentError)) throw cause
      this.#report('game-damaged', key, cause.message, stream)
    }
  }

  /** A game stands in one place: asking for it leads here. */
  async #verifyPlace(key: string, stream: StreamId): Promise<void> {
    const found = await this.#ports.catalog.find(stream)
    const place = found && segmentKeyOf(found.batch)
    if (place !== key) this.#report('game-twice', key, `it stands in ${place ?? 'no batch'}, too`, stream)
  }

  async #verifyState(key: string, stream: StreamId, log: ArchivedLog, index: IndexedGame): Promise<void> {
    const game = this.#ports.rules.get(index.kind)
    const { stateHash, schema } = log.header
    if (!game || stateHash === undefined || schema !== game.schema) {
      this.#notComparable++
      return
    }
    try {
      const state = await foldInSlices(game, () => eventsOf(log.envelopes(game)), this.#slice)
      if (stateHashOf(state) !== stateHash) this.#report('state-differs', key, 'folded again, it ends in another state', stream)
      const players = game.players?.(state)
      if (players && !isDeepStrictEqual([...players], [...index.players]))
        this.#report('players-differ', key, `folded again, its players are ${JSON.stringify(players)}`, stream)
      const outcome: unknown = JSON.parse(JSON.stringify(game.result?.(state) ?? null))
      if (!isDeepStrictEqual(outcome, index.outcome ?? null))
        this.#report('outcome-differs', key, `folded again, its outcome is ${JSON.stringify(outcome)}`, stream)
    } catch (cause) {
      this.#report('rules-throw', key, `folded again, the rules throw: ${String(cause)}`, stream)
    }
  }

  #report(code: string, key: string, what: string, stream?: StreamId): void {
    const message = `${stream === undefined ? key : `${stream} in ${key}`}: ${what}.`
    this.#problems.push({ code, key, message, ...(stream !== undefined && { stream }) })
  }
}

function* eventsOf(envelopes: Iterable<EventEnvelope>): Generator<EventEnvelope['event']> {
  for (const { event } of envelopes) yield event
}

/** What is wrong with the events themselves, in words; nothing where they are a whole game. */
const flawOf = (envelopes: readonly EventEnvelope[], { events, firstPosition, lastPosition }: IndexedGame): string | undefined => {
  if (envelopes.length !== events) return `it has ${envelopes.length} events instead of ${events}`
  for (const [at, { version, position, final }] of envelopes.entries()) {
    if (version !== at + 1) return `version ${version} stands where ${at + 1} should`
    if (at > 0 && position <= envelopes[at - 1]!.position) return `the position of version ${version} does not rise`
    if (final !== (at === envelopes.length - 1)) return final ? `something follows its final version ${version}` : 'its last event is not final'
  }
  if (envelopes[0]!.position !== firstPosition || envelopes.at(-1)!.position !== lastPosition)
    return `its positions are not ${firstPosition} to ${lastPosition}`
  return undefined
}
