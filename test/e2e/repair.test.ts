/** `gameledger repair` and `verify` on a damaged data directory, from outside. */
import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openLedger } from 'gameledger'
import { ticTacToe } from '../../examples/tic-tac-toe/game.js'
import { inFolder, run, runJson } from './command.js'

/** A game in the archive, two live ones, and saved read models; a byte of the first game is damaged. */
const damagedData = async (folder: string): Promise<string> => {
  const data = join(folder, 'data')
  const ledger = await openLedger({ games: [ticTacToe], dir: data })
  const archived = ledger.game(ticTacToe, 'archived')
  for (const player of ['cat', 'dog']) await archived.dispatch({ type: 'Join', player })
  for (const [at, cell] of [4, 0, 2, 1, 6].entries())
    await archived.dispatch({ type: 'Mark', player: at % 2 === 0 ? 'cat' : 'dog', cell })
  await ledger.settled()
  for (const id of ['first', 'second'])
    for (const player of ['ann', 'bob']) await ledger.game(ticTacToe, id).dispatch({ type: 'Join', player })
  await ledger.close()
  const file = join(data, 'journal', 'log-00000001.log')
  const bytes = await readFile(file)
  bytes[bytes.indexOf('"player":"ann"') + 11]! ^= 1
  await writeFile(file, bytes)
  return data
}

test('a damaged journal is reported with the games it concerns, and without a stack', () =>
  inFolder(async (folder) => {
    const data = await damagedData(folder)
    for (const args of [['verify'], ['verify', '--deep'], ['games']]) {
      const { exit, stderr } = await run(...args, '--data', data)
      expect(exit).toBe(65)
      expect(stderr).toMatch(/^error corrupt-log: not opened\. .*log-00000001\.log at offset \d+/m)
      expect(stderr.replaceAll(/\s+/g, ' ')).toContain(
        '1 live game is affected: tic-tac-toe/first. Every other game is intact.',
      )
      expect(stderr).toMatch(/Mend: gameledger repair --quarantine --data \S+$/m)
      expect(stderr).not.toMatch(/\n\s+at /)
    }
  }))

test('repair says what it would do, does it when it is told to, and then finds nothing to do', () =>
  inFolder(async (folder) => {
    const data = await damagedData(folder)
    const dry = await run('repair', '--data', data)
    expect(dry.exit).toBe(1)
    expect(dry.stdout).toMatch(/^affected: tic-tac-toe\/first$/m)
    expect(dry.stdout).toMatch(/Nothing on disk was changed/)
    expect(await readdir(data)).toEqual(['archive', 'catalog', 'journal', 'projections'])
    const catalogFile = join(data, 'catalog', 'archive.catalog')
    const catalog = await readFile(catalogFile)
    const copy = join(data, 'journal.before-repair-1')
    expect(await runJson('repair', '--quarantine', '--data', data)).toMatchObject({
      isRepaired: true,
      affected: ['tic-tac-toe/first'],
      possibly: [],
      gamesKept: 1,
      eventsKept: 2,
      eventsSetAside: 1,
      copy,
      moved: [join(data, 'projections')],
    })
    expect(existsSync(join(data, 'projections'))).toBe(false)
    expect(await readdir(copy)).toContain('projections')
    // It tells of the archive alone, which no repair of the journal changes: it is still right, and stays.
    expect(await readFile(catalogFile)).toEqual(catalog)
    const lines = (await readFile(join(data, 'quarantine', 'journal-1.ndjson'), 'utf8')).trim().split('\n')
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { stream: 'tic-tac-toe/first', version: 2, line: { e: { type: 'Joined', player: 'bob' } } },
    ])
    const again = await run('repair', '--data', data)
    expect([again.exit, again.stdout]).toEqual([0, expect.stringMatching(/^ok: the journal is whole/)])
    expect(await runJson('verify', '--deep', '--data', data)).toMatchObject({
      ok: true,
      games: 2,
      events: 10,
    })
    expect(await runJson('archive', 'ls', '--data', data)).toMatchObject({
      games: [{ kind: 'tic-tac-toe', gameId: 'archived' }],
    })
    const replayed = await run('replay', 'first', '--data', data)
    expect(replayed.exit).toBe(65)
    expect(replayed.stderr).toMatch(/^error game-quarantined: A repair of the journal set first aside/)
  }))
