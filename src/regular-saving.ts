/** Saves something behind play: as often as is wanted, and one saving after the other. */
export interface RegularSavingPorts {
  readonly save: () => Promise<void>
  /** Hears of each saving that failed. */
  readonly onFailure: (cause: unknown) => void
}

export class RegularSaving {
  readonly #ports: RegularSavingPorts
  #timer: NodeJS.Timeout | undefined
  #saving: Promise<void> = Promise.resolve()
  #isSuspended = false

  constructor(ports: RegularSavingPorts) {
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
    const { save, onFailure } = this.#ports
    this.#saving = this.#saving.then(save).catch(onFailure)
    return this.#saving
  }
}
