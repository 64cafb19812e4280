/** What reactors tell: each with what happened, what goes on, and what to do. */
import type { EventEnvelope } from '../../events/envelope.js'
import type { Fault } from '../../events/fault.js'

const inWords = (cause: unknown): string => String(cause).replace(/\.?$/, '.')

export const reactorFailed = (
  name: string,
  { kind, gameId, version, position }: EventEnvelope,
  cause: unknown,
): Fault => ({
  code: 'reactor-failed',
  message:
    `The reactor ${name} failed several times at ${kind}/${gameId}, version ${version} (position ${position}): ${inWords(cause)} ` +
    'It is tried again until it succeeds; this stream waits, the others go on. Mend what it needs, or the reactor.',
  cause,
})

export const checkpointLost = (name: string, cause: unknown): Fault => ({
  code: 'reactor-checkpoint-lost',
  message:
    `The reactor ${name} stood at a position that this ledger does not have: ${inWords(cause)} It goes on with what happens ` +
    'from now on. Look whether something between was left undone.',
  cause,
})

export const checkpointNotSaved = (name: string, cause: unknown): Fault => ({
  code: 'reactor-checkpoint-failed',
  message:
    `The place of the reactor ${name} could not be saved: ${inWords(cause)} It goes on; after a crash it reacts to more events a ` +
    'second time. See to the directory of the checkpoints.',
  cause,
})

export const readingFailed = (name: string, cause: unknown): Fault => ({
  code: 'reactor-paused',
  message:
    `Events that the reactor ${name} needs cannot be read: ${inWords(cause)} It waits, and play goes on; it is tried again ` +
    'until it succeeds. See to the archive and the journal.',
  cause,
})
