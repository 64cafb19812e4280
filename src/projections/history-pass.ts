/**
 * One pass over history for all runs that are behind: each event is read and decoded once, however many hear it.
 *
 *     all events                       --> runs that hear everything, each from its own checkpoint
 *     summaries of finished games      --> runs that hear finals
 *
 * In slices: between two of them play has its turn.
 */
import type { EventEnvelope } from '../events/envelope.js'
import type { Position } from '../events/ids.js'
import { TimeSlice } from '../events/time-slice.js'
import type { ProjectionRun } from './projection-run.js'

/** Events with `after < position <= through`. */
export interface EventRange {
  readonly after: Position
  readonly through: Position
}

/** Port: what happened, each event once, in order of position, in chunks. Throws what cannot be read. */
export interface ProjectionHistory {
  /** All events of a range. `slice`: the stretches of the reader, in which the reading is done, too. */
  events(range: EventRange, slice?: TimeSlice): AsyncIterable<readonly EventEnvelope[]>
  /** The summaries (`finalSummary`) of all games that ended in a range. */
  finals(range: EventRange): AsyncIterable<readonly EventEnvelope[]>
}

/** A pass may last for minutes, beside play: so it takes little at a time, in ms. */
export const shortSliceMs = 0.5

export interface PassOptions {
  readonly through: Position
  readonly signal: AbortSignal
  /** How long a slice is. @default 0.5 */
  readonly sliceMs?: number
  /** Between two slices. */
  readonly onSlice?: () => void
  /** Before each event. */
  readonly onEvent?: (envelope: EventEnvelope) => void
}

/**
 * Feeds the runs, which all hear finals or all do not, through a position. Runs that throw drop out; where all have, it
 * ends. @throws what history throws, the reason of the signal
 */
export const passOver = async (
  runs: readonly ProjectionRun[],
  history: ProjectionHistory,
  { through, signal, sliceMs = shortSliceMs, onSlice, onEvent }: PassOptions,
): Promise<void> => {
  const slice = new TimeSlice(sliceMs)
  let turns = 0
  const onTurn = (): void => {
    turns = slice.turns
    signal.throwIfAborted()
    onSlice?.()
  }
  const fed = (): readonly ProjectionRun[] => runs.filter((run) => run.isFed && run.checkpoint < through)
  let behind = fed()
  if (behind.length === 0) return
  const after = Math.min(...behind.map(({ checkpoint }) => checkpoint)) as Position
  const range = { after, through }
  for await (const chunk of behind[0]!.isOfFinals ? history.finals(range) : history.events(range, slice)) {
    if (slice.turns !== turns) onTurn()
    for (const envelope of chunk) {
      onEvent?.(envelope)
      for (const run of behind) if (run.isFed) run.feed(envelope)
      if (!slice.isOverAfterStep()) continue
      await slice.next()
      onTurn()
    }
    behind = fed()
    if (behind.length === 0) break
  }
  for (const run of runs) if (run.isFed) run.reach(through)
}
