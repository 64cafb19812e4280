/**
 * kill -9 at every step of the handover, in a real process: what is left names only whole objects, and after the next
 * opening every game whose end was acknowledged is found exactly once.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fileColdStore, fileJournal, openLedger, type VerifyReport } from 'gameledger'
import { expect, test } from 'vitest'
import { Verification } from '../../src/archive/verification.js'
import { expectArchivedOnce } from '../support/archived-once.js'
import { tally } from '../ledger/tally-game.js'
import type { HandoverScript, HandoverStep } from './handover-script.js'
import { inScratch } from './scratch.js'

const program = fileURLToPath(new URL('../../build/faults/handover-player.js', import.meta.url))

/** Lives until it is killed by itself. Returns the games that it said have ended. */
const live = async (script: HandoverScript): Promise<readonly string[]> => {
  const child = spawn(process.execPath, [program, JSON.stringify(script)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (data: Buffer) => (said += data.toString()))
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  expect({ code, signal }, `${script.when} ${script.step}`).toEqual({ code: null, signal: 'SIGKILL' })
  return said.split('\n').slice(0, -1)
}

const archiveOf = (directory: string) => fileColdStore(join(directory, 'archive'))

/** The archive as a crash has left it, from its objects alone. */
const verified = (directory: string): Promise<VerifyReport> =>
  new Verification(archiveOf(directory), new Map([[tally.kind, tally]])).run({ deep: true })

const openAgain = async (directory: string) => {
  const ledger = await openLedger({
    games: [tally],
    journal: fileJournal(join(directory, 'journal'), { logFileBytesMax: 32 * 1024 }),
    archive: archiveOf(directory),
    batchGamesMax: 4,
  })
  await ledger.settled()
  return ledger
}

const steps: readonly HandoverStep[] = ['intent', 'segment', 'read back', 'manifest', 'committed', 'release']
const deaths = steps.flatMap((step) => (['before', 'after'] as const).map((when) => ({ step, when })))

test.each(deaths)('$when $step: every game is found exactly once', ({ step, when }) =>
  inScratch(async (directory) => {
    const ended = await live({ directory, life: 1, step, when })
    expect(ended.length).toBeGreaterThan(4)
    const left = await verified(directory)
    expect(left.problems).toEqual([])
    const hasManifest = steps.indexOf(step) + (when === 'after' ? 1 : 0) > steps.indexOf('manifest')
    expect(left.games).toBe(hasManifest ? 8 : 4)
    const ledger = await openAgain(directory)
    // What was not acknowledged may have ended all the same.
    const games = await ledger.archive.count()
    expect(games.games).toBeGreaterThanOrEqual(ended.length)
    const all = await allOf(ledger, 1)
    expect(all).toEqual(expect.arrayContaining([...ended]))
    await expectArchivedOnce(ledger, all)
    await ledger.close()
  }),
)

test('one life after the other on one directory, each killed at another step', () =>
  inScratch(async (directory) => {
    const ended: string[] = []
    for (const [life, death] of deaths.entries()) {
      ended.push(...(await live({ directory, life, ...death })))
      expect((await verified(directory)).problems).toEqual([])
    }
    const ledger = await openAgain(directory)
    const all = await allOf(ledger, deaths.length)
    expect(all).toEqual(expect.arrayContaining(ended))
    await expectArchivedOnce(ledger, all)
    await ledger.close()
  }))

/** The ids of all games of these lives that are over, as their logs say. */
const allOf = async (ledger: Awaited<ReturnType<typeof openAgain>>, lives: number): Promise<string[]> => {
  const ids = Array.from({ length: lives + 1 }, (_, life) =>
    Array.from({ length: 14 }, (_unused, n) => `life-${life}-${n}`),
  ).flat()
  const over: string[] = []
  for (const id of ids) {
    const loaded = await ledger.game(tally, id).load()
    if (loaded._tag === 'Right' && loaded.right.final) over.push(id)
  }
  return over
}

test('control: a manifest before its segment is seen', () =>
  inScratch(async (directory) => {
    await live({ directory, life: 1, step: 'manifest', when: 'after', without: 'segment-first' })
    const { ok, problems } = await verified(directory)
    expect(ok).toBe(false)
    expect(problems[0]).toMatchObject({ code: 'segment-missing' })
  }))

test('control: games that are released before their manifest stands are lost with their log file', () =>
  inScratch(async (directory) => {
    const death = { step: 'release', when: 'after', batch: 60, games: 400 } as const
    const lost = async (without: HandoverScript['without']): Promise<number> => {
      const script = { directory: join(directory, without ?? 'nothing'), life: 1, ...death }
      const ended = await live(without ? { ...script, without } : script)
      expect(ended.length).toBeGreaterThanOrEqual(240)
      const ledger = await openAgain(script.directory)
      const { games } = await ledger.archive.count()
      await ledger.close()
      return Math.max(0, ended.length - games)
    }
    expect(await lost('manifest-gate')).toBe(4)
    expect(await lost(undefined)).toBe(0)
  }))
