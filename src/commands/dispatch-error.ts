/** Why a command was not accepted: a closed union that callers branch on by `_tag`. Nothing was recorded in any of these cases. */
import type { GameEvent, GameResult } from '../events/envelope.js'
import type { GameId, Kind, Version } from '../events/ids.js'
import { freeEnough } from '../events/journal/storage-full.js'
import type { Refusal } from './game.js'

/** The rules said no. */
export interface Rejected<Reason extends string = string> {
  readonly _tag: 'Rejected'
  readonly reason: Reason
  /** For people, where the game gave one. */
  readonly detail?: string
}

/** The game is over; nothing follows its final event. */
export interface GameCompleted {
  readonly _tag: 'GameCompleted'
  readonly kind: Kind
  readonly gameId: GameId
  readonly version: Version
  readonly outcome?: GameResult
}

/** The game has moved on since the version that the caller expected. Read it again and decide again. */
export interface VersionConflict<Event extends GameEvent = GameEvent> {
  readonly _tag: 'VersionConflict'
  readonly kind: Kind
  readonly gameId: GameId
  readonly expected: number
  readonly actual: Version
  /** What happened since, at most 100 events. Complete: it may hold what a player should not see. */
  readonly since: readonly Event[]
}

/** A bound is met: try again when some of the commands in flight are answered. */
export interface Overloaded {
  readonly _tag: 'Overloaded'
  /** The option whose bound was met. */
  readonly bound:
    | 'commandsInFlightMax'
    | 'bytesInFlightMax'
    | 'unsyncedEventsMax'
    | 'gamesLiveMax'
    | 'roomsLiveMax'
    | 'liveBytesMax'
  readonly max: number
}

/** What fails behind an `Unavailable`. */
export type UnavailableCode = Unavailable['code']

/**
 * The ledger accepts nothing: it is closed, or its journal failed and it must be opened again, or the disk is full
 * (`storage-full`): then it goes on by itself when there is room. Or this game alone cannot be
 * read (`archive-unavailable`, `journal-unreadable`), or was set aside by a repair (`game-quarantined`): the others play on.
 * Or the command names a player who is being erased (`player-being-erased`).
 */
export interface Unavailable {
  readonly _tag: 'Unavailable'
  readonly code:
    | 'closed'
    | 'journal-failed'
    | 'storage-full'
    | 'archive-unavailable'
    | 'journal-unreadable'
    | 'game-quarantined'
    | 'player-being-erased'
  /** Of a full disk: how much could not be reserved, at least. */
  readonly missingBytes?: number
  /** The vendor's error, where something failed. */
  readonly cause?: unknown
}

/** Another process owns this game. Only where the games are split over several machines. */
export interface NotOwner {
  readonly _tag: 'NotOwner'
  /** Where the owner can be reached. */
  readonly owner?: string
}

export type DispatchError<Reason extends string = string, Event extends GameEvent = GameEvent> =
  Rejected<Reason> | GameCompleted | VersionConflict<Event> | Overloaded | Unavailable | NotOwner

/** What `decide` refused with, as callers get it. */
export const rejectedBecause = <Reason extends string>(refusal: Refusal<Reason>): Rejected<Reason> =>
  typeof refusal === 'string'
    ? { _tag: 'Rejected', reason: refusal }
    : { _tag: 'Rejected', reason: refusal.reason, detail: refusal.detail }

const remedies: Readonly<Record<UnavailableCode, string>> = {
  closed: 'Open the ledger again.',
  'journal-failed': 'See to the disk, and open the ledger again.',
  'storage-full': 'Free some space on the disk of the journal; writing resumes by itself.',
  'archive-unavailable': 'Try again when the store of the archive answers.',
  'journal-unreadable':
    'The game cannot be read from the journal: see to the disk. Other games are not affected.',
  'game-quarantined':
    'A repair of the journal set this game aside. What is left of it is in the folder `quarantine`; begin another game under a new id.',
  'player-being-erased':
    'The command names a player whose data is being erased. Take no more commands of this player.',
}

const unavailableInWords = ({ code, missingBytes, cause }: Unavailable): string => {
  const what = cause instanceof Error ? cause.message : cause
  const remedy =
    missingBytes === undefined
      ? remedies[code]
      : `${freeEnough(missingBytes)} on the disk of the journal; writing resumes by itself.`
  return `unavailable (${code})${what === undefined ? '' : `: ${String(what)}`}. ${remedy}`
}

/** The error in words: what happened, and last what to do. */
export const messageOf = (error: DispatchError): string => {
  switch (error._tag) {
    case 'Rejected':
      return `rejected ${error.reason}${error.detail === undefined ? '.' : `: ${error.detail}`} Nothing was written.`
    case 'GameCompleted':
      return `game-completed: ${error.kind}/${error.gameId} ended at version ${error.version}. Replay it, or start another game under a new id.`
    case 'VersionConflict':
      return (
        `version-conflict: ${error.gameId} is at version ${error.actual}, you expected ${error.expected}. ` +
        'Read the game again and decide again.'
      )
    case 'Overloaded':
      return `overloaded: the bound ${error.bound} = ${error.max} is met. Try again when earlier commands are answered.`
    case 'Unavailable':
      return unavailableInWords(error)
    case 'NotOwner':
      return `not-owner: another process has this game. Send the command to ${error.owner ?? 'its owner'}.`
  }
}

/** The rules of a game threw: a mistake in the game, not of the caller. Nothing was recorded. */
export class RulesError extends Error {
  override readonly name = 'RulesError'
  readonly code = 'rules-error'
  readonly kind: Kind
  readonly gameId: GameId

  constructor(kind: Kind, gameId: GameId, what: string, cause?: unknown) {
    super(
      `The rules of ${kind}/${gameId} ${what}. Nothing was recorded. Mend the rules; the game stays as it was.`,
      cause === undefined ? undefined : { cause },
    )
    this.kind = kind
    this.gameId = gameId
  }
}
