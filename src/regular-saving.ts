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

  /** Behind the savings that are under way. Never rejects. */
  save(): Promise<void> {
    const { save, onFailure } = this.#ports
    this.#saving = this.#saving.then(save).catch(onFailure)
    return this.#saving
  }
}
