/**
 * What troubles of the journal mean for the rest of the ledger.
 *
 *     failed     memory is ahead of the disk        fail-stop: nothing more is accepted, and who waits is told so
 *     space      a disk that will be full           read-only until there is room again: what frees space goes on
 *     damaged    a log file that cannot be read     told; play goes on
 *
 * Each is told on `faults$`, too, after the ledger has taken its stand: who hears of it finds it so.
 */
import type { Dispatcher } from './commands/dispatcher.js'
import type { Fault } from './events/fault.js'
import type { JournalListener } from './events/journal/journal.js'
import type { Shortage } from './events/journal/storage-full.js'
import type { Publisher } from './events/publisher.js'
import { journalDamaged, journalFailed, storageFree, storageFull } from './ledger-faults.js'

/** Whom it tells. */
export interface JournalTroublesPorts {
  /** What the journal is called in words. */
  readonly name: string
  /** Asked for when there is trouble: it is built after the journal's line. */
  readonly dispatcher: () => Pick<Dispatcher, 'stop' | 'pause'>
  readonly publisher: Pick<Publisher, 'fail'>
  readonly report: (fault: Fault) => void
}

export class JournalTroubles implements Pick<JournalListener, 'space' | 'damaged' | 'failed'> {
  readonly #ports: JournalTroublesPorts
  #shortage: Shortage | undefined

  constructor(ports: JournalTroublesPorts) {
    this.#ports = ports
  }

  /** What keeps the ledger read-only now. */
  get shortage(): Shortage | undefined {
    return this.#shortage
  }

  /** Fail-stop: memory is ahead of the disk. */
  failed(cause: unknown): void {
    const { dispatcher, publisher, report } = this.#ports
    dispatcher().stop({ _tag: 'Unavailable', code: 'journal-failed', cause })
    publisher.fail(cause)
    report(journalFailed(cause))
  }

  /** Read-only before a full disk: what frees space goes on. `undefined`: there is room again. */
  space(shortage: Shortage | undefined): void {
    const { name, dispatcher, report } = this.#ports
    this.#shortage = shortage
    dispatcher().pause(shortage && { _tag: 'Unavailable', code: 'storage-full', ...shortage })
    report(shortage ? storageFull(name, shortage) : storageFree)
  }

  /** Memory has all that is played; the next opening may not. */
  damaged(cause: unknown): void {
    this.#ports.report(journalDamaged(cause))
  }
}
