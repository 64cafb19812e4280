/**
 * Replaces what of Node depends on anything but the program: timers, clocks, threads, chance. To be called before
 * the ledger is imported. Afterwards all of them belong to `world`, so one seed decides the order of everything.
 */
import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import timers from 'node:timers/promises'
import threads from 'node:worker_threads'
import zlib from 'node:zlib'
import { SimulatedWorker } from './simulated-thread.js'
import { world } from './world.js'

/** What `setTimeout` gives: enough for `clearTimeout`, `unref` and `ref`. */
class Timer {
  id = 0
  unref(): this {
    return this
  }
  ref(): this {
    return this
  }
}

type Callback = (...given: unknown[]) => void

const begin = (callback: Callback, ms = 0, ...given: unknown[]): Timer => {
  const timer = new Timer()
  timer.id = world.after(Math.max(1, ms), () => callback(...given))
  return timer
}

const repeat = (callback: Callback, ms = 0, ...given: unknown[]): Timer => {
  const timer = new Timer()
  const again = (): void => {
    timer.id = world.after(Math.max(1, ms), again)
    callback(...given)
  }
  timer.id = world.after(Math.max(1, ms), again)
  return timer
}

const stop = (timer: Timer | undefined): void => {
  if (timer) world.cancel(timer.id)
}

const wait = (ms: number, value?: unknown, { signal }: { readonly signal?: AbortSignal } = {}) =>
  new Promise((resolve, reject) => {
    const abort = (): void => {
      stop(timer)
      reject(new DOMException('The wait was aborted.', 'AbortError'))
    }
    const timer = begin(() => {
      signal?.removeEventListener('abort', abort)
      resolve(value)
    }, ms)
    if (signal?.aborted === true) abort()
    else signal?.addEventListener('abort', abort, { once: true })
  })

/** Now and then the clock leaps by more than a slice of work may take. */
let leaps = 0
const clock = (): number => {
  if (world.chance.next() < 0.01) leaps += 6
  return world.now + leaps
}

type Packed = (error: Error | null, result?: Buffer) => void

/** A thread pool of which nobody knows when it is done. */
const later =
  (compute: (bytes: Buffer, options?: zlib.ZlibOptions) => Buffer) =>
  (bytes: Buffer, ...given: readonly [Packed] | readonly [zlib.ZlibOptions, Packed]): void => {
    const [options, done] = given.length === 1 ? [undefined, given[0]] : given
    world.after(world.chance.next(), () => {
      let result: Buffer
      try {
        result = compute(bytes, options)
      } catch (error) {
        return done(error as Error)
      }
      done(null, result)
    })
  }

const hex = (digits: number): string =>
  Array.from({ length: digits }, () => Math.floor(16 * world.chance.next()).toString(16)).join('')

/** From now on this process has one thread, and the world's time. */
export const runOnOneThread = (): void => {
  Object.assign(globalThis, {
    setTimeout: begin,
    setInterval: repeat,
    setImmediate: (callback: Callback, ...given: unknown[]) => {
      const timer = new Timer()
      timer.id = world.after(0, () => callback(...given))
      return timer
    },
    clearTimeout: stop,
    clearInterval: stop,
    clearImmediate: stop,
  })
  globalThis.performance.now = clock
  Date.now = () => 1_700_000_000_000 + Math.floor(world.now)
  Math.random = () => world.chance.next()
  Object.assign(timers, {
    setTimeout: wait,
    setImmediate: (value?: unknown) =>
      new Promise((resolve) => {
        world.after(0, () => resolve(value))
      }),
  })
  Object.assign(threads, { Worker: SimulatedWorker })
  Object.assign(zlib, { gunzip: later(zlib.gunzipSync) })
  Object.assign(crypto, { randomUUID: () => `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}` })
  syncBuiltinESMExports()
}
