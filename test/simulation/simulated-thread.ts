/**
 * A worker thread of which nobody knows when it is done: it runs here, on the world's time, and shares nothing but what
 * it is sent. What it is sent is given away, as between real threads.
 */
import { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import type { Transferable } from 'node:worker_threads'
import { world } from './world.js'

const builtin = createRequire(import.meta.url)

export class SimulatedWorker extends EventEmitter {
  readonly #inside = new EventEmitter()

  /** `program`: the text of a script, as of a worker with `eval`. */
  constructor(program: string) {
    super()
    const postMessage = (value: unknown, transfer: readonly Transferable[] = []): void =>
      this.#deliver(this, value, transfer)
    const parentPort = Object.assign(this.#inside, { postMessage })
    const require_ = (name: string): unknown =>
      name === 'node:worker_threads' ? { parentPort } : builtin(name)
    // oxlint-disable-next-line no-implied-eval, no-new-func
    new Function('require', program)(require_)
  }

  postMessage(value: unknown, transfer: readonly Transferable[] = []): void {
    this.#deliver(this.#inside, value, transfer)
  }

  ref(): void {}

  unref(): void {}

  #deliver(to: EventEmitter, value: unknown, transfer: readonly Transferable[]): void {
    const sent: unknown = structuredClone(value, { transfer: [...transfer] as ArrayBuffer[] })
    world.after(world.chance.next(), () => to.emit('message', sent))
  }
}
