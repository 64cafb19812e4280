/** What the ledger tells on `faults$` of its rooms: each with what happened, what goes on, and what to do. */
import type { Fault } from './events/fault.js'
import { freeEnough, shortageInWords, type Shortage } from './events/journal/storage-full.js'
import type { ProjectionFault } from './projections/hosted-projection.js'

export const journalFailed = (cause: unknown): Fault => ({
  code: 'journal-failed',
  message: `The journal failed: ${String(cause)}. Nothing more is accepted. Open the ledger again.`,
  cause,
})

export const checkpointFailed = (cause: unknown): Fault => ({
  code: 'checkpoint-failed',
  message: 'Read models could not be saved; they are rebuilt from the events when they are needed.',
  cause,
})

export const projectionThrew = ({ code, projection, position, cause }: ProjectionFault): Fault => ({
  code,
  message:
    `The projection ${projection} threw at position ${position}: ${String(cause)}. It hears nothing more; the others go ` +
    'on. Mend it and open the ledger again: it is caught up from the events.',
  cause,
})

export const readModelsPaused = (cause: unknown): Fault => ({
  code: 'read-models-paused',
  message:
    `Events of the past cannot be read: ${String(cause).replace(/\.?$/, '.')} Read models that need them wait (\`paused\`), ` +
    'play and the others go on; it is tried again until it succeeds. See to the archive and the journal.',
  cause,
})

export const journalDamaged = (cause: unknown): Fault => ({
  code: 'journal-damaged',
  message:
    `A log file can no longer be read: ${String(cause)} Play goes on. ` +
    'Look at the disk; to open the journal again it may need `gameledger repair --quarantine`.',
  cause,
})

export const erasureUnfinished = (n: number): Fault => ({
  code: 'erasure-unfinished',
  message:
    `The erasure of a player (erased:${n}) was begun and has not ended: some of what names the player is still there. ` +
    'Erase the same player once more; it goes on where it was.',
})

export const storageFull = (journal: string, shortage: Shortage): Fault => ({
  code: 'storage-full',
  message:
    `${journal}: ${shortageInWords(shortage)}. What was acknowledged is safe. Read-only now: queries and replay work, ` +
    `commands are refused. ${freeEnough(shortage.missingBytes)}; writing resumes by itself.`,
  cause: shortage.cause,
})

export const storageFree: Fault = {
  code: 'storage-free',
  message: 'There is room for the next log file again. Writing goes on; nothing is to be done.',
}

export const hibernationFailed = (cause: unknown): Fault => ({
  code: 'hibernation-failed',
  message:
    `Idle games could not leave memory: ${String(cause).replace(/\.?$/, '.')} They stay, and play goes on; it is tried ` +
    'again. Where memory is full new games are Overloaded. See to the disk of the journal.',
  cause,
})

export const subscriberThrew = (cause: unknown): Fault => ({
  code: 'subscriber-threw',
  message: `A subscriber threw: ${String(cause)}. It stays subscribed; mend it.`,
  cause,
})
