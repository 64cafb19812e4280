/** Saved read models under a seed: each save is there whole or not at all, whatever becomes of the process. */
import { memoryCheckpointStore, type CheckpointStore } from 'gameledger'
import { world } from './world.js'

export class SimulatedCheckpoints {
  readonly #saved = memoryCheckpointStore()

  client(): CheckpointStore {
    return {
      save: async (name, checkpoint) => {
        const copy = { ...checkpoint, model: Buffer.from(checkpoint.model) }
        await world.pass(3)
        await this.#saved.save(name, copy)
        await world.pass(3)
      },
      load: async (name, atMost) => {
        await world.pass(1)
        return this.#saved.load(name, atMost)
      },
      retract: (name, after) => this.#saved.retract(name, after),
      retain: (names) => this.#saved.retain(names),
      pages: (name) => this.#saved.pages(name),
    }
  }
}
