/** docs/errors.md explains every code that the sources have, each once, and no other. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { errorEntries, headlineOf, readEntries } from '../../src/cli/error-entry.js'
import { exitCodeOf } from '../../src/cli/exit-code.js'
import { root, textOf } from './documents.js'

const kebab = (name: string): string => name.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase()

/** How a code is written where it comes into being. */
const patterns: readonly RegExp[] = [
  /\bcode(?::| =) .*/g, // readonly code = 'x', code: 'x', code: 'x' | 'y'
  /\bcode:(?:\n\s+\| '[^']+')+/g, // the same union, a line each
  /new CommandError\(\s*'[^']*'/g,
  /#add\(\s*'[^']*'/g, // the problems of verify
  /_tag: '(?:Rejected|GameCompleted|VersionConflict|Overloaded|Unavailable|NotOwner|NotFound|UnknownEvent|SchemaTooNew)'/g,
  /reason: 'invalid-command'/g,
  /\?\? 'unexpected'/g,
  /^ {2}(?:'[a-z-]+'|[A-Z]+): exitCode\.[a-zA-Z]+,/gm, // the table of exit codes
]

const codesIn = (source: string): readonly string[] =>
  patterns
    .flatMap((pattern) => source.match(pattern) ?? [])
    .flatMap((line) =>
      line.includes('_tag:')
        ? [kebab(/'(\w+)'/.exec(line)![1]!)]
        : Array.from(
            line.matchAll(/'([a-z]+(?:-[a-z]+)*|E[A-Z]+)'|^ {2}(E[A-Z]+):/g),
            ([, quoted, key]) => (quoted ?? key)!,
          ),
    )

const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => textOf(join('src', path)))
const codes = [...new Set(sources.flatMap(codesIn))].sort()
const entries = await errorEntries()
const explained = entries.flatMap((entry) => entry.codes)

describe('the codes of the sources', () => {
  it('are found in every form in which they are written', () => {
    const source = `
  readonly code = 'one'
  readonly code: 'two' | 'two-b'
  report({ code: isIt ? cause.code : 'three', message: \`Four: \${x}\` })
  throw new CommandError(
      'five',
  this.#add('six', 'something')
  readonly _tag: 'NotOwner'
  'seven-up': exitCode.disk,
  EROFS: exitCode.disk,
`
    expect([...codesIn(source)].sort()).toEqual(
      ['EROFS', 'five', 'not-owner', 'one', 'seven-up', 'six', 'three', 'two', 'two-b'].sort(),
    )
    expect(codes.length).toBeGreaterThan(50)
  })

  it('each have an entry', () => expect(codes.filter((code) => !explained.includes(code))).toEqual([]))

  it('are all that has an entry, once each', () => {
    expect(explained.filter((code) => !codes.includes(code))).toEqual([])
    expect(new Set(explained).size).toBe(explained.length)
  })
})

describe('an entry', () => {
  it.each(entries.map((entry) => [entry.codes.join(', '), entry] as const))('%s is whole', (_, entry) => {
    for (const part of [entry.what, entry.where, entry.why, entry.advice])
      expect(part).toMatch(/^[A-Za-z\\`].*\.$/)
    expect(headlineOf(entry).length).toBeLessThanOrEqual(72)
    const told = /exit code (\d+)/.exec(entry.where)?.[1]
    for (const code of entry.codes) {
      const exit = exitCodeOf(Object.assign(new Error(code), { code }))
      // What the command line alone throws brings its exit code along.
      if (exit !== 1 || told === '1') expect({ code, exit: Number(told) }).toEqual({ code, exit })
    }
  })

  it('stands in order of the alphabet, those of the system last', () => {
    const firsts = entries.map(({ codes: [first = ''] }) => first)
    const own = firsts.filter((code) => /^[a-z]/.test(code))
    expect(firsts).toEqual([...own.toSorted(), ...firsts.filter((code) => !own.includes(code)).toSorted()])
  })

  it('is read as plain text', () => {
    const [entry] = readEntries(
      '# Errors\n\n## `a`, `b`\n\nIt *is*\n`so`. More.\n\n**Where:** here.\n\n**What to do:** [That](x.md).\n',
    )
    expect(entry).toEqual({
      codes: ['a', 'b'],
      what: 'It is so. More.',
      where: 'here.',
      why: '',
      advice: 'That.',
    })
    expect(headlineOf(entry!)).toBe('It is so.')
  })
})
