/** The numbers of a ledger, as they stand when asked. */
import type { CommandNumbers } from './commands/command-counts.js'
import type { JournalNumbers } from './events/journal/journal.js'
import { partsOfStream, type GameId, type Kind, type PlayerId, type Version } from './events/ids.js'
import type { ArchiverStats } from './archive/archiver.js'
import type { BotStats } from './commands/bots.js'
import type { ReactorStats } from './commands/reactors/reactor-run.js'
import type { DeadlineStats } from './commands/deadlines.js'
import type { LedgerParts } from './ledger-parts.js'
import type { ResolvedOptions } from './options.js'
import type { PlayerIndexView } from './projections/players/player-index.js'
import type { ProjectionStats } from './projections/hosted-projection.js'

/** A game that is not archived, as it is listed. */
export interface LiveGameRow {
  readonly kind: Kind
  readonly gameId: GameId
  /** As last published. */
  readonly version: Version
  readonly players: readonly PlayerId[]
  /** Over, and not yet archived. */
  readonly final: boolean
}

export interface LedgerStats {
  /** Of the newest published event. */
  readonly position: number
  readonly games: {
    /** In memory, the completed ones that wait for the archive included; without rooms. */
    readonly live: number
    readonly liveMax: number
    /** In the journal and not in memory, rooms included: the next command wakes them. */
    readonly asleep: number
    readonly archived: number
    /** Games and rooms that have left memory for the journal since the opening. */
    readonly hibernated: number
    /** Games that nobody played and the ledger ended, since the opening (`idleCloseMs`). */
    readonly closedIdle: number
  }
  /** Of each kind of which games were dropped (`retention`): up to this position some are missing in the history. */
  readonly shortenedThrough: { readonly [kind: string]: number }
  readonly rooms: {
    /** Not over. */
    readonly open: number
    /** In memory. */
    readonly live: number
    readonly liveMax: number
    /** Abandoned because nothing happened in them, since the opening (`idleCloseMs`). */
    readonly closedIdle: number
  }
  readonly players: {
    /** Known to the player index: who ever was in a game, but for those who were erased. */
    readonly known: number
  }
  readonly commands: CommandNumbers & {
    /** Not yet answered. */
    readonly inFlight: number
    readonly inFlightMax: number
    /** Bytes of events that are not yet published. */
    readonly bytesInFlight: number
    readonly bytesInFlightMax: number
    /** Events that are not yet on the disk, at most. */
    readonly eventsUnsynced: number
    /** The bytes of their lines, at most. */
    readonly bytesUnsynced: number
  }
  readonly events: {
    /** Since the ledger was opened. */
    readonly published: number
  }
  /** Commands that time itself gives. */
  readonly deadlines: DeadlineStats
  readonly bots: BotStats
  /** By name. */
  readonly reactors: { readonly [name: string]: ReactorStats }
  readonly journal: Partial<JournalNumbers> & {
    /** `read-only` while the disk is full: it goes on by itself. `failed`: the ledger must be opened again. */
    readonly state: 'writing' | 'read-only' | 'failed'
    /** Of a full disk: how much could not be reserved, at least. */
    readonly missingBytes: number
  }
  /** How many faults of each code were told since the ledger was opened. */
  readonly faults: { readonly [code: string]: number }
  readonly memory: {
    /** Of the logs of the games in memory: the part that grows with what is played and is not over. */
    readonly logBytes: number
    /** Of the catalog of the archive, beside the manifests that were read last. */
    readonly catalogBytes: number
    /** Of the games and rooms in memory: logs, states and tables. An estimate, right within 1.5 times (bench/memory.mjs). */
    readonly liveBytes: number
    readonly liveBytesMax: number
  }
  /** Records that wait to be published. */
  readonly publishing: number
  /** Subscribers of `events$`. */
  readonly subscribers: number
  readonly archive: ArchiverStats
  readonly projections: { readonly [name: string]: ProjectionStats }
}

/** The games that are not archived. O(games). */
export const liveGameRows = ({
  live: games,
  asleep,
}: Pick<LedgerParts, 'live' | 'asleep'>): readonly LiveGameRow[] => {
  const rows: LiveGameRow[] = []
  for (const live of games.values()) {
    const { kind, gameId, publishedVersion, version, isFinal } = live
    if (publishedVersion === 0) continue
    const final = isFinal && publishedVersion === version
    rows.push({ kind, gameId, version: publishedVersion, players: live.publishedPlayers(), final })
  }
  for (const { stream, version, players } of asleep.values()) {
    const final = asleep.isOver(stream)
    rows.push({ ...partsOfStream(stream), version: version as Version, players, final })
  }
  return rows
}

/** The numbers of now. */
export const statsOf = (options: ResolvedOptions, parts: LedgerParts): Omit<LedgerStats, 'reactors'> => {
  const { gamesLiveMax, roomsLiveMax, liveBytesMax, commandsInFlightMax, bytesInFlightMax } = options
  const { timekeeper } = parts
  const { closed } = timekeeper.closer
  return {
    position: parts.recent.head,
    games: {
      live: parts.live.games,
      liveMax: gamesLiveMax,
      asleep: parts.asleep.size,
      archived: parts.catalog.games,
      hibernated: parts.hibernation.left,
      closedIdle: closed.games,
    },
    shortenedThrough: Object.fromEntries(parts.catalog.shortenedThrough),
    rooms: {
      open: parts.roomCodes.size,
      live: parts.live.rooms,
      liveMax: roomsLiveMax,
      closedIdle: closed.rooms,
    },
    players: { known: (parts.models.projector.views['players'] as PlayerIndexView).count },
    commands: {
      ...parts.commandCounts.numbers(),
      inFlight: parts.dispatcher.inFlight,
      inFlightMax: commandsInFlightMax,
      bytesInFlight: parts.dispatcher.bytesInFlight,
      bytesInFlightMax,
      eventsUnsynced: parts.line.unsynced.count,
      bytesUnsynced: parts.line.unsynced.bytes,
    },
    events: { published: parts.publisher.published },
    deadlines: timekeeper.deadlines.stats(),
    bots: timekeeper.bots.stats(),
    journal: {
      ...parts.journal.numbers,
      state: parts.line.failure ? 'failed' : parts.troubles.shortage ? 'read-only' : 'writing',
      missingBytes: parts.troubles.shortage?.missingBytes ?? 0,
    },
    faults: Object.fromEntries(parts.faultCounts),
    memory: {
      logBytes: parts.live.logBytes,
      catalogBytes: parts.catalog.bytesHeld,
      liveBytes: parts.live.bytes,
      liveBytesMax,
    },
    publishing: parts.publisher.depth,
    subscribers: parts.events.subscriberCount,
    archive: parts.archiver.stats(),
    projections: parts.models.stats(),
  }
}
