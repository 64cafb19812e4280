/** kill -9 while read models are saved and rebuilt: a readable older or newer one is there, with all its pages. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { fileCheckpointStore, openLedger, seededRandom } from 'gameledger'
import { expect, test } from 'vitest'
import { tally } from '../ledger/tally-game.js'
import type { Meddling } from './model-files.js'
import { paging } from './paging.js'
import { inScratch } from './scratch.js'

const program = fileURLToPath(new URL('../../build/faults/model-keeper.js', import.meta.url))

/** A life ends by then, whatever it waits for: one that outlives its test plays on until the disk is full. */
const lifeMaxMs = 40_000

/** One life, for so many ms once it is open; or until the writing of a model in which it is to be killed. */
const liveFor = async (directory: string, ms: number, meddling: Meddling): Promise<void> => {
  const child = spawn(process.execPath, [program, directory, JSON.stringify(meddling)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const gone = once(child, 'close')
  const deadline = setTimeout(() => child.kill('SIGKILL'), lifeMaxMs)
  await Promise.race([once(child.stdout, 'data'), gone])
  if (meddling.killedAt === 0) {
    await sleep(ms)
    child.kill('SIGKILL')
  }
  const [, signal] = await gone
  clearTimeout(deadline)
  expect(signal, 'killed by itself or by the test').toBe('SIGKILL')
}

test('after each of twelve kills a saved model is readable, and the view is its rebuild', () =>
  inScratch(async (directory) => {
    const chance = seededRandom(7)
    let saved = 0
    for (let life = 0; life < 12; life++) {
      // Every third is killed in the midst of a model, the others anywhere.
      await liveFor(directory, 300 * chance.next(), {
        isInPlace: false,
        killedAt: life % 3 === 2 ? 1 : 0,
      })
      const found = await fileCheckpointStore(join(directory, 'projections')).load('paging')
      // A model that was once saved is never lost, and never older than the one before it.
      expect(found?.position ?? 0).toBeGreaterThanOrEqual(saved)
      saved = found?.position ?? 0
      const ledger = await openLedger({ games: [tally], dir: directory, projections: { paging } })
      const { position } = ledger.stats()
      const wanted = Array.from({ length: position }, (_, index) => index + 1)
      expect(await ledger.views.paging.positions(), `life ${life}`).toEqual(wanted)
      expect(await (await ledger.viewAt('paging', { position: saved })).positions()).toHaveLength(saved)
      // Whether nothing was left over is told by the pages: a rebuild puts them all anew.
      await ledger.rebuild('paging')
      expect(await ledger.views.paging.positions()).toEqual(wanted)
      await ledger.close()
    }
    expect(saved).toBeGreaterThan(0)
  }))

test('negative control: a model that is written in place is lost by such a kill', () =>
  inScratch(async (directory) => {
    const store = () => fileCheckpointStore(join(directory, 'projections'))
    let saved = await store().load('paging')
    for (let life = 0; life < 20 && !saved; life++) {
      await liveFor(directory, 300, { isInPlace: false, killedAt: 0 })
      saved = await store().load('paging')
    }
    expect(saved?.position).toBeGreaterThan(0)
    await liveFor(directory, 0, { isInPlace: true, killedAt: 1 })
    const found = await store().load('paging')
    expect(found?.position ?? 0).toBeLessThan(saved!.position)
  }))
