/** `compact` and `archive retain` on a ledger of many small batches. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openLedger } from 'gameledger'
import { describe, expect, test } from 'vitest'
import { ticTacToe } from '../../examples/tic-tac-toe/game.js'
import { wonByAnn } from '../ledger/opened.js'
import { inFolder, run, runJson } from './command.js'

/** Six games that are over, each in a batch of its own. */
const keep = async (data: string): Promise<void> => {
  const ledger = await openLedger({ games: [ticTacToe], dir: data })
  for (let number = 0; number < 6; number++) {
    for (const command of wonByAnn) await ledger.game(ticTacToe, `g${number}`).dispatch(command)
    await ledger.settled()
  }
  await ledger.close()
}

const segments = async (data: string): Promise<number> =>
  (await readdir(join(data, 'archive'))).filter((name) => name.endsWith('.ndjson.gz')).length

const inLedger = (work: (data: string) => Promise<void>): Promise<void> =>
  inFolder(async (folder) => {
    const data = join(folder, 'data')
    await keep(data)
    await work(data)
  })

describe('the commands that keep an archive', { timeout: 60_000 }, () => {
  test('compact: a dry run says what would be, then it is so, and verify finds all', () =>
    inLedger(async (data) => {
      const dry = await run('compact', '--dry-run', '--data', data)
      expect(dry.stdout).toContain('6 batches would become 1')
      expect(await segments(data)).toBe(6)
      const report = await runJson('compact', '--data', data)
      expect(report).toMatchObject({
        batchesBefore: 6,
        batchesAfter: 1,
        games: 6,
        damaged: [],
        dryRun: false,
      })
      expect(await segments(data)).toBe(1)
      expect(await runJson('verify', '--deep', '--data', data)).toMatchObject({
        ok: true,
        games: 6,
        segments: 1,
      })
      expect((await run('compact', '--data', data)).stdout).toContain('1 batch became 1')
    }))

  test('archive retain: a dry run first; then they are gone, and what depends on them says so', () =>
    inLedger(async (data) => {
      const young = await runJson('archive', 'retain', '--older-than', '400d', '--data', data)
      expect(young).toMatchObject({ games: 0, shortenedThrough: 0 })
      await new Promise((resolve) => setTimeout(resolve, 1_100))
      const other = await runJson(
        'archive',
        'retain',
        '--older-than',
        '1s',
        '--kind',
        'chess',
        '--data',
        data,
      )
      expect(other).toMatchObject({ games: 0 })
      const dry = await run('archive', 'retain', '--older-than', '1s', '--dry-run', '--data', data)
      expect(dry.stdout).toMatch(/6 games of 48 events, [\d ,.]+ bytes, would be dropped/)
      const done = await runJson('archive', 'retain', '--older-than', '1s', '--data', data)
      expect(done).toMatchObject({ games: 6, events: 48, shortenedThrough: 48, dryRun: false })
      expect(await segments(data)).toBe(0)
      expect((await run('archive', 'ls', '--data', data)).stdout).toContain('0 games')
      expect(await runJson('verify', '--data', data)).toMatchObject({ ok: true, games: 0, gone: 6 })
      const refused = await run('rebuild', 'players', '--data', data)
      expect([refused.exit, refused.stderr]).toEqual([1, expect.stringContaining('history-shortened')])
      expect(await runJson('rebuild', 'players', '--shortened', '--data', data)).toMatchObject({
        rebuilt: ['players'],
        shortenedThrough: 48,
      })
    }))

  test('are for the ledger of an archive alone, not for who looks into it', () =>
    inLedger(async (data) => {
      for (const command of [['compact'], ['archive', 'retain', '--older-than', '1s']]) {
        const { exit, stderr } = await run(
          ...command,
          '--archive',
          join(data, 'archive'),
          '--data',
          join(data, 'none'),
        )
        expect([exit, stderr]).toEqual([66, expect.stringContaining('no-data')])
      }
      expect(await segments(data)).toBe(6)
    }))

  test('archive retain: asks for a time that is one', () =>
    inLedger(async (data) => {
      for (const time of ['400', '0d', 'soon', '-1d']) {
        const { exit: code } = await run('archive', 'retain', `--older-than=${time}`, '--data', data)
        expect(code).toBe(2)
      }
      expect((await run('archive', 'retain', '--data', data)).exit).toBe(2)
    }))
})
