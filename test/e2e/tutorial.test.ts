/** What docs/guide/own-game.md says that its program and the command line print, they print: there in a folder of one's own, here in the build. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { codeBlocks, root } from '../docs/documents.js'
import { inFolder } from './command.js'

const execute = promisify(execFile)

/** The commands of the guide, as they are run on the build of the repository. */
const asBuilt: readonly (readonly [string, string])[] = [
  ['npx tsc && ', ''],
  ['npx gameledger ', 'node dist/cli/main.js '],
  ['dist/play.js', 'dist/examples/goofspiel/play.js'],
  ['dist/index.js', 'dist/examples/goofspiel/index.js'],
]

/** Ids and days of a run are not those of another. */
const ofAnyRun = (text: string): string =>
  text.replace(/[0-9a-f-]{36}~1/g, 'ID').replace(/\d{4}-\d{2}-\d{2}/g, 'DAY')

it('prints what the tutorial says', () =>
  inFolder(async (folder) => {
    const built = join(root, 'dist')
    if (!existsSync(join(built, 'examples/goofspiel/play.js')))
      throw new Error('dist/examples/goofspiel/play.js is missing. Build first: npm run build')
    await symlink(built, join(folder, 'dist'))
    const sessions = codeBlocks(join('docs', 'guide', 'own-game.md')).filter(
      ({ language }) => language === 'console',
    )
    expect(sessions).toHaveLength(2)
    for (const { code } of sessions) {
      const [line = ''] = code.split('\n')
      const command = asBuilt.reduce((text, [said, run]) => text.replace(said, run), line.slice('$ '.length))
      const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, NODE_ENV: undefined }
      const { stdout } = await execute('sh', ['-c', command], { cwd: folder, env })
      expect(ofAnyRun(`${line}\n${stdout}`)).toBe(ofAnyRun(code))
    }
  }))
