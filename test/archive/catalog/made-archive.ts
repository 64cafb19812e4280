/** An archive of games that were never played: manifests alone, and a plain model of what they say. */
import type { ArchiveCount, ArchiveQuery } from '../../../src/archive/archive-query.js'
import type { ColdStore } from '../../../src/archive/cold-store.js'
import { manifestKeyOf, segmentKeyOf } from '../../../src/archive/batch-key.js'
import type { ArchiveIdentity } from '../../../src/archive/identity.js'
import {
  encodeManifest,
  replacingManifestOf,
  type IndexedGame,
  type Manifest,
} from '../../../src/archive/manifest.js'
import { encodeGonePositions } from '../../../src/archive/gone-positions.js'
import { sha256Of } from '../../../src/archive/state-hash.js'
import { fingerprintOf, fingerprintText } from '../../../src/events/fingerprint.js'
import { streamIdOf, type Position } from '../../../src/events/ids.js'

export const ledgerId = '6b1f0a52-9c3d-4e8b-a170-5d2e8f44c603'
export const identity: ArchiveIdentity = { archiveId: ledgerId, ledgerId, ledgerIds: new Set([ledgerId]) }

/** What is to be said of a game before it has a place. */
export interface Wanted {
  readonly kind: string
  readonly players: readonly string[]
  readonly events: number
  readonly reason?: string
}

interface ModelGame {
  readonly game: IndexedGame
  readonly batch: number
  isGone: boolean
}

const gameBytes = 100

/** Puts manifests into a store, one batch after the other, and remembers everything in plain arrays. */
export class MadeArchive {
  readonly store: ColdStore
  readonly #tag: string
  #batches: { batch: number; games: ModelGame[]; replaces: number[] }[] = []
  #position = 0
  #made = 0
  #lastBatch = 0

  /** @param tag is in the ids of games, so that two archives have other games */
  constructor(store: ColdStore, tag = 'g') {
    this.store = store
    this.#tag = tag
  }

  get numbers(): readonly number[] {
    return this.#batches.map(({ batch }) => batch)
  }

  /** Ids of all games ever made, with whether they are gone. */
  get streams(): readonly { readonly stream: string; readonly events: number; readonly isGone: boolean }[] {
    return this.#all.map(({ game, isGone }) => ({
      stream: streamIdOf(game.kind, game.gameId),
      events: game.events,
      isGone,
    }))
  }

  get shortenedThrough(): number {
    return this.#all.findLast(({ isGone }) => isGone)?.game.lastPosition ?? 0
  }

  get lastPosition(): number {
    return this.#position
  }

  /** Archives a batch, and gives its manifest. */
  async batch(wanted: readonly Wanted[]): Promise<Manifest> {
    const games = wanted.map((one) => this.#place(one))
    const batch = ++this.#lastBatch
    this.#batches.push({ batch, games: games.map((game) => ({ game, batch, isGone: false })), replaces: [] })
    const firstPosition = Math.min(...games.map((game) => game.firstPosition)) as Position
    const manifest: Manifest = {
      format: 1,
      ledger: ledgerId,
      batch,
      segment: segmentKeyOf(batch),
      codec: 'gzip',
      bytes: gameBytes * games.length,
      sha256: sha256Of(`${this.#tag} ${batch}`),
      firstPosition,
      lastPosition: this.#position as Position,
      games: placed(games),
    }
    await this.store.put(manifestKeyOf(batch), encodeManifest(manifest))
    return manifest
  }

  /** Replaces neighbours by one batch without the games that go. */
  async replace(first: number, count: number, goes: (game: IndexedGame) => boolean): Promise<Manifest> {
    const old = this.#batches.slice(first, first + count)
    const batch = ++this.#lastBatch
    const games = old.flatMap((one) => one.games).map((one) => ({ ...one, batch }))
    for (const one of games) one.isGone ||= goes(one.game)
    const replaces = old.flatMap((one) => [one.batch, ...one.replaces]).sort((one, other) => one - other)
    this.#batches.splice(first, count, { batch, games, replaces })
    const left = games.filter(({ isGone }) => !isGone).map(({ game }) => game)
    const gone = games.filter(({ isGone }) => isGone).map(({ game }) => game)
    const positions = gone.flatMap(({ lastPosition, events }) =>
      Array.from({ length: events }, (_, at) => lastPosition - at),
    )
    const manifest = replacingManifestOf(ledgerId, batch, {
      segment: left.length > 0 ? `${manifestKeyOf(batch)}.segment` : '',
      bytes: gameBytes * left.length,
      sha256: sha256Of(`${this.#tag} ${batch}`),
      firstPosition: Math.min(...games.map(({ game }) => game.firstPosition)) as Position,
      lastPosition: games.at(-1)!.game.lastPosition,
      games: placed(left),
      replaces,
      gone: gone.map(({ kind, gameId, events, lastPosition, lastAt }) => ({
        fingerprint: fingerprintText(fingerprintOf(streamIdOf(kind, gameId))),
        events,
        lastPosition,
        lastAt,
      })),
      gonePositions: encodeGonePositions(Float64Array.from(positions)),
    })
    await this.store.put(manifestKeyOf(batch), encodeManifest(manifest))
    return manifest
  }

  async delete(batches: readonly number[]): Promise<void> {
    for (const batch of batches) await this.store.delete(manifestKeyOf(batch))
  }

  /** What a list of all that a query names has to give, newest first. */
  list(query: ArchiveQuery): readonly string[] {
    return this.#named(query).map(({ gameId }) => gameId)
  }

  count(query: ArchiveQuery): ArchiveCount {
    const games = this.#named(query)
    return { games: games.length, events: games.reduce((sum, { events }) => sum + events, 0) }
  }

  get #all(): readonly ModelGame[] {
    return this.#batches.flatMap(({ games }) => games)
  }

  #named({ player, against, kind, from = 0, to = Infinity, reason }: ArchiveQuery): readonly IndexedGame[] {
    return this.#all
      .filter(({ isGone }) => !isGone)
      .map(({ game }) => game)
      .filter((game) => player === undefined || game.players.includes(player))
      .filter((game) => against === undefined || game.players.includes(against))
      .filter((game) => kind === undefined || game.kind === kind)
      .filter((game) => reason === undefined || game.outcome?.reason === reason)
      .filter(({ lastAt }) => lastAt >= from && lastAt <= to)
      .toReversed()
  }

  #place({ kind, players, events, reason }: Wanted): IndexedGame {
    const firstPosition = (this.#position + 1) as Position
    this.#position += events
    return {
      kind,
      gameId: `${this.#tag}${++this.#made}`,
      offset: 0,
      length: gameBytes,
      rawBytes: 1,
      events,
      players,
      ...(reason !== undefined && { outcome: { standings: [], reason } }),
      firstPosition,
      lastPosition: this.#position as Position,
      firstAt: firstPosition,
      // Some games end within the same millisecond.
      lastAt: this.#position >> 1,
      hash: sha256Of(`${this.#made}`),
    }
  }
}

/** In the order of the segment: by stream. */
const placed = (games: readonly IndexedGame[]): readonly IndexedGame[] =>
  games
    .toSorted((one, other) =>
      streamIdOf(one.kind, one.gameId) < streamIdOf(other.kind, other.gameId) ? -1 : 1,
    )
    .map((game, at) => ({ ...game, offset: at * gameBytes }))
