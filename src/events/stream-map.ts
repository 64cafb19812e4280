/**
 * Values by stream, looked up with what every envelope carries: kind and game id.
 *
 * A map of maps. Making the text of a stream id for each event, only to hash it, costs more than the lookup; the
 * strings in an envelope have their hashes already. O(1); one inner map a kind.
 */
import { streamIdOf, type GameId, type Kind, type StreamId } from './ids.js'

/** What names a stream: an envelope does. */
export interface Streamed {
  readonly kind: Kind
  readonly gameId: GameId
}

export class StreamMap<Value> {
  readonly #kinds = new Map<Kind, Map<GameId, Value>>()
  #size = 0

  get size(): number {
    return this.#size
  }

  get({ kind, gameId }: Streamed): Value | undefined {
    return this.#kinds.get(kind)?.get(gameId)
  }

  set({ kind, gameId }: Streamed, value: Value): void {
    let games = this.#kinds.get(kind)
    if (!games) this.#kinds.set(kind, (games = new Map()))
    this.#size += games.has(gameId) ? 0 : 1
    games.set(gameId, value)
  }

  delete({ kind, gameId }: Streamed): void {
    if (this.#kinds.get(kind)?.delete(gameId)) this.#size--
  }

  /** All entries, by stream id. */
  *entries(): Generator<[StreamId, Value]> {
    for (const [kind, games] of this.#kinds)
      for (const [gameId, value] of games) yield [streamIdOf(kind, gameId), value]
  }
}
