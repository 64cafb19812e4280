/**
 * Every event after a checkpoint, in order, for ever: first what is stored, then what happens.
 *
 * The reader sets the pace: nothing is buffered for it. A reader that falls behind the recent events is sent back to
 * the stored ones, and catches up again. The cursor is the position last given, so there is no gap and no double at
 * the seam, by construction: each round asks for what comes after the cursor, wherever it comes from.
 */
import type { EventEnvelope } from './envelope.js'
import type { Position } from './ids.js'
import { isLost, type LostGap } from './lost-gap.js'
import type { RecentEvents } from './recent-events.js'

/** Port: the stored events in (after, through], each once, in order of position. */
export type StoredEvents = (after: Position, through: Position) => AsyncIterable<EventEnvelope>

/** A checkpoint names a position at which this ledger holds nothing, or not what was seen there: what was built on it must be built anew. */
export class CheckpointLostError extends Error {
  override readonly name = 'CheckpointLostError'
  readonly code = 'checkpoint-lost'
  readonly checkpoint: number
  readonly head: Position

  constructor(checkpoint: number, head: Position) {
    super(
      `Checkpoint ${checkpoint} is none of this ledger, whose last published position is ${head}: it is of another ` +
        'ledger, or of events that a crash took back. Rebuild what you keep from position 0.',
    )
    this.checkpoint = checkpoint
    this.head = head
  }
}

/** @throws CheckpointLostError where this ledger has no such position, or a crash took it back */
export const checkCheckpoint = (
  checkpoint: Position,
  { head }: RecentEvents,
  lost: readonly LostGap[],
): void => {
  if (checkpoint > head || isLost(lost, checkpoint)) throw new CheckpointLostError(checkpoint, head)
}

/** Follows the ledger from a checkpoint. Ends when the ledger closes or the signal is given. @throws CheckpointLostError */
export async function* follow(
  checkpoint: Position,
  recent: RecentEvents,
  stored: StoredEvents,
  lost: readonly LostGap[],
  signal: AbortSignal | undefined,
): AsyncGenerator<EventEnvelope, void, undefined> {
  checkCheckpoint(checkpoint, recent, lost)
  const isWanted = (): boolean => signal?.aborted !== true
  for (let cursor = checkpoint; isWanted();) {
    const { head } = recent
    if (cursor === head) {
      if (recent.isOver) return
      await recent.next(signal)
      continue
    }
    for await (const envelope of recent.after(cursor) ?? stored(cursor, head)) {
      if (!isWanted()) return
      cursor = envelope.position
      yield envelope
    }
    // Positions that hold no event (lost in a crash) are passed over.
    if (cursor < head) cursor = head
  }
}
