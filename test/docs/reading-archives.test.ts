/**
 * The documents say how any tool reads an archive: their commands are run as they stand there, and print what is shown. A
 * block of sh, python or sql is followed by a block of text with its output, or by none where it prints nothing.
 */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import { openLedger } from 'gameledger'
import { manualClock } from 'gameledger/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ticTacToe } from '../../examples/tic-tac-toe/game.js'
import { describeWithServer, programIn } from '../support/server-process.js'
import { codeBlocks, root, type CodeBlock } from './documents.js'

interface Example {
  readonly block: CodeBlock
  readonly output: string
}

const runnable = ['sh', 'python', 'sql']

const examplesOf = (document: string): readonly Example[] => {
  const blocks = codeBlocks(document)
  return blocks.flatMap((block, at) => {
    if (!runnable.includes(block.language)) return []
    const next = blocks[at + 1]
    return [{ block, output: next?.language === 'text' ? next.code : '' }]
  })
}

/** Documents have no spaces at the end of a line. */
const trimmed = (text: string): string => text.replace(/ +$/gm, '')

const lack = ['zcat', 'jq', 'python3'].find((name) => programIn(name) === undefined)

/** Runs the examples of a document in `folder`, one after the other: a later one may read what an earlier one wrote. */
const examplesRun = (document: string, prepare: (folder: string) => Promise<void>): void => {
  let folder: string
  let duck: DuckDBInstance
  let connection: DuckDBConnection
  let home: string
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gameledger-reading-'))
    home = process.cwd()
    await prepare(folder)
    duck = await DuckDBInstance.create(':memory:')
    connection = await duck.connect()
    await connection.run(`set file_search_path = '${folder}'`)
    // Where COPY writes to. Forks have a directory of their own; threads of one process would share it.
    process.chdir(folder)
  })
  afterAll(() => {
    process.chdir(home)
    connection.closeSync()
    duck.closeSync()
    rmSync(folder, { recursive: true })
  })

  const printed = async ({ language, code }: CodeBlock): Promise<string> => {
    const options = { cwd: folder, encoding: 'utf8', stdio: 'pipe' } as const
    const env = { ...process.env, PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}` }
    if (language === 'sh') return execFileSync('bash', ['-euo', 'pipefail', '-c', code], { ...options, env })
    if (language === 'python') return execFileSync('python3', ['-c', code], options)
    const rows = (await connection.runAndReadAll(code)).getRowObjectsJson()
    const isAnswer = /^\s*select/i.test(code)
    return isAnswer ? rows.map((row) => `${JSON.stringify(row)}\n`).join('') : ''
  }

  it.each(
    examplesOf(document).map(({ block, output }) => [`${document}:${block.line}`, block, output] as const),
  )('%s prints what is shown', async (_, block, output) =>
    expect(trimmed(await printed(block))).toBe(trimmed(output)),
  )
}

const tools = lack === undefined ? undefined : `${lack}: apt-get install -y jq python3`

describeWithServer('a segment, as docs/formats/archive.md reads it', tools, () => {
  examplesRun('docs/formats/archive.md', async (folder) => {
    const golden = join(root, 'test/golden/archive-1')
    for (const name of readdirSync(golden))
      if (name !== 'segment.ndjson')
        copyFileSync(join(golden, name), join(folder, name.replace('.golden', '')))
  })
})

describeWithServer('an archive, as docs/guide/analysis.md asks it', tools, () => {
  examplesRun('docs/guide/analysis.md', async (folder) => {
    const main = join(root, 'dist/cli/main.js')
    const shim = `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@" 2> /dev/null\n`
    writeFileSync(join(folder, 'gameledger'), shim, { mode: 0o755 })
    const clock = manualClock(Date.UTC(2026, 0, 1))
    const ledger = await openLedger({ games: [ticTacToe], dir: join(folder, 'data'), clock })
    const play = async (id: string, players: readonly [string, string], cells: readonly number[]) => {
      const dispatch = async (command: Parameters<ReturnType<typeof handle>['dispatch']>[0]) => {
        clock.advance(1_000)
        await handle().dispatch(command)
      }
      const handle = () => ledger.game(ticTacToe, id)
      for (const player of players) await dispatch({ type: 'Join', player })
      for (const [turn, cell] of cells.entries())
        await dispatch({ type: 'Mark', player: players[turn % 2]!, cell })
    }
    await play('one', ['ann', 'bob'], [4, 0, 2, 1, 6])
    await play('two', ['ann', 'bob'], [0, 1, 2, 4, 3, 5, 7, 6, 8])
    await play('three', ['bob', 'cat'], [4, 0, 2, 1, 6])
    await ledger.close()
  })
})

describe('the examples', () => {
  it('are there, in every language', () => {
    const blocks = ['docs/formats/archive.md', 'docs/guide/analysis.md'].flatMap(examplesOf)
    for (const language of runnable)
      expect(blocks.filter(({ block }) => block.language === language).length).toBeGreaterThan(0)
    expect(blocks.filter(({ output }) => output !== '').length).toBeGreaterThan(10)
  })
})
