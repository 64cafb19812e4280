/** What the documents show is what runs: code is a part of the file that it names, and links lead somewhere. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { codeBlocks, documents, root, textOf, type CodeBlock } from './documents.js'

const taught = documents.filter((path) => path === 'README.md' || path.startsWith(join('docs', 'guide')))
const snippets = taught.flatMap(codeBlocks).filter(({ language }) => language === 'ts')

/** Whether the lines stand in the text one after another, all moved to the right by the same margin. */
const isPartOf = (text: string, code: string): boolean => {
  const wanted = code.trimEnd().split('\n')
  const lines = text.split('\n')
  return lines.some((line, start) => {
    const margin = line.slice(0, line.length - line.trimStart().length)
    return wanted.every((want, index) => lines[start + index] === (want === '' ? '' : margin + want))
  })
}

const placeOf = ({ document, line, source }: CodeBlock): string =>
  `${document}:${line} is a part of ${source ?? 'no file'}`

describe('code in README and guide', () => {
  it('is there', () => expect(snippets.length).toBeGreaterThan(5))

  it.each(snippets.map((snippet) => [placeOf(snippet), snippet] as const))('%s', (_, { source, code }) => {
    expect(source, 'Name the file behind the language: ```ts examples/readme.ts').toBeDefined()
    expect(isPartOf(textOf(source!), code), `${code}\nis no part of ${source}`).toBe(true)
  })

  it('is not found where a line differs', () => {
    const code = textOf('examples/readme.ts')
    expect(isPartOf(code, code)).toBe(true)
    expect(isPartOf(code, code.replace('game-1', 'game-2'))).toBe(false)
  })
})

describe('links', () => {
  it.each(documents)('of %s lead to files that are there', (document) => {
    const targets = Array.from(textOf(document).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g), ([, to = '']) => to)
    const dead = targets.filter(
      (to) => !/^[a-z]+:/.test(to) && !existsSync(join(root, dirname(document), to)),
    )
    expect(dead).toEqual([])
  })
})
