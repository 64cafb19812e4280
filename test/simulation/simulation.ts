/**
 * A plan, carried out: lives of one ledger on one simulated disk and one simulated store, ended as the plan says, and
 * checked after each opening. At the end all faults cease: then the ledger must come to rest, and everything hold.
 */
import { LedgerFaultedError, type Journal } from 'gameledger'
import { simulatedDisk, type SimulatedDisk } from 'gameledger/testing'
import { journalWith } from '../../dist/events/journal/file-journal.js'
import { restart } from '../../dist/events/journal/restart.js'
import { checkOpened, checkSettled } from './checks.js'
import { unprotected, type Parts } from './controls.js'
import { isExpected } from './expected.js'
import { allIdleAfterMs, checkIdle } from './idle-checks.js'
import { Life, Reader, type Simulated } from './life.js'
import type { Plan, Step } from './plan.js'
import type { Protection } from './protections.js'
import { SimulatedCheckpoints } from './simulated-checkpoints.js'
import { SlowConsumer } from './slow-consumer.js'
import { SimulatedStore } from './simulated-store.js'
import { Truth, type End } from './truth.js'
import { Violation } from './violation.js'
import { world } from './world.js'

const directory = '/journal'

class Simulation {
  readonly #plan: Plan
  readonly #without: Protection | undefined
  readonly #truth = new Truth()
  readonly #reader = new Reader()
  readonly #consumer = new SlowConsumer()
  readonly #store: SimulatedStore
  readonly #checkpoints = new SimulatedCheckpoints()
  #disk: SimulatedDisk
  #life: Life
  #lost: readonly { readonly after: number; readonly through: number }[] = []
  /** A sync is to fail in this life. */
  #isSyncArmed = false
  /** A sync may have failed since the last opening that came to its end. */
  #isSyncBroken = false
  #isChecked = false

