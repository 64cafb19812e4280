/**
 * Step 2 of the life of one command: finds the game that it is for.
 *
 *     in memory               -> at once
 *     asleep in the journal   -> woken      |  who asks for the same game meanwhile waits behind, in order of asking
 *     perhaps in the archive  -> looked up  |
 *     nowhere                 -> at once: it has not begun
 *
 * What is found may have changed in the turns that it took: whoever waited looks again at what is stopped or full.
 */
import { partsOfStream, type StreamId } from '../events/ids.js'
import { archivedOf, type Archived, type ArchivedLogs } from './archived-answer.js'
import type { AsleepGames } from './asleep-games.js'
import type { Overloaded, Unavailable, UnavailableCode } from './dispatch-error.js'
import type { LiveGame } from './live-game.js'
import type { LiveGames } from './live-games.js'

/** What it is wired to. */
export interface FinderPorts {
  readonly live: LiveGames
  readonly asleep: AsleepGames
  /** Games that a repair of the journal set aside. */
  readonly quarantined: ReadonlySet<StreamId>
  readonly archived: ArchivedLogs
  /** Takes idle games out of memory; resolves with whether one left. */
  readonly makeRoom: () => Promise<boolean>
}

/** A game that is or could be in memory; what the archive has of one; or why there is neither. */
export type Found =
  | { readonly _tag: 'Live'; readonly live: LiveGame }
  | { readonly _tag: 'Archived'; readonly log: Archived }
  | { readonly _tag: 'Missed'; readonly why: Unavailable | Overloaded }

/** Games that nobody is told of. One hold at a time a game. */
export interface Held {
  readonly streams: readonly StreamId[]
  /** To be called once: who waits is told in order of asking. */
  release(): void
}

type Seeker = (found: Found) => void

export class GameFinder {
  readonly #ports: FinderPorts
  readonly #waiting = new Map<StreamId, Seeker[]>()
  /** Resolve when those who wait for a game are told. */
  readonly #finding = new Map<StreamId, Promise<void>>()

  constructor(ports: FinderPorts) {
    this.#ports = ports
  }

  /** The game, where it takes no waiting: in memory, or not begun. O(1). */
  atHand(stream: StreamId): LiveGame | undefined {
    // Who waits has asked before, even where the game is in memory by now.
    if (this.#waiting.size > 0 && this.#waiting.has(stream)) return undefined
    const { live, asleep, archived, quarantined } = this.#ports
    const found = live.get(stream)
    if (found) return found
    const isElsewhere = asleep.has(stream) || quarantined.has(stream) || archived.mayHave(stream)
    return isElsewhere ? undefined : live.unbegun(stream)
  }

  /** Tells `seeker` once, now or later. Seekers of one game are told in the order in which they asked. */
  find(stream: StreamId, seeker: Seeker): void {
    const { asleep, quarantined } = this.#ports
    const game = this.atHand(stream)
    const queue = this.#waiting.get(stream)
    if (game) seeker({ _tag: 'Live', live: game })
    else if (queue) queue.push(seeker)
    else if (quarantined.has(stream) && !asleep.has(stream))
      seeker({ _tag: 'Missed', why: { _tag: 'Unavailable', code: 'game-quarantined' } })
    else if (!asleep.has(stream)) this.#wait(stream, seeker, this.#lookUp(stream), 'archive-unavailable')
    else this.#wait(stream, seeker, this.#wake(stream), 'journal-unreadable')
  }

  /** Tells all who wait that nothing will be found. */
  stop(why: Unavailable): void {
    for (const queue of this.#waiting.values())
      for (const seeker of queue.splice(0)) seeker({ _tag: 'Missed', why })
  }

  /** The same for one that begins, where memory is full: once another has left, or none will. */
  findRoom(stream: StreamId, seeker: Seeker): void {
    this.#wait(stream, seeker, this.#begin(stream), 'journal-unreadable')
  }

  #begin(stream: StreamId): Promise<Found> {
    const { live } = this.#ports
    return this.#whereRoom(stream, () => live.get(stream) ?? live.unbegun(stream))
  }

  #wake(stream: StreamId): Promise<Found> {
    return this.#whereRoom(stream, () => this.#ports.asleep.wake(stream))
  }

  /** Begins with `take` in the same turn in which there is a place. */
  async #whereRoom(stream: StreamId, take: () => LiveGame | Promise<LiveGame | undefined>): Promise<Found> {
    const { live, makeRoom } = this.#ports
    const { kind } = partsOfStream(stream)
    for (let why = live.overloadBy(kind); why; why = live.overloadBy(kind))
      if (!(await makeRoom())) return { _tag: 'Missed', why }
    const taken = await take()
    return taken ? { _tag: 'Live', live: taken } : this.#lookUp(stream)
  }

  async #lookUp(stream: StreamId): Promise<Found> {
    const { live, archived } = this.#ports
    const log = await archivedOf(archived, stream)
    if (log) return { _tag: 'Archived', log }
    return { _tag: 'Live', live: live.get(stream) ?? live.unbegun(stream) }
  }

  /**
   * Lets these games come to rest, wherever they are: from now on nobody is told of them, and who asks waits, in order of
   * asking, until they are released. Resolves when all of them are held and what was committed to them is published; a
   * game that is being found is told to those who asked before.
   * @throws what the journal failed of; then nothing is held
   */
  async hold(streams: Iterable<StreamId>): Promise<Held> {
    const queues = new Map<StreamId, Seeker[]>()
    for (const stream of new Set(streams)) {
      while (this.#waiting.has(stream)) await this.#finding.get(stream)
      const queue: Seeker[] = []
      queues.set(stream, queue)
      this.#waiting.set(stream, queue)
    }
    const held: Held = { streams: [...queues.keys()], release: () => this.#release(queues) }
    try {
      for (const stream of held.streams) await published(this.#ports.live.get(stream))
    } catch (cause) {
      held.release()
      throw cause
    }
    return held
  }

  #release(queues: ReadonlyMap<StreamId, Seeker[]>): void {
    for (const stream of queues.keys()) this.#waiting.delete(stream)
    for (const [stream, queue] of queues) for (const seeker of queue.splice(0)) this.find(stream, seeker)
  }

  #wait(stream: StreamId, seeker: Seeker, finding: Promise<Found>, why: UnavailableCode): void {
    const queue = [seeker]
    this.#waiting.set(stream, queue)
    const tell = (found: Found): void => {
      this.#waiting.delete(stream)
      this.#finding.delete(stream)
      for (const each of queue.splice(0)) each(found)
    }
    const told = finding.then(tell, (cause: unknown) =>
      tell({ _tag: 'Missed', why: { _tag: 'Unavailable', code: why, cause } }),
    )
    this.#finding.set(stream, told)
  }
}

/** Resolves when the newest event of a game is published. */
const published = async (live: LiveGame | undefined): Promise<void> => {
  const newest = live?.newest
  if (newest)
    await new Promise<void>((resolve, reject) => newest.await({ settle: () => resolve(), fail: reject }))
}
