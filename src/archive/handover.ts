/**
 * One batch on its way from the journal to the archive, once in effect.
 *
 *     1 intent      journal, synced      which games, under which number
 *     2 build       memory               the segment
 *     3 segment     store, if absent     'exists': compare the event lines and adopt it, else the archive is forked
 *     4 read back   store                equal bytes, else deleted and put again: no manifest names it yet
 *     5 manifest    store, if absent     <- the commit point: from here on the archive has these games; read back as well,
 *                                        since the journal forgets them on the word of the store alone
 *     6 committed   journal, synced
 *     7 release     the roof forgets the games in journal and memory
 *
 * A crash before 5 leaves at most a segment that nobody believes; the batch is done again from 2, with the same
 * number and the same games. A crash after 5 leaves the games in both places; 6 and 7 are done again.
 */
import { streamIdOf, type StreamId } from '../events/ids.js'
import type { CommittedRecord, IntentRecord } from '../events/journal/journal.js'
import { ArchiveForkedError, ArchivingStoppedError } from './archive-error.js'
import { manifestKeyOf, segmentKeyOf } from './batch-key.js'
import type { Catalog } from './catalog.js'
import type { ColdStore } from './cold-store.js'
import { ConfirmedPut } from './confirmed-put.js'
import { encodeManifest, manifestOf, parseManifest, type Manifest } from './manifest.js'
import type { Patience } from './patience.js'
import type { CompletedGame, Rules } from './completed-game.js'
import { buildSegment, membersOf, type Segment, type SegmentMember } from './segment.js'
import { sha256Of } from './state-hash.js'

/** What the roof lends to the archiver. */
export interface HandoverPorts {
  readonly store: ColdStore
  readonly catalog: Catalog
  /** The ledger that opened the archive. */
  readonly ledgerId: string
  readonly rules: Rules
  /** A completed game that is not yet archived. */
  readonly completed: (
    stream: StreamId,
  ) => Promise<Omit<CompletedGame, 'stream'> | undefined> | Omit<CompletedGame, 'stream'> | undefined
  /** Notes in the journal. `record` resolves when the note is synced; a rejection ends archiving. */
  readonly notes: { record(record: IntentRecord | CommittedRecord): Promise<void> }
  /** The archive has these games: journal and memory may forget them. */
  readonly onArchived: (streams: readonly StreamId[]) => void
}

export class Handover {
  readonly #ports: HandoverPorts
  readonly #patience: Patience
  readonly #signal: AbortSignal
  readonly #puts: ConfirmedPut

  constructor(ports: HandoverPorts, patience: Patience, signal: AbortSignal) {
    this.#ports = ports
    this.#puts = new ConfirmedPut(ports.store)
    this.#patience = patience
    this.#signal = signal
  }

  /** All seven steps. */
  async begin(intent: IntentRecord): Promise<void> {
    await this.#record(intent)
    await this.#complete(await this.#archive(intent), intent)
  }

  /** A batch whose intent is in the journal already: from 2, or, where its manifest stands, from 6. */
  async resume(intent: IntentRecord): Promise<void> {
    const { catalog } = this.#ports
    const manifest = catalog.hasBatch(intent.batch)
      ? await this.#patience.until(() => catalog.manifestOf(intent.batch), this.#signal)
      : await this.#archive(intent)
    await this.#complete(manifest, intent)
  }

  async #archive({ batch, streams }: IntentRecord): Promise<Manifest> {
    const { rules, ledgerId, catalog } = this.#ports
    const games = await this.#gamesOf(streams)
    const built = await buildSegment(games, rules, this.#signal)
    const segment = await this.#patience.until(() => this.#putSegment(batch, built), this.#signal)
    const wanted = manifestOf(ledgerId, batch, segment, sha256Of(segment.bytes))
    const manifest = await this.#patience.until(() => this.#putManifest(wanted), this.#signal)
    catalog.add(manifest)
    return manifest
  }

  async #complete(manifest: Manifest, { batch, streams }: IntentRecord): Promise<void> {
    const archived = new Set(manifest.games.map(({ kind, gameId }) => streamIdOf(kind, gameId)))
    if (archived.size !== streams.length || !streams.every((stream) => archived.has(stream)))
      throw new ArchiveForkedError(manifestKeyOf(batch), 'it holds other games than were to be archived')
    await this.#record({ type: 'committed', batch, sha256: manifest.sha256 })
    this.#ports.onArchived(streams)
  }

  async #record(note: IntentRecord | CommittedRecord): Promise<void> {
    this.#signal.throwIfAborted()
    try {
      await this.#ports.notes.record(note)
    } catch (cause) {
      throw new ArchivingStoppedError('the journal failed', cause)
    }
    this.#signal.throwIfAborted()
  }

  /** Some may have left memory since they ended: reading them is tried again as the store is. */
  async #gamesOf(streams: readonly StreamId[]): Promise<readonly CompletedGame[]> {
    const games: CompletedGame[] = []
    for (const stream of streams) {
      const game = await completedOf(this.#ports, this.#patience, stream, this.#signal)
      if (!game) throw new Error(`${stream} is to be archived, and its log is nowhere.`)
      games.push({ stream, ...game })
    }
    return games
  }

  async #putSegment(batch: number, built: Segment): Promise<Segment> {
    const key = segmentKeyOf(batch)
    const stored = await this.#puts.put(key, built.bytes)
    return stored.equals(built.bytes) ? built : adopted(key, stored, built)
  }

  async #putManifest(manifest: Manifest): Promise<Manifest> {
    const key = manifestKeyOf(manifest.batch)
    const bytes = encodeManifest(manifest)
    const stored = await this.#puts.put(key, bytes)
    if (stored.equals(bytes)) return manifest
    const standing = parsedOrForked(key, () => parseManifest(key, stored))
    if (standing.sha256 !== manifest.sha256)
      throw new ArchiveForkedError(key, 'its batch number is taken by other games')
    return standing
  }
}

/** A completed game: at once where it is in memory, else as often as reading it takes. */
export const completedOf = async (
  { completed }: Pick<HandoverPorts, 'completed'>,
  patience: Patience,
  stream: StreamId,
  signal: AbortSignal,
): Promise<Omit<CompletedGame, 'stream'> | undefined> => {
  let found = completed(stream)
  if (!(found instanceof Promise)) return found
  return patience.until(async () => {
    const game = found ?? completed(stream)
    found = undefined
    return game
  }, signal)
}

/** A segment from before a crash, or from another zlib: its bytes may differ, its event lines may not. */
const adopted = (key: string, stored: Buffer, built: Segment): Segment => {
  const members = parsedOrForked(key, () => membersOf(stored, key))
  if (
    members.length !== built.members.length ||
    !members.every((member, at) => isSame(member, built.members[at]!))
  )
    throw new ArchiveForkedError(key, 'its batch number is taken by other games')
  return { bytes: stored, members }
}

const isSame = ({ header: one }: SegmentMember, { header: other }: SegmentMember): boolean =>
  one.kind === other.kind &&
  one.gameId === other.gameId &&
  one.hash === other.hash &&
  one.positions.join() === other.positions.join()

const parsedOrForked = <Parsed>(key: string, parse: () => Parsed): Parsed => {
  try {
    return parse()
  } catch (cause) {
    throw new ArchiveForkedError(key, 'it cannot be read as what this ledger would have written', cause)
  }
}
