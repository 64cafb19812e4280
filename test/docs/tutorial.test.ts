/** Who pastes the code of docs/guide/own-game.md in the order of the text has the files of examples/goofspiel, whole. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { codeBlocks, root, textOf } from './documents.js'

const example = 'examples/goofspiel'

const pasted = new Map<string, string>()
for (const { source, code } of codeBlocks(join('docs', 'guide', 'own-game.md')))
  if (source !== undefined) pasted.set(source, (pasted.has(source) ? `${pasted.get(source)}\n` : '') + code)

it('shows every file of the example', () => {
  const files = readdirSync(join(root, example)).map((name) => `${example}/${name}`)
  expect([...pasted.keys()].sort()).toEqual(files.sort())
})

it.each([...pasted])('shows the whole of %s', (source, code) => {
  expect(code).toBe(textOf(source))
})
