/**
 * `npm run simulate -- --seeds N [--seed S] [--faults disk,full,store,kill,power] [--without PROTECTION]`
 *
 * `--trace` prints a number of all that happened under `--seed S`, in order and time.
 *
 * Exits 0 when no seed shows a violation, else 1. With `--without` it is the other way round: a protection is taken
 * out, and 500 seeds must be enough to show it.
 */
import { parseArgs } from 'node:util'
import { misuse, say, whole } from '../support/arguments.js'
import { runOnOneThread } from './one-thread.js'

const realNow = process.hrtime.bigint
runOnOneThread()
const { faultNames, protections, simulateSeeds, traceOf } = await import('./simulate.js')

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    seed: { type: 'string' },
    faults: { type: 'string' },
    without: { type: 'string' },
    trace: { type: 'boolean' },
  },
})

const named = <Name extends string>(text: string, names: readonly Name[], what: string): Name =>
  names.find((name) => name === text) ??
  misuse(`There is no ${what} "${text}". Take one of ${names.join(', ')}.`)

const faults = new Set(
  values.faults === undefined
    ? faultNames
    : values.faults.split(',').map((name) => named(name, faultNames, 'fault')),
)
const without = values.without === undefined ? undefined : named(values.without, protections, 'protection')
const first = values.seed === undefined ? Number(realNow() % 1_000_000_000n) : whole(values.seed, 'seed')
const seeds = whole(values.seeds ?? (values.seed === undefined ? '1000' : '1'), 'seeds')

if (values.trace === true) {
  say(`seed ${first}: ${await traceOf(first, faults)}`)
  process.exit(0)
}

const begun = realNow()
const shown = await simulateSeeds({ first, seeds, faults, without, say })
const seconds = Number(realNow() - begun) / 1e9
if (without === undefined) {
  if (shown === undefined)
    say(`${seeds} seeds from ${first}: 0 violations (${Math.round(seeds / seconds)} seeds/s)`)
  process.exit(shown === undefined ? 0 : 1)
}
say(
  shown === undefined
    ? `without ${without}: ${seeds} seeds from ${first} show nothing. The simulator is blind to it.`
    : `without ${without}: a violation after ${shown - first + 1} seeds`,
)
process.exit(shown === undefined ? 1 : 0)
