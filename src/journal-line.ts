/**
 * The line between the journal and the publisher: appends go one way, watermarks come back the other.
 *
 * At degree `memory` nobody waits for the journal: an event is published in the next microtask, and a crash costs it.
 */
import {
  strength,
  type CommittedRecord,
  type Durability,
  type EventsRecord,
  type IntentRecord,
} from './events/journal/journal.js'
import type { JournalListener, JournalRecord, OpenJournal, Ticket } from './events/journal/journal.js'
import type { Publisher } from './events/publisher.js'
import { UnsyncedEvents } from './events/unsynced-events.js'

/** What the ledger must know of its journal besides: each `failed` comes once. */
export type JournalLineListener = Pick<JournalListener, 'space' | 'damaged' | 'failed'>

/** The journal failed: the ledger must be opened again. What was acknowledged is safe. */
export class LedgerFaultedError extends Error {
  override readonly name = 'LedgerFaultedError'
  readonly code = 'ledger-faulted'

  constructor(cause: unknown) {
    super(`The journal failed: ${String(cause)}. What was acknowledged is safe. Open the ledger again.`, {
      cause,
    })
  }
}

export class JournalLine {
  /** What the journal tells. */
  readonly listener: JournalListener = {
    written: (through) => this.#publisher.reach('written', through),
    synced: (through) => {
      this.unsynced.synced(through)
      this.#publisher.reach('synced', through)
    },
    space: (shortage) => this.#hears.space(shortage),
    damaged: (cause) => this.#hears.damaged(cause),
    failed: (cause) => this.#fail(cause),
    noteOf: (stream, version) => this.#noteOf(stream, version),
  }
  /** What a crash could take back now. */
  readonly unsynced = new UnsyncedEvents()
  readonly #journal: OpenJournal
  readonly #publisher: Publisher
  readonly #isInMemory: boolean
  readonly #hears: JournalLineListener
  readonly #noteOf: Required<JournalListener>['noteOf']
  #last: Ticket = 0
  #isReaching = false
  #failure: { readonly cause: unknown } | undefined

  constructor(
    journal: OpenJournal,
    publisher: Publisher,
    durability: Durability,
    hears: JournalLineListener,
    noteOf: Required<JournalListener>['noteOf'],
  ) {
    this.#journal = journal
    this.#publisher = publisher
    this.#isInMemory = strength[durability] === strength.memory
    this.#hears = hears
    this.#noteOf = noteOf
  }

  /** Why the journal takes nothing more, where it failed. */
  get failure(): { readonly cause: unknown } | undefined {
    return this.#failure
  }

  append(record: JournalRecord): Ticket {
    this.#last = this.#journal.append(record)
    if (record.type === 'events') this.#count(record)
    else if (record.type === 'unit') for (const part of record.parts) this.#count(part)
    if (this.#isInMemory && !this.#isReaching) {
      this.#isReaching = true
      queueMicrotask(() => {
        this.#isReaching = false
        this.#publisher.reach('memory', this.#last)
      })
    }
    return this.#last
  }

  /** Appends a note of the archiver; resolves when it is on the disk. */
  async record(record: IntentRecord | CommittedRecord): Promise<void> {
    if (this.#failure) throw this.#failure.cause as Error
    await this.#publisher.safe('synced', this.append(record))
  }

  /** Resolves when all appended so far is on the disk. */
  synced(): Promise<void> {
    return this.#publisher.safe('synced', this.#last)
  }

  #count({ count, start, end }: EventsRecord): void {
    this.unsynced.add(this.#last, count, end - start)
  }

  #fail(cause: unknown): void {
    if (this.#failure) return
    this.#failure = { cause }
    this.#hears.failed(cause)
  }
}
