/** However many games wait, the archiver keeps ids of them, and asks for the games of the batch in hand alone. */
import { runInNewContext } from 'node:vm'
import { setFlagsFromString } from 'node:v8'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { Archiver } from '../../src/archive/archiver.js'
import { Catalog } from '../../src/archive/catalog.js'
import { openIdentity } from '../../src/archive/identity.js'
import { memoryColdStore } from '../../src/archive/stores/memory-cold-store.js'
import { streamIdOf, type StreamId } from '../../src/events/ids.js'
import { Notes } from './archive-room.js'
import { rules, Table, type PlayedGame } from './played-games.js'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void
const heap = (): number => {
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

const batchGamesMax = 50

/** An archiver whose store is down; each game of the queue is played when it is asked for, and counted. */
const openDown = async () => {
  const store = { ...memoryColdStore() }
  const catalog = new Catalog(store, await openIdentity(store, 'ledger-1', false))
  await catalog.open()
  const { put } = store
  store.put = () => Promise.reject(new Error('down'))
  const asked = new Set<StreamId>()
  const released: StreamId[] = []
  const table = new Table()
  const archiver = new Archiver(
    {
      store,
      catalog,
      ledgerId: 'ledger-1',
      rules,
      notes: new Notes(),
      completed: (stream): PlayedGame => {
        asked.add(stream)
        return table.games.get(stream) ?? table.playThrough(stream.slice('race/'.length))
      },
      onArchived: (streams) => {
        released.push(...streams)
        for (const stream of streams) table.games.delete(stream)
      },
      clock: { now: () => 1_000 },
      onFault: () => undefined,
    },
    { batchGamesMax, retryAfterMs: 1, retryAfterMsMax: 2 },
  )
  return { archiver, asked, released, mend: () => void (store.put = put) }
}

it('of 100 000 games that wait it keeps less than 200 bytes each, and asks for those of one batch', async () => {
  const { archiver, asked } = await openDown()
  const before = heap()
  const games = 100_000
  for (let game = 0; game < games; game++) archiver.collect(streamIdOf('race', `game-${game}`), 1_000)
  while (archiver.stats().lastError === undefined) await sleep(5)
  expect(archiver.stats()).toMatchObject({ gamesWaiting: games, bytesWaiting: 1_000 * games })
  expect(archiver.stats().lastError).toBe('down')
  expect(asked.size).toBe(batchGamesMax)
  expect((heap() - before) / games).toBeLessThan(200)
  await archiver.close(1)
})

it('when the store is back all that waited is archived, in the order in which it ended', async () => {
  const { archiver, asked, released, mend } = await openDown()
  const games = Array.from({ length: 3_000 }, (_, game) => streamIdOf('race', `game-${game}`))
  for (const stream of games) archiver.collect(stream, 1_000)
  while (archiver.stats().lastError === undefined) await sleep(5)
  expect(asked.size).toBe(batchGamesMax)
  mend()
  await archiver.flush()
  expect(released).toEqual(games)
  expect(archiver.stats()).toMatchObject({ gamesWaiting: 0, bytesWaiting: 0, batchesArchived: 60 })
})
