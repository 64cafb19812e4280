/**
 * Step 9 of the life of one command, and of a unit of work: what memory has committed is on its way to the journal.
 *
 *     memory --add--> [ in flight, in order of commits ] --published, or failed--> left
 *                       journal (append), then publisher
 *
 * Memory is ahead of the journal by what is in here, and its bytes count as in flight from `add` until it leaves. Where
 * the journal takes nothing more, everything is stopped before whoever waits is told: nobody may decide on a state that
 * will never be recorded.
 */
import type { JournalRecord, Ticket } from '../events/journal/journal.js'
import type { Publisher } from '../events/publisher.js'
import type { Admission } from './admission.js'
import type { Pending } from './answer.js'
import type { Unavailable } from './dispatch-error.js'
import type { LiveGames } from './live-games.js'
import type { PendingCommand } from './pending-command.js'
import type { PendingUnit } from './pending-unit.js'

/** What it is wired to. */
export interface CommitQueuePorts {
  readonly live: Pick<LiveGames, 'grown'>
  readonly append: (record: JournalRecord) => Ticket
  readonly publisher: Pick<Publisher, 'add'>
}

export class CommitQueue {
  readonly #ports: CommitQueuePorts
  readonly #admission: Pick<Admission, 'addBytes'>
  readonly #stop: (why: Unavailable) => void

  /** `stop` is called where the journal takes nothing more. */
  constructor(
    ports: CommitQueuePorts,
    admission: Pick<Admission, 'addBytes'>,
    stop: (why: Unavailable) => void,
  ) {
    this.#ports = ports
    this.#admission = admission
    this.#stop = stop
  }

  /** Queues what was committed to be journaled and published; `undefined` where the journal takes nothing more. */
  add(pending: PendingCommand | PendingUnit): Ticket | undefined {
    const { live, append, publisher } = this.#ports
    live.grown(pending.loggedBytes)
    this.#admission.addBytes(pending.byteLength)
    try {
      pending.ticket = append(pending)
    } catch (cause) {
      // Memory is ahead of a journal that takes nothing more: nobody may decide on this state again.
      this.#stop({ _tag: 'Unavailable', code: 'journal-failed', cause })
      pending.fail(cause)
      return undefined
    }
    publisher.add(pending)
    return pending.ticket
  }

  /** Hears of what leaves. One function for all: it is handed to everything that is queued. */
  readonly left = (pending: Pending): void => {
    this.#admission.addBytes(-pending.byteLength)
  }
}
