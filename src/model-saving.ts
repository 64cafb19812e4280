/**
 * Saves read models behind play: those that moved, one saving after the other, never ahead of the disk.
 *
 * A model that was saved and then not on the disk's side of a crash would hold events that never happened.
 */
import type { JournalLine } from './journal-line.js'
import type { Projector } from './projections/projector.js'

/** What is saved, and how far it may go. */
export interface ModelSavingPorts {
  readonly projector: Projector
  readonly line: JournalLine
  /** Hears of each saving that failed, unless the journal had. */
  readonly onFailure: (cause: unknown) => void
}

export class ModelSaving {
  readonly #ports: ModelSavingPorts
  #timer: NodeJS.Timeout | undefined
  #saving: Promise<void> = Promise.resolve()
  #isSuspended = false

  constructor(ports: ModelSavingPorts) {
    this.#ports = ports
  }

  /** From now on, as often as this. */
  begin(everyMs: number): void {
    this.#timer = setInterval(() => void this.save(), everyMs)
    this.#timer.unref()
  }

  /** No more by itself. */
  stop(): void {
    clearInterval(this.#timer)
  }

  /** Lets the saving that is under way end, and saves nothing until `resume`. */
  async suspend(): Promise<void> {
    this.#isSuspended = true
    await this.#saving
  }

  resume(): void {
    this.#isSuspended = false
  }

  /** Behind the savings that are under way. Never rejects. */
  save(): Promise<void> {
    if (this.#isSuspended) return Promise.resolve()
    const { projector, line } = this.#ports
    this.#saving = this.#saving
      .then(() => projector.save(() => line.synced()))
      .catch((cause: unknown) => this.#fail(cause))
    return this.#saving
  }

  #fail(cause: unknown): void {
    if (!this.#ports.line.failure) this.#ports.onFailure(cause)
  }
}
