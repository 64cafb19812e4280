/**
 * Puts what a run of batches has become in their place: steps 2 to 5 of a rewriting (rewriter.ts), in one turn of the
 * archiver, which lends the number.
 *
 *     2 note        what is being made, and what will be deleted     a crash from here on leaves it to be found
 *     3 segment     named by its content; read back, compared        none where no game is left
 *     4 manifest    if absent                                        <- the commit point
 *     5 catalog     memory
 *
 * Before 4 nothing has changed for anybody; a run keeps all its slots, of games and of those that are gone. Who finds
 * the number taken takes its own segment and note away, and has harmed nobody.
 */
import { ArchiveForkedError } from './archive-error.js'
import { manifestKeyOf, rewrittenKeyOf } from './batch-key.js'
import type { BatchTurn } from './batch-turns.js'
import type { Catalog } from './catalog.js'
import type { Clearing } from './clearing.js'
import type { ColdStore } from './cold-store.js'
import { ConfirmedPut } from './confirmed-put.js'
import { encodeManifest, parseManifest, replacingManifestOf, type Manifest } from './manifest.js'
import { keptNote, type KeptNote } from './rewriting-note.js'
import type { RewrittenSegment } from './rewritten-segment.js'

/** What its rewriter lends. */
export interface ReplacingPorts {
  readonly store: ColdStore
  readonly catalog: Pick<Catalog, 'replace'>
  readonly ledgerId: string
  readonly onDropped: () => void
}

export class Replacing {
  readonly #ports: ReplacingPorts
  readonly #puts: ConfirmedPut
  readonly #clearing: Pick<Clearing, 'forget'>

  constructor(ports: ReplacingPorts, clearing: Pick<Clearing, 'forget'>) {
    this.#ports = ports
    this.#puts = new ConfirmedPut(ports.store)
    this.#clearing = clearing
  }

  /**
   * Resolves when readers find the games as they are now. While the store fails it waits.
   * @throws ArchiveForkedError where another process has taken the number; what aborted the turn
   */
  async commit(
    run: readonly Manifest[],
    made: RewrittenSegment,
    { batch, patience, signal }: BatchTurn,
  ): Promise<{ readonly manifest: Manifest; readonly note: KeptNote }> {
    const { store, catalog, ledgerId, onDropped } = this.#ports
    const segment = made.games.length === 0 ? '' : rewrittenKeyOf(batch, made.sha256)
    const replaced = run.map((manifest) => ({ batch: manifest.batch, segment: manifest.segment }))
    const note = keptNote({ ledger: ledgerId, batch, segment, replaced })
    const replaces = [...new Set(run.flatMap((manifest) => [manifest.batch, ...(manifest.replaces ?? [])]))]
    const manifest = replacingManifestOf(ledgerId, batch, {
      ...made,
      segment,
      bytes: made.bytes.length,
      replaces: replaces.sort((one, other) => one - other),
    })
    await patience.until(() => store.put(note.key, note.bytes), signal)
    if (segment !== '') await patience.until(() => this.#putSegment(segment, made.bytes), signal)
    if (slotsOf([manifest]) !== slotsOf(run)) throw new Error(`Batch ${batch} has lost or won games.`)
    await patience.until(() => this.#putManifest(manifest, note), signal)
    catalog.replace(manifest)
    if (made.dropped > 0) onDropped()
    return { manifest, note }
  }

  async #putSegment(key: string, bytes: Buffer): Promise<void> {
    const stored = await this.#puts.put(key, bytes)
    if (!stored.equals(bytes)) this.#puts.discard(key)
  }

  /** @throws ArchiveForkedError where another process has taken the number */
  async #putManifest(manifest: Manifest, note: KeptNote): Promise<void> {
    const key = manifestKeyOf(manifest.batch)
    const bytes = encodeManifest(manifest)
    const standing = await this.#puts.put(key, bytes)
    if (standing.equals(bytes)) return
    await this.#clearing.forget(note, parseManifest(key, standing))
    throw new ArchiveForkedError(key, 'its batch number is taken by another process')
  }
}

const slotsOf = (some: readonly Manifest[]): number =>
  some.reduce((sum, { games, gone = [] }) => sum + games.length + gone.length, 0)
