/**
 * The bytes of a manifest of format 2, kept: two batches that became one, with a game that is gone and one with other
 * lines. To write new ones for a new format: GOLDEN=write, into a new directory.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { manifestKeyOf } from '../../src/archive/batch-key.js'
import type { ColdStore } from '../../src/archive/cold-store.js'
import { parseManifest } from '../../src/archive/manifest.js'
import { memoryColdStore } from '../../src/archive/stores/memory-cold-store.js'
import { Notes, openRoom } from './archive-room.js'
import { Table } from './played-games.js'
import { expectGames, keysIn, verified } from './rewritten-archive.js'

const directory = new URL('../golden/archive-2/', import.meta.url)
const ledgerId = '5f0c7f4e-8d35-4a4e-9d3c-0b7a1c2d3e4f'
const manifestKey = manifestKeyOf(3)
/** JSON has another ending here, so that no formatter of source code touches it. */
const goldenName = (key: string): string => key.replace(/\.json$/, '.json.golden')

const goldenTable = (): Table => {
  const table = new Table()
  table.join('long', ['ann', 'Zoë'])
  table.playThrough('gone', ['ann', 'bob'])
  table.score('long', 'Zoë', 2)
  table.playThrough('kept')
  table.finish('long', 'Zoë')
  return table
}

const rewritten = async (): Promise<ColdStore> => {
  const store = memoryColdStore()
  const room = await openRoom(store, goldenTable(), new Notes(), { ledgerId, batchGamesMax: 2 })
  await room.archiver.flush()
  await room.rewriter.rewrite([1, 2], async ({ index, log }) => {
    if (index.gameId === 'gone') return 'gone'
    if (index.gameId === 'kept') return 'same'
    return { lines: Buffer.from((await log()).lines.toString().replaceAll('Zoë', 'erased:1')) }
  })
  await room.rewriter.cleared()
  return store
}

/** Without what differs between versions of zlib: the places of games, and what the segment is named for. */
const placeless = (bytes: Buffer): unknown => {
  const { games, bytes: _, sha256: __, segment, ...head } = parseManifest(manifestKey, bytes)
  expect(segment).toMatch(/^000000000003\.rewritten-[0-9a-f]{16}\.ndjson\.gz$/)
  return { ...head, games: games.map(({ offset: _offset, length: _length, ...game }) => game) }
}

const segmentIn = async (store: ColdStore): Promise<Buffer> =>
  (await store.get(parseManifest(manifestKey, (await store.get(manifestKey))!).segment))!

if (process.env['GOLDEN'] === 'write') {
  const store = await rewritten()
  mkdirSync(directory, { recursive: true })
  for (const key of await keysIn(store))
    writeFileSync(new URL(goldenName(key), directory), (await store.get(key))!)
  writeFileSync(new URL('segment.ndjson', directory), gunzipSync(await segmentIn(store)))
}

it('writes the bytes of format 2', async () => {
  const store = await rewritten()
  expect(gunzipSync(await segmentIn(store)).toString()).toBe(
    readFileSync(new URL('segment.ndjson', directory), 'utf8'),
  )
  const golden = readFileSync(new URL(goldenName(manifestKey), directory))
  expect(placeless((await store.get(manifestKey))!)).toEqual(placeless(golden))
})

it('opens an archive with a manifest of format 2', async () => {
  const store = memoryColdStore()
  for (const name of readdirSync(directory))
    if (name !== 'segment.ndjson')
      await store.put(name.replace(/\.golden$/, ''), readFileSync(new URL(name, directory)))
  expect(await verified(store)).toMatchObject({ ok: true, games: 2, gone: 1, leftOver: 0, notComparable: 0 })
  const { catalog } = await openRoom(store, new Table(), new Notes(), { ledgerId })
  const table = goldenTable()
  const long = table.games.get('race/long')!
  const renamed = JSON.parse(
    JSON.stringify(long.envelopes).replaceAll('Zoë', 'erased:1'),
  ) as typeof long.envelopes
  long.envelopes.splice(0, Infinity, ...renamed)
  await expectGames(store, catalog, table, new Set(['race/gone']))
})
