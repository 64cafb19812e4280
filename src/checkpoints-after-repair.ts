/** Saved read models, but for those that were saved before a repair: they may hold what it set aside. */
import type { Position } from './events/ids.js'
import type { CheckpointStore } from './projections/projection.js'

/** A model that stands up to `repairedThrough` is none: it is built anew from what is there. */
export const checkpointsAfterRepair = (
  store: CheckpointStore,
  repairedThrough: Position,
): CheckpointStore => ({
  save: (name, checkpoint) => store.save(name, checkpoint),
  load: async (name, atMost) => {
    const saved = await store.load(name, atMost)
    return saved === undefined || saved.position <= repairedThrough ? undefined : saved
  },
  retract: (name, after) => store.retract(name, after),
  retain: (names) => store.retain(names),
  pages: (name) => store.pages(name),
})
