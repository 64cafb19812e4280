/** What becomes of a command that time has sent: done, to be sent once more in a while, or nothing before the game moves on. */
import { isRight } from 'fp-ts/lib/Either.js'
import { messageOf, type UnavailableCode } from './dispatch-error.js'
import type { Answered } from './request.js'

export type DueAnswer =
  | { readonly _tag: 'Done' }
  /** The ledger could not: for want of room for all (`isOfAll`), or because of this one game. It is tried again. */
  | { readonly _tag: 'Again'; readonly isOfAll: boolean }
  /** The rules would not, and would not again: so much is told. */
  | { readonly _tag: 'Refused'; readonly why: string }

const done: DueAnswer = { _tag: 'Done' }
const againLater: DueAnswer = { _tag: 'Again', isOfAll: true }
const againAlone: DueAnswer = { _tag: 'Again', isOfAll: false }

const ofUnavailable: Readonly<Record<UnavailableCode, DueAnswer>> = {
  closed: done,
  'journal-failed': done,
  'game-quarantined': done,
  'storage-full': againLater,
  'archive-unavailable': againAlone,
  'journal-unreadable': againAlone,
  'player-being-erased': againAlone,
}

/** Bounds and a full disk pass, and so does an archive or a journal that cannot be read; the rest is over. */
export const dueAnswer = (answer: Answered | undefined): DueAnswer => {
  if (answer === undefined) return done
  if (isRight(answer))
    return answer.right.events.length > 0 && !answer.right.duplicate
      ? done
      : { _tag: 'Refused', why: 'nothing happened by it' }
  const error = answer.left
  switch (error._tag) {
    case 'Rejected':
      return { _tag: 'Refused', why: messageOf(error) }
    case 'Overloaded':
      return error.bound === 'gamesLiveMax' ? againAlone : againLater
    case 'VersionConflict':
      return againAlone
    case 'Unavailable':
      return ofUnavailable[error.code]
    case 'GameCompleted':
    case 'NotOwner':
      return done
  }
}
