/**
 * Games by what is asked, newest first: reads manifests, and only those in which a game may be that is asked for.
 *
 *     by player     the player's chain; of each ordinal the batch tells by memory alone whether time and kind can be right
 *     else          batch by batch; by memory alone are passed over those that ended outside [from, to] or hold no game
 *                   of the kind, and counted those that the question names whole
 *
 * It goes by ordinals, which no rewriting changes; batches may be replaced while a list is read.
 */
import { fingerprintOf } from '../../events/fingerprint.js'
import type { PlayerId } from '../../events/ids.js'
import { TimeSlice } from '../../events/time-slice.js'
import {
  isNamedBy,
  limitOf,
  positionOfCursor,
  type ArchiveCount,
  type ArchivePage,
  type ArchiveQuery,
} from '../archive-query.js'
import type { IndexedGame } from '../manifest.js'
import { gameIn, type PackedSlots } from '../packed-slots.js'
import type { HeldGames } from './held-games.js'

export interface GameListPorts {
  readonly held: () => Pick<HeldGames, 'table' | 'seats'>
  /** The slots of the batch that an ordinal belongs to, and the ordinal of the first. */
  readonly slotsAt: (ordinal: number) => MaybePromise<SlotRun>
}

/** Neighbours in order of final position. */
export interface SlotRun {
  readonly firstOrdinal: number
  readonly slots: PackedSlots
}

type MaybePromise<Value> = Value | Promise<Value>

export class GameList {
  readonly #ports: GameListPorts

  constructor(ports: GameListPorts) {
    this.#ports = ports
  }

  /** @throws TypeError where the cursor or the limit is none */
  async page(query: ArchiveQuery): Promise<ArchivePage> {
    const limit = limitOf(query)
    const found: IndexedGame[] = []
    for await (const game of this.#newestFirst(query, new TimeSlice())) {
      if (found.length === limit) return { games: found, cursor: String(found[limit - 1]!.lastPosition) }
      found.push(game)
    }
    return { games: found }
  }

  async count(query: ArchiveQuery): Promise<ArchiveCount> {
    const { player, against, reason, won, kind, from = -Infinity, to = Infinity } = query
    const { table } = this.#ports.held()
    let games = 0
    let events = 0
    const isByBatch =
      player === undefined && against === undefined && reason === undefined && won === undefined
    const isWhole = (row: number): boolean => isByBatch && table.hasEnded(row, from, to)
    const onWhole = (row: number): void => {
      const share = table.shareOf(row, kind)
      games += share.games
      events += share.events
    }
    for await (const game of this.#newestFirst(query, new TimeSlice(), { isWhole, onWhole })) {
      games++
      events += game.events
    }
    return { games, events }
  }

  #newestFirst(query: ArchiveQuery, slice: TimeSlice, whole?: WholeRows): AsyncGenerator<IndexedGame> {
    const before = positionOfCursor(query)
    const newest = this.#ports.held().table.rowBefore(before)
    const end = newest < 0 ? 0 : this.#endOf(newest)
    const player = query.player ?? query.won
    return player === undefined
      ? this.#ofAll(query, before, end, slice, whole)
      : this.#ofPlayer(query, player, before, end, slice)
  }

  async *#ofAll(
    query: ArchiveQuery,
    before: number,
    through: number,
    slice: TimeSlice,
    whole: WholeRows | undefined,
  ): AsyncGenerator<IndexedGame, void, undefined> {
    const { slotsAt } = this.#ports
    const { table } = this.#ports.held()
    for (let end = through; end > 0;) {
      if (slice.isOver()) await slice.next()
      const row = table.rowOfOrdinal(end - 1)
      const { firstOrdinal } = table.at(row)
      if (whole?.isWhole(row) && end === this.#endOf(row)) whole.onWhole(row)
      else if (this.#mayHold(row, query)) {
        const run = await slotsAt(end - 1)
        for (let at = end - run.firstOrdinal - 1; at >= 0; at--) {
          const game = gameIn(run.slots.at(at))
          if (game && game.lastPosition < before && isNamedBy(query, game)) yield game
        }
        end = run.firstOrdinal
        continue
      }
      end = firstOrdinal
    }
  }

  async *#ofPlayer(
    query: ArchiveQuery,
    player: PlayerId,
    before: number,
    end: number,
    slice: TimeSlice,
  ): AsyncGenerator<IndexedGame, void, undefined> {
    const { slotsAt } = this.#ports
    const { table } = this.#ports.held()
    for (const ordinal of this.#ordinalsOf(player, query.against, end)) {
      if (slice.isOverAfterStep()) await slice.next()
      if (ordinal === undefined || !this.#mayHold(table.rowOfOrdinal(ordinal), query)) continue
      const run = slotsAt(ordinal)
      const { firstOrdinal, slots } = run instanceof Promise ? await run : run
      const game = gameIn(slots.at(ordinal - firstOrdinal))
      if (game && game.lastPosition < before && isNamedBy(query, game)) yield game
    }
  }

  #mayHold(row: number, { kind, from = -Infinity, to = Infinity }: ArchiveQuery): boolean {
    const { table } = this.#ports.held()
    return table.mayHaveEnded(row, from, to) && (kind === undefined || table.shareOf(row, kind).games > 0)
  }

  #endOf(row: number): number {
    const { firstOrdinal, slots } = this.#ports.held().table.at(row)
    return firstOrdinal + slots
  }

  /** The ordinals below `end` that may be asked for, newest first; `undefined` for each step that leads to none. */
  #ordinalsOf(player: PlayerId, against: PlayerId | undefined, end: number): Iterable<number | undefined> {
    const { seats } = this.#ports.held()
    const games = seats.ordinals(fingerprintOf(player), end)
    return against === undefined ? games : inBoth(games, seats.ordinals(fingerprintOf(against), end))
  }
}

/** Rows that are counted without looking at their games. */
interface WholeRows {
  readonly isWhole: (row: number) => boolean
  readonly onWhole: (row: number) => void
}

/** What two falling sequences share; `undefined` for each step that leads to nothing. */
function* inBoth(
  one: Iterator<number, void>,
  other: Iterator<number, void>,
): Generator<number | undefined, void, undefined> {
  let [high, low] = [one.next(), other.next()]
  while (!high.done && !low.done) {
    yield high.value === low.value ? high.value : undefined
    if (high.value > low.value) high = one.next()
    else if (high.value < low.value) low = other.next()
    else [high, low] = [one.next(), other.next()]
  }
}
