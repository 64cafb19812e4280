/**
 * Does what is due when it is due: one heap, one alarm for the earliest.
 *
 *     set(key, at) --> [ heap ] --alarm--> fire(key), at most `firingMax` at a time, in slices of a few ms
 *
 * Never before its time. Of many that fall due at once (after an opening) the earliest go first, and the others wait for
 * them to finish, so that players' commands have their turns in between. Where there is no room for more, all wait a while.
 */
import { Alarm } from '../events/alarm.js'
import type { Clock } from '../events/clock.js'
import { TimeSlice } from '../events/time-slice.js'
import { DueHeap } from './due-heap.js'

export interface SchedulePorts {
  readonly clock: Clock
  /** Does what this key stands for, which was due at this time; it is no longer kept then. Must not reject. */
  readonly fire: (key: string, at: number) => Promise<void>
  /** How many may be on their way at a time. */
  readonly firingMax: number
}

/** Where there was no room, it is tried again so much later: about a group of the journal. */
const holdMs = 50
/** A game that could not be found is looked for again so much later: that takes somebody else to mend a disk. */
const aloneMs = 1_000

export class Schedule {
  readonly #ports: SchedulePorts
  readonly #due = new DueHeap()
  readonly #alarm: Alarm
  #heldUntil = -Infinity
  #firing = 0
  #isRinging = false
  #isStopped = false
  #idle: (() => void)[] = []

  constructor(ports: SchedulePorts) {
    this.#ports = ports
    this.#alarm = new Alarm(ports.clock, () => void this.#ring())
  }

  /** What waits for its time. */
  get pending(): number {
    return this.#due.size
  }

  /** What is on its way. */
  get firing(): number {
    return this.#firing
  }

  /** O(1) */
  timeOf(key: string): number | undefined {
    return this.#due.timeOf(key)
  }

  /** O(log n) */
  set(key: string, at: number): void {
    if (this.#isStopped) return
    this.#due.set(key, at)
    this.#setAlarm()
  }

  /** O(log n) */
  delete(key: string): void {
    this.#due.delete(key)
    this.#setAlarm()
  }

  /** This could not be done: it is tried again, after a while in which nothing is, or later and alone. O(log n) */
  again(key: string, at: number, isOfAll: boolean): void {
    const now = this.#ports.clock.now()
    if (isOfAll) this.#heldUntil = now + holdMs
    this.set(key, isOfAll ? at : now + aloneMs)
  }

  /** Nothing more is begun; resolves when what is on its way is done. */
  stop(): Promise<void> {
    this.#isStopped = true
    this.#alarm.set(Infinity)
    return this.#firing === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve))
  }

  #setAlarm(): void {
    const mayFire = !this.#isStopped && !this.#isRinging && this.#firing < this.#ports.firingMax
    this.#alarm.set(mayFire ? Math.max(this.#due.earliest, this.#heldUntil) : Infinity)
  }

  async #ring(): Promise<void> {
    const { clock, firingMax } = this.#ports
    this.#isRinging = true
    const slice = new TimeSlice()
    while (!this.#isStopped && this.#firing < firingMax) {
      const now = clock.now()
      const at = this.#due.earliest
      const key = now < this.#heldUntil ? undefined : this.#due.takeDue(now)
      if (key === undefined) break
      this.#fire(key, at)
      if (slice.isOver()) await slice.next()
    }
    this.#isRinging = false
    this.#setAlarm()
  }

  #fire(key: string, at: number): void {
    this.#firing++
    void this.#ports.fire(key, at).then(() => {
      this.#firing--
      this.#setAlarm()
      if (this.#firing === 0) for (const resolve of this.#idle.splice(0)) resolve()
    })
  }
}