  constructor(plan: Plan, without: Protection | undefined) {
    world.begin(plan.seed)
    const { settings } = plan
    this.#plan = plan
    this.#without = without
    this.#store = new SimulatedStore({ ...settings.store })
    this.#life = new Life(settings, this.#truth)
    this.#disk = simulatedDisk(plan.seed, {
      shortWritesPerMille: settings.shortWritesPerMille,
      pause: () => world.pass(settings.diskDelayMsMax),
    })
  }

  async run(): Promise<void> {
    this.#begin()
    for (const step of this.#plan.steps) {
      await world.advance(step.afterMs)
      await this.#look()
      await this.#take(step)
    }
    await this.#rest()
    await this.#close()
    await this.#rest()
    this.#end('power-loss')
    await this.#rest()
  }

  /** Opens the ledger, in a new life. It is not waited for: the next step may come before it is open. */
  #begin(): void {
    const { settings } = this.#plan
    this.#life = new Life(settings, this.#truth)
    this.#isSyncArmed = false
    this.#isChecked = false
    const parts: Parts = {
      disk: this.#disk,
      archive: this.#store.client(),
      restart,
      around: (journal) => this.#heard(journal),
    }
    const { disk, archive, ...given } = this.#without ? unprotected(this.#without, parts) : parts
    const journal = journalWith(given.restart, directory, {
      disk,
      lock: this.#disk.lock,
      logFileBytesMax: settings.logFileBytesMax,
      batchBytesMax: settings.journalBatchBytesMax,
    })
    void this.#life.open(
      { journal: given.around(journal), archive, checkpoints: this.#checkpoints.client() },
      [this.#reader, this.#consumer],
    )
  }

  /** A journal whose lost gaps are heard of. */
  #heard(journal: Journal): Journal {
    return {
      ...journal,
      open: async (...given) => {
        const opened = await journal.open(...given)
        const recover = opened.recover.bind(opened)
        opened.recover = async (visit, after) => {
          const report = await recover(visit, after)
          this.#lost = report.lost
          return report
        }
        return opened
      },
    }
  }

  /** What everybody would see: a ledger that cannot be opened, or failed, or is open and to be checked. */
  async #look(): Promise<void> {
    const life = this.#life
    if (life.broken !== undefined) throw life.broken as Error
    if (life.failure !== undefined) {
      if (!isExpected(life.failure)) throw life.failure as Error
      this.#end('kill')
      return
    }
    if (life.isFaulted) {
      await world.advance(5_000)
      if (life.unanswered > 0)
        throw new Violation(`${life.unanswered} commands were never answered after a failure`)
      this.#end('kill')
      return
    }
    if (life.ledger && !this.#isChecked) await this.#check(life.ledger)
  }

  /** An opened ledger. Where it cannot be read, since the disk fails, it is opened again. */
  async #check(ledger: Simulated): Promise<void> {
    try {
      const check = checkOpened(ledger, this.#truth, this.#lost)
      await world.settle(check, 'checking an opened ledger')
      this.#isChecked = true
      this.#isSyncBroken = this.#isSyncArmed
    } catch (error) {
      if (!isExpected(error)) throw error
      this.#end('kill')
    }
  }

  async #take(step: Step): Promise<void> {
    switch (step.type) {
      case 'command':
      case 'unit':
      case 'room':
        this.#life.act(step)
        break
      case 'compact':
      case 'retain':
        this.#life.keep(step)
        break
      case 'disk-fault':
        if (step.operation === 'sync') this.#isSyncArmed = this.#isSyncBroken = true
        this.#disk.failNext(step.operation, step.code)
        break
      case 'disk-full':
        this.#fill(step.forMs, step.roomBytes)
        break
      case 'store-down':
        this.#store.isDown = true
        world.after(step.forMs, () => (this.#store.isDown = false))
        break
      case 'kill':
      case 'power-loss':
        this.#end(step.type)
        break
      case 'close':
        await this.#close()
        break
    }
  }

  #fill(forMs: number, roomBytes: number): void {
    const disk = this.#disk
    disk.bytesMax = disk.bytesUsed + roomBytes
    world.after(forMs, () => (disk.bytesMax = Infinity))
  }

  async #close(): Promise<void> {
    const life = this.#life
    if (!life.ledger) return
    const closing = world.settle(life.ledger.close(), 'close')
    const isClosed = await closing.then(
      () => true,
      (error: unknown) => {
        if (!isExpected(error)) throw error
        return false
      },
    )
    if (life.broken !== undefined) throw life.broken as Error
    this.#end(isClosed && !life.isFaulted ? 'close' : 'kill')
  }

  #end(end: End): void {
    world.end()
    this.#disk = end === 'power-loss' ? this.#disk.losePower() : this.#disk.kill()
    this.#disk.bytesMax = Infinity
    this.#store.isDown = false
    this.#truth.ended(end, this.#isSyncBroken)
    this.#begin()
  }

  /** True when it is open, checked and settled. A failure from before may still come to light: then it is opened again. */
  async #comesToRest(): Promise<boolean> {
    await world.advance(2_000)
    await this.#look()
    const { ledger, isFaulted } = this.#life
    if (!ledger || isFaulted || !this.#isChecked) return false
    try {
      await world.settle(ledger.settled(), 'settled')
      return true
    } catch (error) {
      if (!(error instanceof LedgerFaultedError)) throw error
      this.#end('kill')
      return false
    }
  }

  /** All faults cease; the ledger is opened, comes to rest, and is held to everything. */
  async #rest(): Promise<void> {
    this.#disk.mend()
    this.#disk.bytesMax = Infinity
    this.#store.isDown = false
    this.#store.settings.failuresPerMille = 0
    for (let tries = 0; !(await this.#comesToRest()); tries++)
      if (tries > 200) throw new Violation('the ledger does not open, though nothing fails any more')
    const ledger = this.#life.ledger!
    const { idleCloseMs } = this.#plan.settings
    await world.advance(idleCloseMs === undefined ? 1_000 : allIdleAfterMs)
    const isWaiting = (): boolean => {
      const { commands, position } = ledger.stats()
      const read = Math.min(this.#reader.events.at(-1)?.position ?? 0, this.#consumer.checkpoint)
      return commands.inFlight > 0 || read < position
    }
    // A command, or the reader, may still ask a store that hangs; it is given up after `storeAnswerMsMax`.
    for (let seconds = 0; isWaiting() && seconds < 120; seconds++) await world.advance(1_000)
    if (this.#life.broken !== undefined) throw this.#life.broken as Error
    const check = async (): Promise<void> => {
      const events = await checkOpened(ledger, this.#truth, this.#lost)
      checkIdle(events, idleCloseMs)
      await checkSettled(ledger, events, this.#truth, this.#reader.events)
      await this.#consumer.check(ledger, events, this.#truth)
    }
    await world.settle(check(), 'checking a settled ledger')
  }
}

/** Carries out a plan. @throws Violation, or whatever else went wrong; `without`: with this protection taken out */
export const simulate = (plan: Plan, without?: Protection): Promise<void> =>
  new Simulation(plan, without).run()
