/**
 * How many bytes the games in memory take, without asking each: their logs are counted, their states are estimated.
 *
 *     logs (exact) * 17/16  +  for each kind: games * (tables + mean of the states that were looked at lately)
 *
 * With every 32nd record one game is looked at, all of them in turn: the mean is of the newest 64 of its kind. Within 1.5
 * times of what is measured (bench/memory.mjs); too low where few games of a kind have by far the largest states. A memory
 * journal's own copy of the logs is not in it: that stays where a game hibernates.
 */
import type { Kind } from '../events/ids.js'
import type { LiveGame } from './live-game.js'
import { stateBytesOf } from './state-bytes.js'

/** What a game takes in tables and indexes, beside log and state: bench/memory.mjs, a small state in a file journal. */
const tableBytes = 1_200
/** A log has up to an eighth more than it uses. */
const logShare = 17 / 16
const recordsBetween = 32
const meanOf = 64

interface KindOfGames {
  games: number
  looks: number
  stateBytes: number
}

export class LiveBytes {
  readonly #games: ReadonlyMap<unknown, LiveGame>
  readonly #kinds = new Map<Kind, KindOfGames>()
  #logBytes = 0
  #untilLook = 0
  #turn: Iterator<LiveGame> | undefined

  /** `games` are those in memory. */
  constructor(games: ReadonlyMap<unknown, LiveGame>) {
    this.#games = games
  }

  /** Bytes of all logs. */
  get logs(): number {
    return this.#logBytes
  }

  /** An estimate. O(kinds) */
  get total(): number {
    let bytes = this.#logBytes * logShare
    for (const { games, stateBytes } of this.#kinds.values()) bytes += games * (tableBytes + stateBytes)
    return Math.round(bytes)
  }

  /** Of one game, as an estimate. */
  of({ kind, log }: LiveGame): number {
    return log.byteLength * logShare + tableBytes + (this.#kinds.get(kind)?.stateBytes ?? 0)
  }

  add({ kind, log }: LiveGame): void {
    this.#logBytes += log.byteLength
    const known = this.#kinds.get(kind)
    if (known) known.games++
    else this.#kinds.set(kind, { games: 1, looks: 0, stateBytes: 0 })
  }

  remove({ kind, log }: LiveGame): void {
    this.#logBytes -= log.byteLength
    this.#kinds.get(kind)!.games--
  }

  /** A record has made some logs so much longer. */
  grown(bytes: number): void {
    this.#logBytes += bytes
    if (--this.#untilLook > 0) return
    this.#untilLook = recordsBetween
    this.#look()
  }

  #look(): void {
    let next = this.#turn?.next()
    if (next === undefined || next.done === true) {
      this.#turn = this.#games.values()
      next = this.#turn.next()
    }
    if (next.done === true) return
    const { kind, stateInMemory } = next.value
    const known = this.#kinds.get(kind)!
    known.looks = Math.min(known.looks + 1, meanOf)
    known.stateBytes += (stateBytesOf(stateInMemory) - known.stateBytes) / known.looks
  }
}
