/** What a projection threw, as it is thrown to who asked for it to be built. */
import type { Position } from '../events/ids.js'
import type { RunFault } from './projection-run.js'

/** A projection threw while it was rebuilt, or built for a view of the past; `cause` is what it threw. */
export class ProjectionFaultedError extends Error {
  override readonly name = 'ProjectionFaultedError'
  readonly code = 'projection-faulted'
  readonly projection: string
  /** Of the event that it threw at. */
  readonly position: Position

  constructor(projection: string, { position, cause }: RunFault) {
    super(
      `The projection ${projection} threw at position ${position}: ${String(cause)}. Mend it and rebuild it.`,
      { cause },
    )
    this.projection = projection
    this.position = position
  }
}
