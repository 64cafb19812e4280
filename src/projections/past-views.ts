/**
 * Boards as of a moment of the past: a projection is started once more, from the nearest model that was kept before the
 * moment, and fed what came between. Its clock stands at the moment, and nothing is fed to it afterwards: the answer is
 * a view that no longer changes.
 *
 *     kept model ---- events, read in slices ----> moment
 *
 * One at a time, so that curiosity about the past cannot disturb the present; others wait in a bounded queue. Pages
 * of the kept model stay for as long as somebody holds the view; new ones are in memory.
 */
import { CheckpointLostError } from '../events/follow.js'
import type { Position } from '../events/ids.js'
import { isLost, type LostGap } from '../events/lost-gap.js'
import { orAborted } from '../events/or-aborted.js'
import { MemoryPages } from './checkpoints/memory-pages.js'
import { passOver, type ProjectionHistory } from './history-pass.js'
import type { CheckpointStore, Projection, ProjectionContext, RunPages } from './projection.js'
import { ProjectionFaultedError } from './projection-faulted-error.js'
import { ProjectionRun } from './projection-run.js'

/** A moment of the past: behind the event at a position, or behind all that was recorded up to a time (ms since 1970). */
export type Moment = { readonly position: number } | { readonly time: number }

export interface PastViewsPorts {
  readonly projectionOf: (name: string) => Projection
  readonly checkpoints?: CheckpointStore | undefined
  readonly history: ProjectionHistory
  readonly lost: readonly LostGap[]
  readonly head: () => Position
  readonly now: () => number
  /** What a projection is handed that must not know of anything behind a position. */
  readonly contextAt: (position: Position) => Omit<ProjectionContext, 'clock' | 'pages' | 'checkpoint'>
}

/** Too many ask for boards of the past at once. */
export class PastViewsBusyError extends Error {
  override readonly name = 'PastViewsBusyError'
  readonly code = 'past-views-busy'

  constructor() {
    super(`${waitingMax} views of the past are waiting to be built already. Ask again later.`)
  }
}

/** Each may take seconds: who comes behind so many would wait for minutes, and rather be told. */
const waitingMax = 32

export class PastViews {
  readonly #ports: PastViewsPorts
  #waiting = 0
  #last: Promise<unknown> = Promise.resolve()
  /** Of pages that views need. */
  readonly #rooms = new Set<RunPages>()
  /** Ends those whose view nobody holds any more. */
  readonly #held = new FinalizationRegistry<RunPages>((room) => this.#end(room))

  constructor(ports: PastViewsPorts) {
    this.#ports = ports
  }

  /** Lets go of the pages of all views that were handed out: where one needs a page it says that the page is lost. */
  async forget(): Promise<void> {
    await this.#last
    for (const room of this.#rooms) this.#end(room)
  }

  #end(room: RunPages): void {
    this.#rooms.delete(room)
    room.end()
  }

  /**
   * The view of a projection as of a moment.
   * @throws TypeError where there is no such projection or moment; CheckpointLostError behind the head or in a lost gap;
   * PastViewsBusyError, ProjectionFaultedError, the reason of the signal, what history throws
   */
  async at(name: string, moment: Moment, signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted()
    const projection = this.#ports.projectionOf(name)
    this.#check(moment)
    if (this.#waiting >= waitingMax) throw new PastViewsBusyError()
    this.#waiting++
    const building = this.#last.then(() => this.#build(name, projection, moment, signal))
    this.#last = building.catch(() => undefined)
    try {
      return await orAborted(building, signal)
    } finally {
      this.#waiting--
    }
  }

  async #build(name: string, projection: Projection, moment: Moment, signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted()
    const { history } = this.#ports
    const through = 'position' in moment ? (moment.position as Position) : await this.#positionAt(moment.time)
    const clock = { at: 0, now: () => clock.at }
    const { run, room } = await this.#runFrom(name, projection, through, clock)
    clock.at = run.recordedAt
    try {
      await passOver([run], history, {
        through,
        signal,
        onEvent: ({ recordedAt }) => (clock.at = recordedAt),
      })
    } catch (cause) {
      if (room) this.#end(room)
      throw cause
    }
    if (run.fault) throw new ProjectionFaultedError(name, run.fault)
    clock.at = 'time' in moment ? moment.time : ((await this.#timeFrom(through)) ?? clock.at)
    const { view } = run.running
    if (!room) return view
    if (typeof view === 'object' && view !== null) this.#held.register(view, room)
    else this.#end(room)
    return view
  }

  /** A run at the newest kept model that stands at a position or before it; at the beginning where there is none. */
  async #runFrom(
    name: string,
    projection: Projection,
    through: Position,
    clock: ProjectionContext['clock'],
  ): Promise<{ run: ProjectionRun; room: RunPages | undefined }> {
    const { checkpoints, contextAt } = this.#ports
    const context = { ...contextAt(through), clock }
    const saved = await checkpoints?.load(name, through)
    if (saved?.version === projection.version) {
      const room = await checkpoints!.pages(name)
      this.#rooms.add(room)
      const { pages = [] } = saved
      room.keep(pages)
      try {
        const beside = new MemoryPages(room, Math.max(0, ...pages))
        const run = new ProjectionRun(projection, { ...context, pages: beside })
        run.load(saved)
        return { run, room }
      } catch {
        // None of its own: it is built from the first event.
        this.#end(room)
      }
    }
    return { run: new ProjectionRun(projection, { ...context, pages: new MemoryPages() }), room: undefined }
  }

  /** The position of the last event that was recorded at a time or before: times never go back. O(log positions) reads. */
  async #positionAt(time: number): Promise<Position> {
    let low = 0
    let high: number = this.#ports.head()
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      const recordedAt = await this.#timeFrom(middle as Position)
      if (recordedAt !== undefined && recordedAt <= time) low = middle
      else high = middle - 1
    }
    return low as Position
  }

  /** When the event at a position was recorded, or in a lost gap the one behind it. */
  async #timeFrom(position: Position): Promise<number | undefined> {
    const range = { after: (position - 1) as Position, through: this.#ports.head() }
    if (position > 0)
      for await (const [envelope] of this.#ports.history.events(range)) return envelope?.recordedAt
    return undefined
  }

  #check(moment: Moment): void {
    const { head, lost, now } = this.#ports
    if ('time' in moment) {
      if (Number.isFinite(moment.time) && moment.time <= now()) return
      throw new TypeError(`A time of the past is wanted, in ms since 1970; got ${String(moment.time)}.`)
    }
    const { position } = moment
    if (!Number.isSafeInteger(position) || position < 0)
      throw new TypeError(`A position from 0 is wanted, or a time; got ${String(position)}.`)
    if (position > head() || isLost(lost, position)) throw new CheckpointLostError(position, head())
  }
}
