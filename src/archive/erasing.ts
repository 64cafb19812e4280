/**
 * Erases a player from the archive: every batch that names them is rewritten, one after the other, beside play.
 *
 *     batches --> read the segment, unpack each game --names the player?--> rewriter: new lines, both hashes made anew
 *
 * A player may be named in games that they were not in (a text, a spectator), of which no index tells: so all segments are
 * read, unless only the player's own games are asked for. A batch whose segment is damaged is told and left: it
 * cannot be believed in part. Run again it goes on: what is rewritten names the player no more.
 */
import type { PlayerId, StreamId } from '../events/ids.js'
import { streamIdOf } from '../events/ids.js'
import { orAborted } from '../events/or-aborted.js'
import type { Pseudonym } from '../events/pseudonym.js'
import { CorruptManifestError, CorruptSegmentError } from './archive-error.js'
import type { Catalog } from './catalog.js'
import type { ColdStore } from './cold-store.js'
import type { Rules } from './completed-game.js'
import type { Rewriter } from './rewriter.js'
import { rewriteSegments, type RewritableGame, type Rewritten } from './rewritten-segment.js'

export interface ErasingPorts {
  readonly store: ColdStore
  readonly catalog: Catalog
  readonly rewriter: Pick<Rewriter, 'rewrite' | 'cleared'>
  readonly rules: Rules
}

export interface ErasingOptions {
  /** Only counts. */
  readonly isDry: boolean
  /** Reads all segments; else those of the player's own games. */
  readonly isEverywhere: boolean
  readonly signal: AbortSignal
  readonly onBatch: (done: number, of: number) => void
}

/** What was erased, or would be. */
export interface ErasedArchive {
  /** Games that named the player. */
  readonly games: number
  readonly batches: number
  readonly batchesRead: number
  /** Event lines that have the id as a part of a longer string, and keep it. */
  readonly mentions: number
  /** Games whose own id has the player's in it; the first of them. */
  readonly namedIds: readonly StreamId[]
  /** Damaged objects: what they hold is not erased. */
  readonly unread: readonly string[]
}

/** Enough to see what they have in common. */
const namedIdsMax = 100

/** @throws the reason of the signal, what the store throws (a dry run), ArchivingStoppedError, what `erase` of a game throws */
export const eraseFromArchive = async (
  ports: ErasingPorts,
  pseudonym: Pseudonym,
  { isDry, isEverywhere, signal, onBatch }: ErasingOptions,
): Promise<ErasedArchive> => {
  const { catalog, rewriter } = ports
  const counts = { games: 0, batches: 0, mentions: 0 }
  const namedIds: StreamId[] = []
  const unread: string[] = []
  const read = new Set<number>()
  const readBatch = async (batch: number): Promise<void> => {
    const looking = new Looking(pseudonym)
    try {
      if (isDry) await look(ports, batch, looking, signal)
      else {
        // What is being put in place goes on: the wait for a store that fails is given up.
        const work = rewriter.rewrite([batch], (game) => looking.at(game), signal)
        const rewriting = await orAborted(work, signal)
        if (rewriting) read.add(rewriting.manifest.batch)
      }
    } catch (cause) {
      // Another rewriting was faster: its batch comes in the next pass.
      if (!catalog.hasBatch(batch)) return
      if (!(cause instanceof CorruptSegmentError || cause instanceof CorruptManifestError)) throw cause
      unread.push(cause.message)
    }
    if (looking.named.size > 0) counts.batches++
    counts.games += looking.named.size
    counts.mentions += looking.mentions
    namedIds.push(...looking.ids)
  }
  let done = 0
  for (;;) {
    const all = isEverywhere
      ? catalog.batches().map(({ batch }) => batch)
      : await batchesOf(catalog, pseudonym.player)
    const unseen = all.filter((batch) => !read.has(batch))
    if (unseen.length === 0) break
    for (const [at, batch] of unseen.entries()) {
      signal.throwIfAborted()
      onBatch(done, done + unseen.length - at)
      read.add(batch)
      await readBatch(batch)
      done++
    }
  }
  // Behind the last who reads what was replaced.
  if (!isDry) await orAborted(rewriter.cleared(), signal)
  onBatch(done, done)
  return { ...counts, batchesRead: done, namedIds: namedIds.slice(0, namedIdsMax), unread }
}

/** Those of the player's own games, ascending. Reads all manifests; no segment. */
const batchesOf = async (catalog: Catalog, player: PlayerId): Promise<readonly number[]> => {
  const found: number[] = []
  for (const { batch } of catalog.batches()) {
    const { games } = await catalog.manifestOf(batch)
    if (games.some(({ players }) => players.includes(player))) found.push(batch)
  }
  return found
}

/** Makes the batch anew in memory, and every game the same. */
const look = async (
  { catalog, store, rules }: ErasingPorts,
  batch: number,
  looking: Looking,
  signal: AbortSignal,
): Promise<void> => {
  const manifest = await catalog.manifestOf(batch)
  const counting = async (game: RewritableGame): Promise<Rewritten> => {
    await looking.at(game)
    return 'same'
  }
  await rewriteSegments(({ segment }) => store.get(segment), [manifest], counting, rules, signal)
}

/** What one batch has of the player. A game may be looked at several times. */
class Looking {
  readonly named = new Set<StreamId>()
  readonly #mentions = new Map<StreamId, number>()
  readonly ids = new Set<StreamId>()
  readonly #pseudonym: Pseudonym

  constructor(pseudonym: Pseudonym) {
    this.#pseudonym = pseudonym
  }

  get mentions(): number {
    let sum = 0
    for (const mentions of this.#mentions.values()) sum += mentions
    return sum
  }

  async at({ index, log }: RewritableGame): Promise<Rewritten> {
    const { kind, gameId } = index
    const stream = streamIdOf(kind, gameId)
    const pseudonym = this.#pseudonym
    const { lines } = await log()
    const changed = pseudonym.isIn(kind, lines) ? pseudonym.lines(kind, lines) : undefined
    const after = changed === undefined ? lines : Buffer.from(changed)
    if (changed !== undefined) this.named.add(stream)
    this.#mentions.set(stream, pseudonym.remainsIn(after))
    if (gameId.includes(pseudonym.player)) this.ids.add(stream)
    return changed === undefined ? 'same' : { lines: after }
  }
}
