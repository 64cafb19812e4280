/** Every command that the documents name is there, with the options that they show; and every script of `npm run`. */
import { describe, expect, it } from 'vitest'
import { documents, textOf } from '../docs/documents.js'
import { run } from './command.js'

/** What was changed or decided once is not what is there now, and a format quotes bytes. */
const current = documents.filter((path) => !/^CHANGELOG|decisions|formats/.test(path))

/** Inline code, and lines of shell: what a reader would type. */
const typedIn = (path: string): readonly string[] => {
  const text = textOf(path)
  const blocks = Array.from(text.matchAll(/^```(?:sh|console)\n([\s\S]*?)^```$/gm), ([, code = '']) => code)
  const spans = Array.from(
    text.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/`([^`]+)`/g),
    ([, code]) => code!,
  )
  return [...blocks.flatMap((code) => code.split('\n')), ...spans].map((line) => line.replace(/\s+/g, ' '))
}

interface Mention {
  readonly command: string
  readonly options: readonly string[]
}

const mentionOf = (line: string): Mention | undefined => {
  const [, command, rest = ''] =
    /^(?:\$ )?(?:npx )?(?:gameledger|node dist\/cli\/main\.js) ((?:archive )?[a-z]+)\b([^|;&#]*)/.exec(
      line,
    ) ?? []
  return command === undefined ? undefined : { command, options: rest.match(/--[a-z]+(-[a-z]+)*/g) ?? [] }
}

const shown = new Map<string, Set<string>>()
for (const mention of current.flatMap(typedIn).map(mentionOf)) {
  if (!mention) continue
  const options = shown.get(mention.command) ?? new Set()
  for (const option of mention.options) options.add(option)
  shown.set(mention.command, options)
}

describe('a documented command', () => {
  it('is found in the documents', () => {
    expect(shown.size).toBeGreaterThan(10)
    expect(mentionOf('$ npx gameledger replay GAME --play --as ann')).toEqual({
      command: 'replay',
      options: ['--play', '--as'],
    })
  })

  it.each([...shown])('is there: %s', async (command, options) => {
    const { stdout, exit } = await run(...command.split(' '), '--help')
    expect(exit).toBe(0)
    expect(stdout).toMatch(new RegExp(`^Usage: gameledger ${command}\\b`))
    expect([...options].filter((option) => !new RegExp(`${option}\\b`).test(stdout))).toEqual([])
  })

  it('is not there by any other name', async () => {
    const { stdout, exit } = await run('replai', '--help')
    expect(exit === 0 && stdout.startsWith('Usage: gameledger replai')).toBe(false)
  })
})

it('every documented script of npm is in package.json', () => {
  const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> }
  const named = current.flatMap((path) =>
    Array.from(textOf(path).matchAll(/npm run ([a-z]+(?::[a-z]+)*)/g), ([, script]) => script!),
  )
  expect(named.length).toBeGreaterThan(10)
  expect(named.filter((script) => !(script in scripts))).toEqual([])
})
