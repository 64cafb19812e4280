/**
 * Manifests on their way to the disk: saved one after the other, each with the state of the moment at which its turn comes.
 *
 * Where there is no room for one, something is given up for it; where that is not enough the older one stays in force, and
 * the next save is a new try. After any other failure every later one fails the same way.
 */
import type { Disk } from './disk.js'
import { saveManifest, type Manifest } from './manifest.js'
import { isNoRoom } from './storage-full.js'

/** What the log lends. */
export interface ManifestsLog {
  readonly place: { readonly disk: Disk; readonly directory: string }
  /** Its present state, under this number. */
  manifest(number: number, closedAtFrame: number | null): Manifest
  /** Resolves with whether something was given up that takes room. */
  makeRoom(): Promise<boolean>
}

export class Manifests {
  readonly #log: ManifestsLog
  #number: number
  #numberInForce: number
  #saving: Promise<void> = Promise.resolve()

  constructor(log: ManifestsLog, numberInForce: number) {
    this.#log = log
    this.#number = this.#numberInForce = numberInForce
  }

  /** Puts the present state in force, as the next manifest. @throws what the disk throws, also that it is full */
  save(closedAtFrame: number | null = null): Promise<void> {
    const saved = this.#saving.then(async () => {
      const manifest = this.#log.manifest(++this.#number, closedAtFrame)
      await this.#save(manifest)
      this.#numberInForce = manifest.number
    })
    this.#saving = saved.catch((cause: unknown) => {
      if (!isNoRoom(cause)) throw cause
    })
    this.#saving.catch(() => undefined)
    return saved
  }

  async #save(manifest: Manifest): Promise<void> {
    const { disk, directory } = this.#log.place
    try {
      await saveManifest(disk, directory, manifest, this.#numberInForce)
    } catch (cause) {
      if (!isNoRoom(cause) || !(await this.#log.makeRoom())) throw cause
      await this.#save(manifest)
    }
  }

  /** Resolves with whether there was room: else a later save says the same. */
  async saveIfRoom(): Promise<boolean> {
    try {
      await this.save()
      return true
    } catch (cause) {
      if (!isNoRoom(cause)) throw cause
      return false
    }
  }

  /** Resolves when none is under way, whatever became of it. */
  async settle(): Promise<void> {
    await this.#saving.catch(() => undefined)
  }
}
