/**
 * Keeps an archive in order in the background: finishes what a crash left, drops games that are older than they may be,
 * merges small batches. Never more than a tenth of the time: after each batch it rests nine times as long as that took.
 *
 *     every minute     what is left over, once  ->  small batches
 *     every hour       games that are too old
 *
 * What fails is told once, and tried again at the next time.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../events/clock.js'
import type { Fault } from '../events/fault.js'
import { ArchiveForkedError, ArchivingStoppedError } from './archive-error.js'
import type { Compaction } from './compaction.js'
import type { Retention } from './retention.js'
import type { Rewriter } from './rewriter.js'

export interface UpkeepPorts {
  readonly rewriter: Rewriter
  /** Absent where small batches are left alone. */
  readonly compaction?: Compaction
  /** Absent where all games are kept. */
  readonly retention?: Retention
  readonly clock: Clock
  readonly onFault: (fault: Fault) => void
}

/** Games that are too old go an hour late: else the batch that holds the youngest of them is rewritten for each. */
const retainEveryMs = 3_600_000
const restFactor = 9

export class Upkeep {
  readonly #ports: UpkeepPorts
  readonly #everyMs: number
  readonly #abort = new AbortController()
  readonly #told = new Set<string>()
  #timer: NodeJS.Timeout | undefined
  #retainAt = 0
  #since = 0

  constructor(ports: UpkeepPorts, everyMs = 60_000) {
    this.#ports = ports
    this.#everyMs = everyMs
  }

  /** Begins, a minute from now. Never keeps the process alive. */
  begin(): void {
    this.#timer = setTimeout(() => void this.#run(), this.#everyMs)
    this.#timer.unref()
  }

  /** Ends; a rewriting under way is given up, or finished if it has come to its commit point. */
  close(): void {
    clearTimeout(this.#timer)
    this.#abort.abort(new ArchivingStoppedError('it was closed'))
  }

  async #run(): Promise<void> {
    try {
      await this.#work()
      this.#told.delete('archive-upkeep-failed')
    } catch (cause) {
      if (this.#abort.signal.aborted || cause instanceof ArchivingStoppedError) return
      this.#tell(cause)
      if (cause instanceof ArchiveForkedError) return
    }
    if (!this.#abort.signal.aborted) this.begin()
  }

  async #work(): Promise<void> {
    const { rewriter, compaction, retention, clock } = this.#ports
    const { signal } = this.#abort
    await rewriter.resume()
    this.#since = performance.now()
    if (retention && clock.now() >= this.#retainAt) {
      const now = clock.now()
      while (await retention.step(now, signal)) await this.#rest()
      this.#retainAt = now + retainEveryMs
    }
    while (await compaction?.step(signal)) await this.#rest()
    const damaged = [...(retention?.damaged ?? []), ...(compaction?.damaged ?? [])]
    for (const key of damaged) this.#tellDamaged(key)
  }

  async #rest(): Promise<void> {
    await sleep(restFactor * (performance.now() - this.#since), undefined, { signal: this.#abort.signal })
    this.#since = performance.now()
  }

  #tellDamaged(key: string): void {
    if (this.#told.has(key)) return
    this.#told.add(key)
    this.#ports.onFault({
      code: 'corrupt-segment',
      message: `${key} is damaged, and was left as it is. Run \`gameledger verify\`, and put a good copy in its place.`,
    })
  }

  #tell(cause: unknown): void {
    const isForked = cause instanceof ArchiveForkedError
    const code = isForked ? cause.code : 'archive-upkeep-failed'
    if (this.#told.has(code)) return
    this.#told.add(code)
    const what = cause instanceof Error ? cause.message : String(cause)
    const message = isForked
      ? what
      : `The archive could not be kept in order: ${what} It is tried again in a minute.`
    this.#ports.onFault({ code, message, cause })
  }
}
