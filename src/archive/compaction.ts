/**
 * Makes few large batches of many small ones. A quiet server closes its batches by age, so that each holds a game or
 * two: two objects a game, and a manifest to read at every opening.
 *
 *     small batches in order of final position     1 1 1 ... 1 1 | 16 16 ... 16 | 256
 *                                                  \___ 16 ____/
 *                                                       16       | 16 16 ... 16 | 256
 *
 * In the background a stretch of 16 neighbours is merged when none of them is of a higher level than the stretch: under
 * 16 games, then under half of a full batch. So each game is written three times in its life, and at most some 30 small
 * batches stay (size-tiered merging, as log-structured stores do it: O'Neil et al., 1996). When it is asked for at once,
 * all neighbours that fit into one batch become one. A batch that is half full is left alone.
 */
import { LRUCache } from 'lru-cache'
import { CorruptSegmentError } from './archive-error.js'
import type { Catalog } from './catalog.js'
import type { CatalogBatch } from './catalog/batch-table.js'
import type { Rewriter, RewriteRun } from './rewriter.js'

export interface CompactOptions {
  /** Only say what would be done. @default false */
  readonly dryRun?: boolean
  readonly onProgress?: (progress: CompactProgress) => void
  readonly signal?: AbortSignal
}

export interface CompactProgress {
  /** Batches that were looked at, of so many. */
  readonly batches: number
  readonly batchesTotal: number
}

export interface CompactReport {
  readonly batchesBefore: number
  readonly batchesAfter: number
  /** Batches that became others. */
  readonly batchesReplaced: number
  readonly games: number
  /** Segments that are not whole: they were left as they are. */
  readonly damaged: readonly string[]
}

/** The bounds of a merged batch: those of the archiver's. */
export interface CompactionBounds {
  readonly batchGamesMax: number
  /** Of event lines. */
  readonly batchBytesMax: number
}

/** So many neighbours are merged in the background, and a batch of so many games is of a higher level. */
const fanIn = 16
/** Sizes of small batches that are remembered, so that their manifests are not read again: some 100 bytes each. */
const sizesMax = 10_000

export class Compaction {
  readonly #catalog: Catalog
  readonly #rewriter: Rewriter
  readonly #bounds: CompactionBounds
  readonly #rawBytes = new LRUCache<number, number>({ max: sizesMax })
  /** Batches that turned out damaged: not tried again before the next opening. */
  readonly #damaged = new Map<number, string>()

  constructor(catalog: Catalog, rewriter: Rewriter, bounds: CompactionBounds) {
    this.#catalog = catalog
    this.#rewriter = rewriter
    this.#bounds = bounds
  }

