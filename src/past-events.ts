/**
 * Everything that happened up to now, in order of position: from memory where it is recent, else from archive and
 * journal. It ends where the ledger stood when it was asked; `eventsFrom` is what goes on.
 */
import type { History } from './archive/history.js'
import type { EventEnvelope } from './events/envelope.js'
import { checkCheckpoint } from './events/follow.js'
import { partsOfStream, type Kind, type Position } from './events/ids.js'
import type { LostGap } from './events/lost-gap.js'
import type { RecentEvents } from './events/recent-events.js'
import { TimeSlice } from './events/time-slice.js'

/** Which events. */
export interface HistoryQuery {
  /** Only events behind this position. @default 0 */
  readonly after?: number
  /** Only events up to this position. @default the newest published one */
  readonly through?: number
  /** Only games of these kinds; others are not unpacked. @default all */
  readonly kinds?: readonly Kind[]
  /** Ends the reading. */
  readonly signal?: AbortSignal
}

export interface PastEventsPorts {
  readonly history: History
  readonly recent: RecentEvents
  /** No event has these positions. */
  readonly lost: readonly LostGap[]
}

/** Checks a query. @throws TypeError that says what was got */
export const checkQuery = (query: HistoryQuery): HistoryQuery => {
  for (const name of ['after', 'through'] as const) {
    const position = query[name]
    if (position !== undefined && position !== Infinity && !(Number.isSafeInteger(position) && position >= 0))
      throw new TypeError(`${name} is a position from 0; got ${String(position)}.`)
  }
  if (query.kinds !== undefined && !Array.isArray(query.kinds))
    throw new TypeError(`kinds is a list of kinds; got ${typeof query.kinds}.`)
  return query
}

/** The events of a query that was checked. @throws CheckpointLostError, what makes the past unreadable */
export async function* pastEvents(
  { history, recent, lost }: PastEventsPorts,
  { after = 0, through = Infinity, kinds, signal }: HistoryQuery,
): AsyncGenerator<EventEnvelope, void, undefined> {
  checkCheckpoint(after as Position, recent, lost)
  const range = { after: after as Position, through: Math.min(through, recent.head) as Position }
  const wanted = kinds && new Set(kinds)
  const newest = recent.after(range.after)
  const isWanted = wanted && { isWanted: (stream: string) => wanted.has(partsOfStream(stream).kind) }
  const chunks = newest ? [newest] : history.chunks({ ...range, ...isWanted })
  const slice = new TimeSlice()
  for await (const chunk of chunks)
    for (const envelope of chunk) {
      if (signal?.aborted || envelope.position > range.through) return
      if (!wanted || wanted.has(envelope.kind)) yield envelope
      if (slice.isOverAfterStep()) await slice.next()
    }
}
