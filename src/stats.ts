/** The numbers of a ledger, as they stand when asked. */
import type { GameId, Kind, PlayerId, Version } from './events/ids.js'
import type { ArchiverStats } from './archive/archiver.js'
import type { ProjectionStats } from './projections/projector.js'

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
    /** In memory, the completed ones that wait for the archive included. */
    readonly live: number
    readonly liveMax: number
    /** Not over, left in the journal: the next command wakes them. */
    readonly asleep: number
    readonly archived: number
  }
  readonly commands: {
    /** Not yet answered. */
    readonly inFlight: number
    readonly inFlightMax: number
    /** Bytes of events that are not yet published. */
    readonly bytesInFlight: number
    readonly bytesInFlightMax: number
    /** Events that are not yet on the disk, at most. */
    readonly eventsUnsynced: number
  }
  readonly journal: {
    /** `read-only` while the disk is full: it goes on by itself. `failed`: the ledger must be opened again. */
    readonly state: 'writing' | 'read-only' | 'failed'
    /** Of a full disk: how much could not be reserved, at least. */
    readonly missingBytes: number
  }
  /** Records that wait to be published. */
  readonly publishing: number
  /** Subscribers of `events$`. */
  readonly subscribers: number
  readonly archive: ArchiverStats
  readonly projections: { readonly [name: string]: ProjectionStats }
}
