/** The table of options in README has every option of `openLedger`, and no other, with the defaults that are taken. */
import { expect, it } from 'vitest'
import { resolveOptions } from '../../src/options.js'
import { textOf } from './documents.js'

const section = textOf('README.md').split('\n## Options\n')[1]!.split('\n## ')[0]!
const rows = Array.from(
  section.matchAll(/^\| `(\w+)` +\| (.*?) +\| (.*?) +\|$/gm),
  ([, name, , value]) => [name!, value!] as const,
)

const declared = textOf('src/options.ts').match(/export interface LedgerOptions<[\s\S]*?^}/m)![0]
const named = Array.from(declared.matchAll(/^ {2}readonly (\w+)\??:/gm), ([, name]) => name!)

it('lists the options that there are', () => {
  expect(named).toContain('durability')
  expect(rows.map(([name]) => name).sort()).toEqual(named.sort())
})

/** 8388608 as 8 MiB, 10000 as 10 000; times are never shown in MiB. */
const inWords = (value: unknown, name: string): string => {
  if (typeof value !== 'number') return `\`${String(value)}\``
  if (/bytes/i.test(name)) return value >= 2 ** 30 ? `${value / 2 ** 30} GiB` : `${value / 2 ** 20} MiB`
  return value.toLocaleString('en').replaceAll(',', ' ')
}

it('says the defaults that are taken', () => {
  const taken = resolveOptions({ games: [], dir: '/nowhere' })
  const wrong = rows.filter(([name, said]) => {
    const value = taken[name as keyof typeof taken]
    const isPlain = ['number', 'boolean', 'string'].includes(typeof value)
    return isPlain && !said.startsWith(inWords(value, name))
  })
  expect(wrong).toEqual([])
  expect(rows).toContainEqual(['batchGamesMax', inWords(taken.batchGamesMax, 'batchGamesMax')])
})
