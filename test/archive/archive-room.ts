/** An archive with everything around it that a test needs to open, crash and open it again. */
import { Archive } from '../../src/archive/archive.js'
import { Archiver, type ArchiverOptions } from '../../src/archive/archiver.js'
import { Catalog } from '../../src/archive/catalog.js'
import { Compaction } from '../../src/archive/compaction.js'
import type { ColdStore } from '../../src/archive/cold-store.js'
import { openIdentity } from '../../src/archive/identity.js'
import { Rewriter } from '../../src/archive/rewriter.js'
import type { Fault } from '../../src/events/fault.js'
import type { StreamId } from '../../src/events/ids.js'
import type { CommittedRecord, IntentRecord } from '../../src/events/journal/journal.js'
import type { Rules } from '../../src/archive/completed-game.js'
import { rules as usualRules, type Table } from './played-games.js'

/** The notes of a journal: what a crash leaves of them. */
export class Notes {
  readonly records: (IntentRecord | CommittedRecord)[] = []
  /** Called before each note is kept; throws to be a journal that fails. */
  before: (record: IntentRecord | CommittedRecord) => void = () => {}
  after: (record: IntentRecord | CommittedRecord) => void = () => {}

  async record(record: IntentRecord | CommittedRecord): Promise<void> {
    this.before(record)
    this.records.push(record)
    this.after(record)
  }

  get openIntents(): readonly IntentRecord[] {
    const committed = new Set(
      this.records.flatMap((record) => (record.type === 'committed' ? [record.batch] : [])),
    )
    return this.records.filter(
      (record): record is IntentRecord => record.type === 'intent' && !committed.has(record.batch),
    )
  }
}

/** One opening of the archive: from `open` to a crash or a close. */
export interface ArchiveRoom {
  readonly catalog: Catalog
  readonly archiver: Archiver
  readonly archive: Archive
  readonly rewriter: Rewriter
  readonly archived: StreamId[]
  readonly faults: Fault[]
}

/**
 * Opens archive and archiver, resumes, and collects what `table` has that is over and not archived. What the archive
 * holds already is dropped from the journal: the crash came before its release.
 */
export const openRoom = async (
  store: ColdStore,
  table: Table,
  notes: Notes,
  options: ArchiverOptions & {
    readonly ledgerId?: string
    readonly adopt?: boolean
    readonly rules?: Rules
  } = {},
): Promise<ArchiveRoom> => {
  const { ledgerId = 'ledger-1', adopt = false, rules = usualRules, ...bounds } = options
  const identity = await openIdentity(store, ledgerId, adopt)
  const catalog = new Catalog(store, identity)
  await catalog.open()
  const archived: StreamId[] = []
  const faults: Fault[] = []
  const archiver = new Archiver(
    {
      store,
      catalog,
      ledgerId,
      rules,
      notes,
      completed: (stream) => (table.released.has(stream) ? undefined : table.games.get(stream)),
      onArchived: (streams) => {
        archived.push(...streams)
        for (const stream of streams) table.released.add(stream)
      },
      clock: { now: () => 1_000 },
      onFault: (fault) => faults.push(fault),
    },
    { retryAfterMs: 1, retryAfterMsMax: 4, ...bounds },
  )
  const onFault = (fault: Fault) => void faults.push(fault)
  const patience = { retryAfterMs: 1, retryAfterMsMax: 4 }
  const rewriter = new Rewriter(
    { store, catalog, archiver, ledgerId, rules, onFault, onDropped: () => undefined },
    patience,
  )
  const compaction = new Compaction(catalog, rewriter, { batchGamesMax: 256, batchBytesMax: 4 * 1024 * 1024 })
  const clock = { now: () => 1_000 }
  const archive = new Archive({ store, catalog, rules, rewriter, compaction, clock })
  archiver.resume(notes.openIntents)
  for (const { stream, log } of completedOf(table))
    if (await catalog.find(stream)) table.released.add(stream)
    else archiver.collect(stream, log.byteLength)
  return { catalog, archiver, archive, rewriter, archived, faults }
}

const completedOf = (table: Table) =>
  [...table.games.values()]
    .filter(({ stream, isFinal }) => isFinal && !table.released.has(stream))
    .sort((one, other) => one.envelopes.at(-1)!.position - other.envelopes.at(-1)!.position)
