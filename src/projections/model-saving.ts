/**
 * Saving read models, one after the other: a model is copied, then kept back until all that it has seen is on the disk.
 */
import { WarmRoom } from './checkpoints/warm-room.js'
import type { HostedProjection } from './hosted-projection.js'
import type { CheckpointStore, ModelCheckpoint } from './projection.js'
import type { ProjectionRun } from './projection-run.js'

export class ModelSaving {
  readonly #store: CheckpointStore
  readonly #room = new WarmRoom()
  #saving: Promise<void> = Promise.resolve()

  constructor(store: CheckpointStore) {
    this.#store = store
  }

  /**
   * Saves every model that moved since it was last saved; none that is faulted, or not whole yet. Saves wait for each other.
   * @throws the first error of the store, after all others were tried
   */
  save(projections: Iterable<HostedProjection>, synced: () => Promise<void>): Promise<void> {
    const saving = this.#saving.then(() => this.#saveAll(projections, synced))
    this.#saving = saving.catch(() => undefined)
    return saving
  }

  async #saveAll(projections: Iterable<HostedProjection>, synced: () => Promise<void>): Promise<void> {
    const failures: unknown[] = []
    for (const hosted of projections)
      try {
        await this.#save(hosted, synced)
      } catch (error) {
        failures.push(error)
      }
    if (failures.length > 0) throw failures[0]
  }

  async #save(hosted: HostedProjection, synced: () => Promise<void>): Promise<void> {
    const { serving: run, next, name, isAfresh } = hosted
    if (run === next || run.checkpoint === run.savedAt) return
    const saved = await this.#savedOf(run)
    if (!saved) return
    await synced()
    await this.#store.save(name, isAfresh ? { ...saved, isAfresh } : saved)
    run.savedAt = saved.position
    if (isAfresh) hosted.isAfresh = false
  }

  /** A run as it is now: copied in one turn, or, where its parts never change, in slices behind it. */
  async #savedOf(run: ProjectionRun): Promise<ModelCheckpoint | undefined> {
    const snapshot = run.fault ? undefined : run.snapshot()
    if (!snapshot) return this.#room.save((room) => (run.fault ? undefined : run.save(room)))
    const { parts, ...standing } = snapshot
    return { ...standing, model: await this.#room.join(parts) }
  }
}
