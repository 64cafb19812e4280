// Runs the benches named on the command line, or all: `npm run bench -- dispatch`. Prints tables, writes JSON to
// bench/results/ with commit and machine, and says which promises hold. Ratios within a run can be compared; absolute
// figures belong to the machine they were measured on.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'

const here = new URL('./', import.meta.url)
/** What benches share. */
const others = ['run.mjs', 'measure.mjs', 'load.mjs']
const all = readdirSync(here)
  .filter((name) => name.endsWith('.mjs') && !others.includes(name))
  .map((name) => name.replace('.mjs', ''))
const named = process.argv.slice(2)
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()

/** Whole numbers, but for small ones. */
const shown = (rate) => (rate >= 100 ? Math.round(rate) : Number(rate.toPrecision(3)))

for (const name of named.length > 0 ? named : all) {
  const { run } = await import(new URL(`${name}.mjs`, here).href)
  const { unit, results, promises } = await run()
  console.log(`\n${name} (${unit})`)
  console.table(
    Object.fromEntries(
      Object.entries(results).map(([row, rates]) => [
        row,
        Object.fromEntries(
          Object.entries(rates).map(([column, rate]) => [
            column,
            typeof rate === 'number' ? shown(rate) : rate,
          ]),
        ),
      ]),
    ),
  )
  for (const { promise, holds, value } of promises)
    console.log(`${holds ? 'holds ' : 'MISSED'}  ${promise}: ${value}`)
  mkdirSync(new URL('results/', here), { recursive: true })
  const machine = { node: process.version, cpu: cpus()[0]?.model, cores: cpus().length }
  writeFileSync(
    new URL(`results/${name}.json`, here),
    `${JSON.stringify({ commit, machine, unit, results, promises }, undefined, 2)}\n`,
  )
}
