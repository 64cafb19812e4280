/** Saved read models in memory: for tests, and for ledgers that are opened several times in one process. */
import type { CheckpointStore, ModelCheckpoint } from '../projection.js'
import { MemoryPages } from './memory-pages.js'

/** Keeps every model that was saved, until it is retracted; survives nothing. */
export const memoryCheckpointStore = (): CheckpointStore => {
  const saved = new Map<string, readonly ModelCheckpoint[]>()
  const pages = new Map<string, MemoryPages>()
  const of = (name: string): readonly ModelCheckpoint[] => saved.get(name) ?? []
  return {
    save: async (name, checkpoint) => {
      const older = of(name).filter(
        ({ version, position }) =>
          !checkpoint.isAfresh && version === checkpoint.version && position < checkpoint.position,
      )
      saved.set(name, [...older, { ...checkpoint, model: Buffer.from(checkpoint.model) }])
    },
    load: async (name, atMost: number = Infinity) => of(name).findLast(({ position }) => position <= atMost),
    retract: async (name, after) => {
      saved.set(
        name,
        of(name).filter(({ position }) => position <= after),
      )
    },
    retain: async (names) => {
      for (const name of [...saved.keys(), ...pages.keys()]) {
        if (names.includes(name)) continue
        saved.delete(name)
        pages.delete(name)
      }
    },
    pages: async (name) => {
      const all = pages.get(name) ?? new MemoryPages()
      pages.set(name, all)
      // Every model is kept, so every page is: a room of it forgets nothing.
      return {
        put: (bytes) => all.put(bytes),
        get: (page) => all.get(page),
        read: (page) => all.read(page),
        keep: () => undefined,
        end: () => undefined,
      }
    },
  }
}
