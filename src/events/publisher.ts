/**
 * What was decided becomes what the world sees: a FIFO between the journal and everybody who listens.
 *
 *     add (in ticket order) --> [ waiting for the watermark ] --> publish --> sinks, in turn --> answers
 *
 * A publication leaves when the watermark of the ledger's degree has reached its ticket, in order, so what is
 * published is a prefix of what is durable. Publishing takes at most 2 ms or 1 000 events of a turn of the event
 * loop, then lets others run. A listener that dispatches only adds to the end of the queue: nothing is reordered.
 * Answers that asked for a stronger degree wait for that watermark besides.
 *
 * The queue is bounded by who adds to it (the dispatcher's in-flight bounds). Idea: Prevayler's two phases, journal
 * then publish, in turn.
 */
import type { EventEnvelope } from './envelope.js'
import { strength, type Durability, type Ticket } from './journal/journal.js'

/** One record on its way: its events, and who waits for them. */
export interface Publication {
  readonly ticket: Ticket
  /** The events with their positions; asked once, when they are safe. */
  envelopes(): readonly EventEnvelope[]
  /** All sinks have them: who waits may be answered, now or when `synced` has come this far. */
  settle(): void
  /** The journal failed first: nothing of this ever happened. */
  fail(cause: unknown): void
}

interface Waiting {
  readonly durability: Durability
  readonly ticket: Ticket
  readonly resolve: () => void
  readonly reject: (cause: unknown) => void
}

const sliceMs = 2
const sliceEvents = 1_000

export class Publisher {
  readonly #degree: Durability
  readonly #sinks: readonly ((envelope: EventEnvelope) => void)[]
  #queue: Publication[] = []
  #first = 0
  #published = 0
  #safe: Ticket = 0
  #written: Ticket = 0
  #synced: Ticket = 0
  #isDraining = false
  /** Of this turn of the event loop: whether it was begun, how much it has published, and until when it may. */
  #hasTurn = false
  #turnEvents = 0
  #until = 0
  /** This turn has done its share: the next goes on. */
  #isResting = false
  #failure: { readonly cause: unknown } | undefined
  #waiting: Waiting[] = []
  #idle: (() => void)[] = []

  /** Publishes what is safe to `degree`. `sinks` hear each event in turn; they must not throw. */
  constructor(degree: Durability, sinks: readonly ((envelope: EventEnvelope) => void)[]) {
    this.#degree = degree
    this.#sinks = sinks
  }

  /** Publications that wait or are being published. */
  get depth(): number {
    return this.#queue.length - this.#first
  }

  /** Events that were published since the opening. */
  get published(): number {
    return this.#published
  }

  /** Queues a publication; tickets rise. */
  add(publication: Publication): void {
    this.#queue.push(publication)
  }

  /** A watermark: all through this ticket is safe to this degree. What is safe to the ledger's is published. */
  reach(durability: Durability, through: Ticket): void {
    if (durability === 'written') this.#written = through
    if (durability === 'synced') this.#written = this.#synced = through
    if (strength[durability] >= strength[this.#degree] && through > this.#safe) this.#safe = through
    this.#drain()
    if (this.#waiting.length > 0) this.#tellWaiting()
  }

  /** Resolves when all through this ticket is safe to this degree; rejects with the cause when the journal fails first. */
  safe(durability: Durability, ticket: Ticket): Promise<void> {
    const reached =
      durability === 'synced' ? this.#synced : durability === 'written' ? this.#written : Infinity
    if (ticket <= reached) return Promise.resolve()
    const failure = this.#failure
    if (failure) return Promise.reject(failure.cause)
    return new Promise((resolve, reject) => this.#waiting.push({ durability, ticket, resolve, reject }))
  }

  /** The journal failed: what is safe is still published, the rest never. */
  fail(cause: unknown): void {
    if (this.#failure) return
    this.#failure = { cause }
    for (const { reject } of this.#waiting.splice(0)) reject(cause)
    this.#drain()
  }

  /** Resolves when nothing is queued. */
  idle(): Promise<void> {
    return this.depth === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve))
  }

  #drain(): void {
    if (this.#isDraining || this.#isResting) return
    this.#isDraining = true
    this.#beginTurn()
    for (
      let next = this.#queue[this.#first];
      next && next.ticket <= this.#safe;
      next = this.#queue[this.#first]
    ) {
      this.#first++
      this.#turnEvents += this.#publish(next)
      if (
        this.#turnEvents >= sliceEvents ||
        ((this.#turnEvents & 31) === 0 && performance.now() > this.#until)
      ) {
        this.#isDraining = false
        this.#isResting = true
        this.#compact()
        return
      }
    }
    this.#isDraining = false
    this.#compact()
    if (this.#failure) this.#abandon(this.#failure.cause)
    if (this.depth === 0) for (const resolve of this.#idle.splice(0)) resolve()
  }

  /** A turn lasts until timers and I/O have theirs, however many answers lead to commands before that. */
  #beginTurn(): void {
    if (this.#hasTurn) return
    this.#hasTurn = true
    this.#turnEvents = 0
    this.#until = performance.now() + sliceMs
    setImmediate(this.#endTurn)
  }

  readonly #endTurn = (): void => {
    this.#hasTurn = false
    if (!this.#isResting) return
    this.#isResting = false
    this.#drain()
  }

  #tellWaiting(): void {
    const reached = ({ durability, ticket }: Waiting): boolean =>
      ticket <= (durability === 'synced' ? this.#synced : this.#written)
    const waiting = this.#waiting
    this.#waiting = waiting.filter((one) => !reached(one))
    for (const one of waiting) if (reached(one)) one.resolve()
  }

  #publish(publication: Publication): number {
    const envelopes = publication.envelopes()
    for (const envelope of envelopes) for (const sink of this.#sinks) sink(envelope)
    this.#published += envelopes.length
    publication.settle()
    return envelopes.length
  }

  /** Cuts off what was published, once it is the larger part, so that the queue costs O(1) a publication. */
  #compact(): void {
    if (this.#first < 1_024 && this.#first < this.#queue.length) return
    this.#queue = this.#first === this.#queue.length ? [] : this.#queue.slice(this.#first)
    this.#first = 0
  }

  #abandon(cause: unknown): void {
    const lost = this.#queue.slice(this.#first)
    this.#queue = []
    this.#first = 0
    for (const publication of lost) publication.fail(cause)
  }
}
