/**
 * The part of recovery that concerns carried games: their indexes are read, and of the games themselves only those
 * that went on, or are over.
 *
 *     log-1, generation 1   index: g1 v1-40, g2 v1-9, g3 v1-70 (over)
 *     log-5, log-6          g1 v41, g1 v42 ...
 *
 *     visited: g1 v1-40, then v41, v42 as the walk meets them; g3       left asleep: g2
 *
 * A game with records in generation 0 is read before the walk meets them, so that it is visited in order of its
 * versions. In memory are a row a run, and the games that are waiting for the walk.
 */
import type { StreamId } from '../ids.js'
import { carriedFileOf, readCarriedIndex } from './carried-file.js'
import { readRun, type CarriedRun } from './carried-games.js'
import { CorruptLogError } from './corrupt-log.js'
import type { Frame } from './frame.js'
import type { AsleepGame, EventsRecord, StoredRecord } from './journal.js'
import type { Log } from './log.js'
import type { Manifest } from './manifest.js'
import type { OrderCheck } from './order-check.js'
import { visitFrame } from './recovery.js'

export class CarriedRecovery {
  readonly #log: Log
  readonly #remnants: ReadonlySet<StreamId>
  readonly #order: OrderCheck
  readonly #visit: (record: StoredRecord) => void
  /** Records of games that went on, which are not yet visited. */
  readonly #waiting = new Map<StreamId, EventsRecord[]>()
  readonly #awake = new Set<StreamId>()

  constructor(
    log: Log,
    remnants: ReadonlySet<StreamId>,
    order: OrderCheck,
    visit: (record: StoredRecord) => void,
  ) {
    this.#log = log
    this.#remnants = remnants
    this.#order = order
    this.#visit = visit
  }

  /** Reads the indexes of all files of generation 1. @throws CorruptLogError */
  async readIndexes({ carried, ledgerId }: Manifest): Promise<void> {
    // The newer of two runs counts.
    for (const entry of carried.toSorted((one, other) => one.id - other.id)) {
      const { disk, directory } = this.#log.place
      const file = carriedFileOf(directory, entry)
      const entries = await readCarriedIndex(disk, file, ledgerId)
      this.#log.carried.push(file)
      this.#log.carriedGames.add(file, entries)
      for (const { stream, length, firstVersion, lastVersion, lastPosition } of entries) {
        this.#log.holdings.holdStream(stream, file, length, firstVersion, lastVersion)
        this.#order.saw(lastPosition)
      }
    }
  }

  /** Reads the games that have records in these frames: from then on `before` gives them. */
  async prepare(bytes: Buffer, frames: readonly Frame[], path: string): Promise<void> {
    if (this.#log.carried.length === 0) return
    const met = new Set<StreamId>()
    for (const frame of frames)
      visitFrame(bytes, frame, path, (record) => {
        if (record.type === 'events' && !this.has(record)) met.add(record.stream)
      })
    for (const stream of met) if (!this.#awake.has(stream)) await this.#wake(stream)
  }

  /** Whether a record of generation 0 lies in generation 1, too: it is read there, if at all. */
  has({ stream, firstVersion, count }: EventsRecord): boolean {
    return this.#log.carriedGames.covers(stream, firstVersion, firstVersion + count - 1)
  }

  /** Visits what comes before this record of generation 0. */
  before({ stream, firstVersion }: EventsRecord): void {
    const waiting = this.#waiting.get(stream)
    if (waiting === undefined) return
    while (waiting[0] !== undefined && waiting[0].firstVersion < firstVersion) this.#give(waiting.shift()!)
    if (waiting.length === 0) this.#waiting.delete(stream)
  }

  /** Visits what is left of the games that went on, and those that are over; names the others. @throws CorruptLogError */
  async finish(): Promise<AsleepGame[]> {
    for (const records of this.#waiting.values()) for (const record of records) this.#give(record)
    this.#waiting.clear()
    const asleep: AsleepGame[] = []
    const over: StreamId[] = []
    for (const [stream, runs] of this.#log.carriedGames.entries()) {
      if (this.#awake.has(stream) || this.#remnants.has(stream)) continue
      const last = wholeGame(runs)
      if (last.isFinal) over.push(stream)
      else asleep.push(asleepGame(runs, last))
    }
    for (const stream of over) {
      await this.#wake(stream)
      for (const record of this.#waiting.get(stream) ?? []) this.#give(record)
      this.#waiting.delete(stream)
    }
    return asleep
  }

  async #wake(stream: StreamId): Promise<void> {
    const runs = this.#log.carriedGames.runsOf(stream)
    if (runs.length === 0 || this.#remnants.has(stream)) return
    this.#awake.add(stream)
    const records: EventsRecord[] = []
    for (const run of runs) records.push(...(await readRun(this.#log.place.disk, run)))
    this.#waiting.set(stream, records)
  }

  #give(record: EventsRecord): void {
    this.#order.followCarried(record)
    this.#visit(record)
  }
}

/** The last run of a game that lies in generation 1 as a whole. @throws CorruptLogError where a version is missing */
const wholeGame = (runs: readonly CarriedRun[]): CarriedRun => {
  let version = 0
  for (const { firstVersion, lastVersion, file, offset, stream } of runs) {
    if (firstVersion !== version + 1)
      throw new CorruptLogError({
        file: file.path,
        offset,
        expected: `version ${version + 1} of ${stream}`,
        found: `version ${firstVersion}`,
        streams: [stream],
      })
    version = lastVersion
  }
  return runs.at(-1)!
}

const asleepGame = (runs: readonly CarriedRun[], last: CarriedRun): AsleepGame => {
  const { stream, lastVersion, lastPosition, lastAt, note } = last
  const players = runs.findLast((run) => run.players !== undefined)?.players ?? []
  return { stream, version: lastVersion, lastPosition, lastAt, players, note }
}
