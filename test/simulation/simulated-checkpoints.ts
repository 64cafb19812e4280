/** Saved read models under a seed: each save is there whole or not at all, whatever becomes of the process. */
import type { CheckpointStore } from 'gameledger'
import { world } from './world.js'

type Saved = Parameters<CheckpointStore['save']>[1]

export class SimulatedCheckpoints {
  readonly #saved = new Map<string, Saved>()

  client(): CheckpointStore {
    return {
      save: async (name, checkpoint) => {
        const copy = { ...checkpoint, model: Buffer.from(checkpoint.model) }
        await world.pass(3)
        this.#saved.set(name, copy)
        await world.pass(3)
      },
      load: async (name) => {
        await world.pass(1)
        return this.#saved.get(name)
      },
    }
  }
}
