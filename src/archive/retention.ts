/**
 * Drops games that are older than they may be, by kind. Their ids stay taken and their positions known: of each a
 * tombstone stays (manifest.ts). Games end in order of time, so it goes through the batches from the oldest on, and
 * stops at the first that is too young for every rule.
 *
 *     batches by time of their ends   [ old ][ old ][ ol|d ][ young ] ...
 *                                      gone   gone   half    not looked at
 *
 * Age is counted from the end of a game as it was recorded, not from when it was played (imports).
 */
import { CorruptSegmentError } from './archive-error.js'
import type { Catalog } from './catalog.js'
import type { CatalogBatch } from './catalog/batch-table.js'
import type { IndexedGame, Manifest } from './manifest.js'
import type { Rewriter, RewriteRun } from './rewriter.js'

/** How long games are kept after their end. */
export interface RetentionRule {
  /** @default games of all kinds */
  readonly kind?: string
  readonly maxAgeMs: number
}

export interface RetainOptions {
  /** Games that ended longer ago than this are dropped. In ms. */
  readonly olderThanMs: number
  /** @default games of all kinds */
  readonly kind?: string
  /** Only say what would be done. @default false */
  readonly dryRun?: boolean
  readonly onProgress?: (progress: RetainProgress) => void
  readonly signal?: AbortSignal
}

export interface RetainProgress {
  readonly games: number
  /** Batches that were looked at, of so many. */
  readonly batches: number
  readonly batchesTotal: number
}

export interface RetainReport {
  /** What was dropped, or would be. */
  readonly games: number
  readonly events: number
  /** Of their members in the segments. */
  readonly bytes: number
  readonly batches: number
  /** Of each kind of which games were ever dropped: up to this position its history has gaps. */
  readonly shortenedThrough: { readonly [kind: string]: number }
  /** Segments that are not whole: they were left as they are. */
  readonly damaged: readonly string[]
}

type RetentionRun = Omit<RetainOptions, 'olderThanMs' | 'kind'>

/** Batches of which it is remembered when the next of their games is due: some 100 bytes each. */
const dueMax = 100_000

export class Retention {
  readonly #catalog: Catalog
  readonly #rewriter: Rewriter
  readonly #rules: readonly RetentionRule[]
  /** By batch: when the next of its games is due. */
  readonly #due = new Map<number, number>()
  readonly #damaged = new Set<string>()

  constructor(catalog: Catalog, rewriter: Rewriter, rules: readonly RetentionRule[]) {
    this.#catalog = catalog
    this.#rewriter = rewriter
    this.#rules = rules
  }

  /** Segments that are not whole: they were left as they are. */
  get damaged(): readonly string[] {
    return [...this.#damaged]
  }

  /**
   * Drops what is too old at this time.
   * @throws what aborted `signal`; ArchiveForkedError, ArchivingStoppedError
   */
  run(now: number, options: RetentionRun = {}): Promise<RetainReport> {
    return this.#rewriter.pass((rewrite) => this.#run(now, options, rewrite), options.signal)
  }

  /** Drops what is too old in the next batch that has such games; false where none has. */
  step(now: number, signal: AbortSignal): Promise<boolean> {
    return this.#rewriter.pass(async (rewrite) => {
      for (const { batch } of this.#candidates(now)) {
        const manifest = await this.#rewriter.manifestOf(batch, signal)
        if (this.#oldIn(manifest, now).length === 0) this.#remember(manifest)
        else if (await this.#drop(manifest, now, rewrite)) return true
      }
      return false
    }, signal)
  }

  async #run(now: number, options: RetentionRun, rewrite: RewriteRun): Promise<RetainReport> {
    const { dryRun = false, onProgress, signal } = options
    const batches = this.#candidates(now)
    const dropped = { games: 0, events: 0, bytes: 0, batches: 0 }
    let seen = 0
    for (const { batch } of batches) {
      const manifest = await this.#rewriter.manifestOf(batch, signal)
      const old = this.#oldIn(manifest, now)
      if (old.length === 0) this.#remember(manifest)
      else if (dryRun || (await this.#drop(manifest, now, rewrite))) {
        dropped.batches++
        dropped.games += old.length
        for (const { events, length } of old) {
          dropped.events += events
          dropped.bytes += length
        }
      }
      onProgress?.({ games: dropped.games, batches: ++seen, batchesTotal: batches.length })
    }
    return {
      ...dropped,
      shortenedThrough: Object.fromEntries(this.#catalog.shortenedThrough),
      damaged: this.damaged,
    }
  }

  #oldIn({ games }: Manifest, now: number): readonly IndexedGame[] {
    return games.filter((game) => this.#dueAt(game) <= now)
  }

  /** In which a game may be too old. */
  #candidates(now: number): readonly CatalogBatch[] {
    const youngest = now - Math.min(...this.#rules.map(({ maxAgeMs }) => maxAgeMs))
    return this.#catalog
      .batches()
      .filter(({ batch, firstEndAt }) => firstEndAt <= youngest && (this.#due.get(batch) ?? 0) <= now)
  }

  /** Whether it was done: a segment that is not whole stays where a good copy can be put in its place. */
  async #drop({ batch }: Manifest, now: number, rewrite: RewriteRun): Promise<boolean> {
    try {
      const done = await rewrite([batch], ({ index }) => (this.#dueAt(index) <= now ? 'gone' : 'same'))
      if (!done) return false
      this.#due.delete(batch)
      this.#remember(done.manifest)
      return true
    } catch (cause) {
      if (!(cause instanceof CorruptSegmentError)) throw cause
      this.#damaged.add(cause.key)
      // Tried again after the next opening, when somebody may have put a good copy in its place.
      this.#due.set(batch, Infinity)
      return false
    }
  }

  #remember({ batch, games }: Manifest): void {
    if (this.#due.size >= dueMax) this.#due.clear()
    this.#due.set(batch, Math.min(Infinity, ...games.map((game) => this.#dueAt(game))))
  }

  #dueAt({ kind, lastAt }: IndexedGame): number {
    let due = Infinity
    for (const rule of this.#rules)
      if (rule.kind === undefined || rule.kind === kind) due = Math.min(due, lastAt + rule.maxAgeMs)
    return due
  }
}

/** @throws TypeError that says what was got */
export const checkRetention = (rules: readonly RetentionRule[]): readonly RetentionRule[] => {
  for (const { maxAgeMs } of rules)
    if (!Number.isSafeInteger(maxAgeMs) || maxAgeMs < 1)
      throw new TypeError(`maxAgeMs is a whole number of ms from 1; got ${String(maxAgeMs)}.`)
  return rules
}