  /** Segments that are not whole: they were left as they are. */
  get damaged(): readonly string[] {
    return [...this.#damaged.values()]
  }

  /** Merges all that can be. @throws what aborted `signal`; ArchiveForkedError, ArchivingStoppedError */
  run(options: CompactOptions = {}): Promise<CompactReport> {
    return this.#rewriter.pass((rewrite) => this.#run(options, rewrite), options.signal)
  }

  /** The next merge that is due in the background; false where none is. */
  step(signal: AbortSignal): Promise<boolean> {
    return this.#rewriter.pass((rewrite) => this.#step(rewrite, signal), signal)
  }

  async #run(
    { dryRun = false, onProgress, signal }: CompactOptions,
    rewrite: RewriteRun,
  ): Promise<CompactReport> {
    const batches = this.#catalog.batches()
    let batchesReplaced = 0
    let merged = 0
    let games = 0
    let seen = 0
    for (const stretch of this.#stretches(batches, this.#half, 2))
      for await (const group of this.#groups(stretch, signal)) {
        signal?.throwIfAborted()
        if (dryRun || (await this.#merge(group, rewrite))) {
          batchesReplaced += group.length
          merged++
          games += group.reduce((sum, batch) => sum + batch.games, 0)
        }
        seen += group.length
        onProgress?.({ batches: seen, batchesTotal: batches.length })
      }
    onProgress?.({ batches: batches.length, batchesTotal: batches.length })
    const batchesAfter = batches.length - batchesReplaced + merged
    return { batchesBefore: batches.length, batchesAfter, batchesReplaced, games, damaged: this.damaged }
  }

  async #step(rewrite: RewriteRun, signal: AbortSignal): Promise<boolean> {
    const batches = this.#catalog.batches()
    const levels = new Set([Math.min(fanIn, this.#half), this.#half])
    for (const gamesMax of levels)
      for (const stretch of this.#stretches(grown(batches, gamesMax), gamesMax, fanIn))
        for await (const group of this.#groups(stretch, signal))
          if ((group.length >= fanIn || isFull(group, this.#half)) && (await this.#merge(group, rewrite)))
            return true
    return false
  }

  get #half(): number {
    return this.#bounds.batchGamesMax >> 1
  }

  /** Neighbours of fewer than `gamesMax` games each, at least `least` of them. */
  *#stretches(
    batches: readonly CatalogBatch[],
    gamesMax: number,
    least: number,
  ): Generator<readonly CatalogBatch[], void, undefined> {
    let stretch: CatalogBatch[] = []
    for (const batch of batches) {
      const isSmall = batch.slots < gamesMax && !this.#damaged.has(batch.batch)
      if (isSmall && !this.#rewriter.isUncleared(batch.batch)) {
        stretch.push(batch)
        continue
      }
      if (stretch.length >= least) yield stretch
      stretch = []
    }
    if (stretch.length >= least) yield stretch
  }

  /** Cuts a stretch into runs that fit into one batch; one batch alone is none. Reads manifests. */
  async *#groups(
    stretch: readonly CatalogBatch[],
    signal: AbortSignal | undefined,
  ): AsyncGenerator<readonly CatalogBatch[], void, undefined> {
    const { batchGamesMax, batchBytesMax } = this.#bounds
    let group: CatalogBatch[] = []
    let games = 0
    let bytes = 0
    for (const batch of stretch) {
      const rawBytes = await this.#rawBytesOf(batch.batch, signal)
      const isOver = games + batch.slots > batchGamesMax || bytes + rawBytes > batchBytesMax
      if (isOver || 2 * rawBytes > batchBytesMax) {
        if (group.length > 1) yield group
        group = []
        games = 0
        bytes = 0
      }
      if (2 * rawBytes > batchBytesMax) continue
      group.push(batch)
      games += batch.slots
      bytes += rawBytes
    }
    if (group.length > 1) yield group
  }

  async #rawBytesOf(batch: number, signal: AbortSignal | undefined): Promise<number> {
    const known = this.#rawBytes.get(batch)
    if (known !== undefined) return known
    const { games } = await this.#rewriter.manifestOf(batch, signal)
    const rawBytes = games.reduce((sum, game) => sum + game.rawBytes, 0)
    this.#rawBytes.set(batch, rawBytes)
    return rawBytes
  }

  /** Whether it was done: a segment that is not whole stays where a good copy can be put in its place. */
  async #merge(group: readonly CatalogBatch[], rewrite: RewriteRun): Promise<boolean> {
    const batches = group.map(({ batch }) => batch)
    try {
      return (await rewrite(batches, () => 'same')) !== undefined
    } catch (cause) {
      if (!(cause instanceof CorruptSegmentError)) throw cause
      for (const batch of batches)
        if ((await this.#rewriter.manifestOf(batch)).segment === cause.key)
          this.#damaged.set(batch, cause.key)
      return false
    }
  }
}

/** Without the smallest at the end where larger ones are merged: more of them are still to come. */
const grown = (batches: readonly CatalogBatch[], gamesMax: number): readonly CatalogBatch[] => {
  if (gamesMax <= fanIn) return batches
  const last = batches.findLastIndex(({ slots }) => slots >= fanIn)
  return batches.slice(0, last + 1)
}

const isFull = (group: readonly CatalogBatch[], half: number): boolean =>
  group.reduce((sum, { slots }) => sum + slots, 0) >= half
