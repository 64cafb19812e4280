/**
 * kill -9 at every step of a compaction and of an erasure, in a real process: what is left names only whole objects, every
 * game is found exactly once, and the same work run again ends it.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { fileColdStore, fileJournal, openLedger, type Ledger, type VerifyReport } from 'gameledger'
import { expect, test } from 'vitest'
import { Verification } from '../../src/archive/verification.js'
import { tally } from '../ledger/tally-game.js'
import { expectArchivedOnce } from '../support/archived-once.js'
import type { RewritingScript, RewritingStep } from './rewriting-script.js'
import { inScratch } from './scratch.js'

const program = fileURLToPath(new URL('../../build/faults/rewriting-player.js', import.meta.url))
const ids = Array.from({ length: 8 }, (_, n) => `g${n}`)

const openIn = (directory: string): Promise<Ledger> =>
  openLedger({
    games: [tally],
    journal: fileJournal(join(directory, 'journal')),
    archive: fileColdStore(join(directory, 'archive')),
    compaction: false,
  })

/** Eight games, each in a batch of its own, by two players. */
const play = async (directory: string): Promise<void> => {
  const ledger = await openIn(directory)
  for (const id of ids) {
    const game = ledger.game(tally, id)
    for (const player of ['ann', 'bob']) await game.dispatch({ type: 'Sit', player })
    await game.dispatch({ type: 'Count', player: 'ann', amounts: [1] })
    await game.dispatch({ type: 'Finish' })
    await ledger.settled()
  }
  await ledger.close()
}

/** Lives until it is killed by itself. */
const live = async (script: RewritingScript): Promise<void> => {
  const child = spawn(process.execPath, [program, JSON.stringify(script)], { stdio: 'inherit' })
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  expect({ code, signal }, `${script.when} ${script.step}`).toEqual({ code: null, signal: 'SIGKILL' })
}

/** The archive as a crash has left it, from its objects alone. */
const verified = (directory: string): Promise<VerifyReport> =>
  new Verification(fileColdStore(join(directory, 'archive')), new Map([[tally.kind, tally]])).run({
    deep: true,
  })

const naming = async (directory: string): Promise<string[]> => {
  const found: string[] = []
  for (const name of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!name.isFile()) continue
    const path = join(name.parentPath, name.name)
    const stored = await readFile(path)
    if ((path.endsWith('.gz') ? gunzipSync(stored) : stored).includes('"ann"')) found.push(path)
  }
  return found
}

const steps: readonly RewritingStep[] = [
  'note',
  'segment',
  'manifest',
  'deleting manifests',
  'deleting segments',
  'deleting the note',
]
const deaths = steps.flatMap((step) => (['before', 'after'] as const).map((when) => ({ step, when })))

test.each(['compact', 'erase'] as const)(
  'killed at each step of %s, every game is found exactly once',
  { timeout: 300_000 },
  (work) =>
    inScratch(async (scratch) => {
      await play(join(scratch, 'played'))
      for (const { step, when } of deaths) {
        const directory = join(scratch, `${when} ${step}`)
        await cp(join(scratch, 'played'), directory, { recursive: true })
        await live({ directory, work, step, when })
        expect(await verified(directory), `${when} ${step}`).toMatchObject({
          ok: true,
          games: ids.length,
          problems: [],
        })
        const ledger = await openIn(directory)
        await expectArchivedOnce(ledger, ids)
        if (work === 'compact') await ledger.archive.compact()
        else expect(await ledger.erase('ann')).toMatchObject({ alias: 'erased:1', unread: [] })
        await expectArchivedOnce(ledger, ids)
        expect(await ledger.verify({ deep: true })).toMatchObject({ ok: true, games: ids.length })
        await ledger.close()
        if (work === 'erase') expect(await naming(directory), `${when} ${step}`).toEqual([])
      }
    }),
)

test('control: what is deleted before the manifest stands is lost', () =>
  inScratch(async (directory) => {
    await play(directory)
    const script = { directory, work: 'compact', step: 'segment', when: 'after' } as const
    await live({ ...script, without: 'manifest-first' })
    expect((await verified(directory)).games).toBe(0)
  }))
