/**
 * The time that a phase has, from its beginning to when those who have not acted are acted for. It is that of the whole
 * phase, not of each action: no turn lasts longer, whoever is silent.
 */
import type { Deadline } from 'gameledger'
import type { CommandOf } from './commands.js'
import type { LiapState, Phase } from './state.js'

const phaseMs: Partial<Readonly<Record<Phase, number>>> = {
  preparation: 30_000,
  declaration: 120_000,
  turn: 300_000,
}

/** Whether the phase waits for somebody. */
export const isTimed = (phase: Phase): boolean => phaseMs[phase] !== undefined

/** When a phase that begins now is over. */
export const dueAfter = (phase: Phase, now: number): number => now + (phaseMs[phase] ?? 0)

/** What the ledger is to send when the phase is over. */
export const deadline = ({ phase, dueAt }: LiapState): Deadline<CommandOf<'TimeOut'>> | undefined =>
  isTimed(phase) ? { at: dueAt, command: { type: 'TimeOut' } } : undefined
