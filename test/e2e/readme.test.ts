/** README shows the first program, what it prints, and a session at the command line: all of it as it really is. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { codeBlocks, root, textOf, type CodeBlock } from '../docs/documents.js'

const execute = promisify(execFile)
const blocks = codeBlocks('README.md')

const blockAfter = (language: string, before?: CodeBlock): CodeBlock => {
  const found = blocks.find((one) => one.language === language && one.line > (before?.line ?? 0))
  if (!found) throw new Error(`README.md has no block of ${language} where one is expected.`)
  return found
}

const program = blocks.find(({ source }) => source === 'examples/readme.ts')

/** The time of a run is not the time of another. */
const untimed = (text: string): string => text.replace(/lastPlayedAt: \d+/g, 'lastPlayedAt: 0')

let folder = ''

/** Runs a line of a shell in the folder, where `dist` is the built package. Gives what went to stdout. */
const shell = async (line: string): Promise<string> => {
  const { stdout } = await execute('sh', ['-c', line], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, NODE_ENV: undefined },
  })
  return stdout
}

beforeEach(async () => {
  if (!existsSync(join(root, 'dist/examples/readme.js')))
    throw new Error('dist/examples/readme.js is missing. Build first: npm run build')
  folder = await mkdtemp(join(tmpdir(), 'gameledger-readme-'))
  await symlink(join(root, 'dist'), join(folder, 'dist'))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

describe('the first program', () => {
  it('stands in README as it stands in examples/readme.ts', () => {
    expect(program?.code).toBe(textOf('examples/readme.ts'))
  })

  it('prints what README says', async () => {
    const printed = await shell('node dist/examples/readme.js')
    expect(untimed(printed)).toBe(untimed(blockAfter('text', program).code))
  })

  it('is refused the second time, and still knows the winner', async () => {
    await shell('node dist/examples/readme.js')
    const printed = await shell('node dist/examples/readme.js')
    expect(printed).toMatch(/^refused: {\n {2}_tag: 'GameCompleted'/)
    expect(printed).not.toContain('Joined')
    expect(printed).toContain("winner: 'ann'")
  })
})

describe('the session at the command line', () => {
  it('prints what README says', async () => {
    const session = blockAfter('console').code
    const steps = session.split(/^\$ /m).slice(1)
    let played = ''
    for (const step of steps) {
      const [line = ''] = step.split('\n')
      const printed = (await shell(line)).trimEnd()
      played += `$ ${line}\n${printed === '' ? '' : `${printed}\n`}\n`
    }
    expect(played.trimEnd()).toBe(session.trimEnd())
  })
})
