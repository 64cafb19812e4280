/**
 * What surrounds a decision, gathered for each command when it is decided, and not before.
 *
 *     the rules are handed       now, random, version                       time and chance are the ledger's
 *     is recorded besides        commandId, actor, occurredAt               as the caller gave them
 *     the ledger sees to         isChecked, isRefused                       for all commands alike
 *
 * A command is decided by what is refused at that moment: one that waited for its game does not slip through.
 */
import type { Sequencer } from '../events/sequencer.js'
import type { CommandOptions } from './command-options.js'
import type { DecideContext, GameCommand } from './game.js'

/** What surrounds the rules when they decide: what they are handed, and what is recorded besides. */
export interface DecisionContext extends DecideContext {
  readonly commandId: string | undefined
  readonly actor: string | undefined
  readonly occurredAt: number | undefined
  /** Freeze states, and compare what is encoded with what was decided. */
  readonly isChecked: boolean
  /** Whether a command names a player who is being erased. */
  readonly isRefused: CommandTest | undefined
}

/** Says whether a command is one to be refused. */
export type CommandTest = (
  command: GameCommand,
  context: Pick<DecisionContext, 'actor' | 'commandId'>,
) => boolean

/** What it takes of the ledger. */
export interface DecisionContextPorts {
  readonly sequencer: Sequencer
  readonly random: () => number
  readonly isChecked: boolean
}

export class DecisionContexts {
  readonly #ports: DecisionContextPorts
  #isRefused: CommandTest | undefined

  constructor(ports: DecisionContextPorts) {
    this.#ports = ports
  }

  /** Until it is called with `undefined`, no command is decided of which `isRefused` says so. */
  refuse(isRefused: CommandTest | undefined): void {
    this.#isRefused = isRefused
  }

  /**
   * For a command with these options, on a game at this version. The time that its events will bear is taken here, so
   * this is called in the same turn in which they are committed. One object a command.
   */
  of({ commandId, actor, occurredAt }: CommandOptions, version: number): DecisionContext {
    const { sequencer, random, isChecked } = this.#ports
    const isRefused = this.#isRefused
    return { now: sequencer.time(), random, version, commandId, actor, occurredAt, isChecked, isRefused }
  }
}
