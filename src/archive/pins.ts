/**
 * Who reads what must stay. A reader of many objects pins the archive as it found it; what is replaced while pins are
 * held is deleted only when all of those are released. Pins that are taken later see the replacing batch, and hold
 * nothing up.
 *
 *     pin a -------------------- release
 *              replace            |
 *                 pin b ----------|------ release
 *                                 delete
 */

/** Held by a reader. */
export interface Pin {
  /** The reader has ended. Idempotent. */
  release(): void
}

export class Pins {
  readonly #held = new Set<Promise<void>>()

  get size(): number {
    return this.#held.size
  }

  pin(): Pin {
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    this.#held.add(held)
    return {
      release: () => {
        this.#held.delete(held)
        release()
      },
    }
  }

  /** Resolves when all pins that are held now are released. */
  async released(): Promise<void> {
    await Promise.all(this.#held)
  }
}
