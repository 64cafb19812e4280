/**
 * What a player is told to do, and what it says of it: one JSON array a line.
 *
 * A player (player.ts) is a process of its own that plays a whole ledger and is killed, cut off or refused on the way.
 * It says `offered` before anything of that command can reach the disk, and `acknowledged` when the ledger has
 * answered: so whoever listens knows the accepted order, and what may be missing from it after a crash.
 */
import type { Durability } from 'gameledger'

export interface Script {
  /** `play` without an end; `burst`: many commands in one turn, then one now and then; `flood` more than a disk takes; `idle`. */
  readonly act: 'play' | 'burst' | 'flood' | 'idle'
  /** The journal is in `journal` under it, the archive in `archive`. */
  readonly directory: string
  /** Games of different lives have different ids. */
  readonly life: number
  /** @default 'synced' */
  readonly durability?: Durability
  /** @default 32 KiB */
  readonly logFileBytesMax?: number
  /** Closes the ledger properly after about so many. @default never */
  readonly commandsMax?: number
  /** Whether games come to an end, and are archived. @default true */
  readonly finishes?: boolean
  /** How long a sync of a file takes, in ms, once the ledger is open. @default as long as it does */
  readonly syncMs?: number
  /**
   * The controls: no file and no directory is ever synced; a sync that failed is tried again, and believed; the journal
   * is not told that what is published may be lost.
   */
  readonly without?: 'sync' | 'no-retry-of-sync' | 'lost-gap'
  readonly flood?: Flood
}

/** More than a disk takes. */
export interface Flood {
  /** How long its syncs are slow, in ms. */
  readonly forMs: number
  /** Events a command, less one. */
  readonly amounts: number
  /** @default as the ledger's */
  readonly unsyncedEventsMax?: number
  /** The control: a ledger that refuses nobody. @default false */
  readonly isUnbounded?: boolean
}

/** How a player found its ledger after its journal had failed. */
export interface AfterFailure {
  /** Of every command that was waiting. */
  readonly waiting: readonly string[]
  /** The answer to one more command. */
  readonly later: string
  /** Codes on `faults$`. */
  readonly faults: readonly string[]
  /** The version of a game and of its replay, read after the failure. */
  readonly version: number
  readonly replayed: number
  readonly players: number
}

/** The most that was seen of each, while more was offered than the disk took. */
export interface FloodFigures {
  readonly offered: number
  /** How often each bound was met. */
  readonly overloaded: { readonly [bound: string]: number }
  readonly acknowledged: number
  readonly inFlightMax: number
  readonly bytesInFlightMax: number
  readonly eventsUnsyncedMax: number
  readonly publishingMax: number
  readonly rssMax: number
  readonly heapMax: number
  /** What else was answered: must be nothing. */
  readonly others: readonly string[]
}

export type Line =
  | readonly ['opening']
  | readonly ['opened', position: number]
  | readonly ['not-opened', code: string]
  /** The events as texts. */
  | readonly ['offered', command: number, game: string, events: readonly string[]]
  | readonly ['acknowledged', command: number, position: number]
  | readonly ['refused', command: number, why: string]
  | readonly ['published', position: number, event: string]
  | readonly ['failed', AfterFailure]
  | readonly ['flooded', FloodFigures]
  | readonly ['recovered', version: number]

/** An event in words: what is compared. */
export const eventText = (game: string, version: number, event: object): string =>
  `${game} ${version} ${JSON.stringify(event)}`
