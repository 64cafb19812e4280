/**
 * Who plays where: games by player, what they came to, and players by prefix of id or name.
 *
 * The index itself holds only games that the archive does not: live ones, and finished ones until they are archived
 * (`forget`). The others it asks of the archive, through the port in archived-games.ts. A list is newest first:
 * games that go on, by when the player came in; then finished ones, by when they ended, here and then in the archive,
 * whose games all ended before. A game that moves while a reader turns pages moves down that list: it is never
 * missed, and may be met twice. Erased players (`erased:17`) count for their opponents and are found by nothing.
 */
import type { EventEnvelope, GameEvent } from '../../events/envelope.js'
import type { PlayerId } from '../../events/ids.js'
import type { Projection } from '../projection.js'
import type { ArchivedGames } from './archived-games.js'
import type { FoundPlayer } from './player-directory.js'
import type { PlayerGameRow, PlayerGamesQuery } from './player-games.js'
import type { Tally } from './player-tallies.js'
import { RunningPlayerIndex } from './running-player-index.js'

/** What a player's games came to. */
export interface PlayerStats extends Tally {
  /** Games that go on. */
  readonly live: number
}

/** A page of games; without `cursor` it was the last. */
export interface PlayerGamesPage {
  readonly games: readonly PlayerGameRow[]
  readonly cursor?: string
}

/** What two players came to against each other, as the first of them sees it. */
export interface HeadToHead {
  /** Games in which both were when they ended. */
  readonly games: number
  /** Those of them in which the first had the better place; in a game of two: won. */
  readonly wins: number
  /** Those in which the second had the better place. */
  readonly losses: number
  /** Those in which both had the same place, alone or with others. */
  readonly draws: number
  /** Games of both that go on. */
  readonly live: number
  /** When they last played in one game, in milliseconds since 1970; absent where they never did. */
  readonly lastPlayedAt?: number
}

/** The player index as it is read. */
export interface PlayerIndexView {
  /** How many players are known. O(1). */
  readonly count: number
  /**
   * The games of a player, newest first, by pages; with `against` those of both. Live ones come from memory in O(g) for
   * the player's g games there; archived ones cost what the archive takes for them: the manifests of the page.
   * @throws TypeError (as a rejection) where cursor or limit are none
   */
  gamesOf(player: PlayerId, query?: PlayerGamesQuery): Promise<PlayerGamesPage>
  /** How many games of a player go on. O(1). */
  liveCount(player: PlayerId): number
  /** What a player's games came to; `undefined` for one never seen. O(live games of the player). */
  stats(player: PlayerId): PlayerStats | undefined
  /**
   * What two players came to against each other, in live and archived games; `undefined` where one was never seen.
   * O(1), and the live games of whichever has fewer. Games that end with more than 16 players count for no pair.
   * For one kind alone give the ledger a second index, `playerIndex({ kinds: ['chess'] })`.
   */
  headToHead(player: PlayerId, other: PlayerId): HeadToHead | undefined
  /**
   * Players whose id or name begins so, in upper or lower case, in order of what was found; at most `limit` (default
   * 20, at most 1 000). O(log n + m).
   */
  search(prefix: string, limit?: number): readonly FoundPlayer[]
}

export interface PlayerIndexOptions<Event extends GameEvent = GameEvent> {
  /** The names that an event gives to players, by id, where it gives any. Ids are not names, and a rename is an event. Not asked about `$closed`. */
  readonly nameOf?: (
    event: Event,
    envelope: EventEnvelope<Event>,
  ) => Readonly<Record<PlayerId, string>> | undefined
  /** Where archived games are found. @default what the ledger hands in */
  readonly archived?: ArchivedGames
  /** The kinds of games that are listed. @default all */
  readonly kinds?: readonly string[]
  /** Raise it when `nameOf` changes its meaning: a saved index is then rebuilt. @default '1' */
  readonly version?: string
}

/**
 * The player index, for `openLedger({ projections })`. An event costs O(1); one that changes the players O(players of
 * the game), one that ends it O(pairs of its players). Memory: about 190 bytes a player with the id, some 30 more and
 * the bytes of the name where there is one, about 40 a pair that ever met, 250 a game that is not archived.
 */
export const playerIndex = <Event extends GameEvent = GameEvent>(
  options: PlayerIndexOptions<Event> = {},
): Projection<PlayerIndexView> => {
  const { nameOf, kinds, version = '1' } = options
  if (nameOf !== undefined && typeof nameOf !== 'function')
    throw new TypeError(`nameOf must be a function of event and envelope; got ${typeof nameOf}.`)
  return Object.freeze({
    version: `players2/${kinds?.join('+') ?? '*'}/${version}`,
    ...(kinds && { kinds: Object.freeze([...kinds]) }),
    start: ({ archived }) =>
      new RunningPlayerIndex(options.archived ?? archived, nameOf as PlayerIndexOptions['nameOf']),
  } satisfies Projection<PlayerIndexView>)
}
