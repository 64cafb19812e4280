/**
 * The time of a simulated world: tasks in order of their time, then of their making. Nothing else ever happens in it.
 *
 * Between two tasks the promise queue runs dry; then the clock jumps to the next task. So a second of simulated time
 * costs what happens in it, and the same seed gives the same order of everything. `end` is the moment a process dies:
 * its tasks are gone, so nothing of it runs again.
 */
import type { Chance } from 'gameledger'
// Alone, since the ledger may only be loaded once the builtins are replaced.
import { seededRandom } from '../../dist/events/seeded-random.js'

/** Kept before the builtins are replaced (one-thread.ts). */
const realImmediate = globalThis.setImmediate

interface Task {
  readonly at: number
  readonly id: number
  readonly run: () => void
}

/** What Node itself does after each callback: it runs the queues of ticks and promises until both are empty. */
const promisesRunDry = (process as unknown as { readonly _tickCallback: () => void })._tickCallback

class World {
  /** Milliseconds since the seed was set. */
  now = 0
  chance: Chance = seededRandom(0)
  #tasks: Task[] = []
  #lastId = 0
  #steps = 0
  #trace = 0

  /** What has happened so far, as a number: the order and the time of every task. */
  get trace(): number {
    return this.#trace
  }

  /** A new world. */
  begin(seed: number): void {
    this.now = 0
    this.chance = seededRandom(seed)
    this.#tasks = []
    this.#lastId = 0
    this.#steps = 0
    this.#trace = 0
  }

  /** Runs `run` after so many ms. Returns a number for `cancel`. */
  after(ms: number, run: () => void): number {
    const task = { at: this.now + Math.max(0, ms), id: ++this.#lastId, run }
    let at = this.#tasks.length
    while (at > 0 && this.#tasks[at - 1]!.at > task.at) at--
    this.#tasks.splice(at, 0, task)
    return task.id
  }

  cancel(id: number): void {
    this.#tasks = this.#tasks.filter((task) => task.id !== id)
  }

  /** Lets up to so many ms of the world's time pass for whoever awaits it. */
  pass(msMax: number): Promise<void> {
    return new Promise((resolve) => this.after(this.chance.next() * msMax, resolve))
  }

  /** The process that runs in this world dies: none of its tasks will ever run. */
  end(): void {
    this.#tasks = []
  }

  /** Everything of the next `ms` happens. */
  async advance(ms: number): Promise<void> {
    const until = this.now + ms
    await this.#run(() => (this.#tasks[0]?.at ?? Infinity) > until)
    this.now = until
  }

  /** Goes on until `promise` is settled. @throws its reason; an Error where nothing more happens, or for too long */
  async settle<Result>(promise: Promise<Result>, what: string, msMax = 600_000): Promise<Result> {
    let isSettled = false
    void Promise.allSettled([promise]).then(() => {
      isSettled = true
    })
    const until = this.now + msMax
    await this.#run(() => isSettled || this.#tasks.length === 0 || this.#tasks[0]!.at > until)
    if (!isSettled) throw new Error(`${what} did not come to an end within ${msMax} ms of simulated time.`)
    return promise
  }

  /** In one turn of the real event loop: a turn for each task would cost more than the tasks. */
  #run(isOver: () => boolean): Promise<void> {
    return new Promise((resolve, reject) =>
      realImmediate(() => {
        try {
          while (!isOver()) {
            const task = this.#tasks.shift()
            if (task === undefined) break
            this.now = Math.max(this.now, task.at)
            if (++this.#steps > 2_000_000) throw new Error('A simulated world does not come to rest.')
            this.#trace = (Math.imul(this.#trace, 31) + task.id + Math.floor(task.at * 1e6)) | 0
            task.run()
            promisesRunDry()
          }
          resolve()
        } catch (error) {
          reject(error as Error)
        }
      }),
    )
  }
}

/** The one world of this process. */
export const world = new World()
