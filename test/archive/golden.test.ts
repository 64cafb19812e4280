/**
 * The bytes of format 1, kept. `segment.ndjson` is a segment unpacked, and the manifest is compared with the places of its
 * games left out, because packed bytes differ between zlib versions; the whole archive beside them must still open.
 * To write new ones for a new format: GOLDEN=write, into a new directory.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { manifestKeyOf, segmentKeyOf } from '../../src/archive/batch-key.js'
import type { ColdStore } from '../../src/archive/cold-store.js'
import { parseManifest } from '../../src/archive/manifest.js'
import { memoryColdStore } from '../../src/archive/stores/memory-cold-store.js'
import { Verification } from '../../src/archive/verification.js'
import { Notes, openRoom } from './archive-room.js'
import { rules, Table } from './played-games.js'

const directory = new URL('../golden/archive-1/', import.meta.url)
const keys = ['ledger.json', segmentKeyOf(1), manifestKeyOf(1)]
/** JSON has another ending here, so that no formatter of source code touches it. */
const goldenOf = (key: string): URL => new URL(key.replace(/\.json$/, '.json.golden'), directory)

const goldenTable = (): Table => {
  const table = new Table()
  table.join('long', ['ann', 'Zoë'])
  table.playThrough('short')
  table.score('long', 'Zoë', 2)
  table.play('long', [{ type: 'Scored', player: 'ann', points: 1 } as { type: string }], {
    commandId: 'command-1',
    actor: 'ann',
    occurredAt: 1_600_000_000_000,
  })
  table.finish('long', 'Zoë')
  table.join('unknown', ['eve'], 'stranger')
  table.play('unknown', [{ type: 'Began' }, { type: '$closed' }], { final: true, schema: 3 }, 'stranger')
  return table
}

const archived = async (): Promise<ColdStore> => {
  const store = memoryColdStore()
  const room = await openRoom(store, goldenTable(), new Notes(), {
    ledgerId: '5f0c7f4e-8d35-4a4e-9d3c-0b7a1c2d3e4f',
  })
  await room.archiver.flush()
  return store
}

const placeless = (bytes: Buffer): unknown => {
  const { games, bytes: _, sha256: __, ...head } = parseManifest(manifestKeyOf(1), bytes)
  return { ...head, games: games.map(({ offset: _offset, length: _length, ...game }) => game) }
}

if (process.env['GOLDEN'] === 'write') {
  const store = await archived()
  mkdirSync(directory, { recursive: true })
  for (const key of keys) writeFileSync(goldenOf(key), (await store.get(key))!)
  writeFileSync(new URL('segment.ndjson', directory), gunzipSync((await store.get(segmentKeyOf(1)))!))
}

it('writes the bytes of format 1', async () => {
  const store = await archived()
  const unpacked = gunzipSync((await store.get(segmentKeyOf(1)))!).toString()
  expect(unpacked).toBe(readFileSync(new URL('segment.ndjson', directory), 'utf8'))
  const manifest = readFileSync(goldenOf(manifestKeyOf(1)))
  expect(placeless((await store.get(manifestKeyOf(1)))!)).toEqual(placeless(manifest))
})

it('opens an archive of format 1', async () => {
  const store = memoryColdStore()
  for (const key of keys) await store.put(key, readFileSync(goldenOf(key)))
  expect(await new Verification(store, rules).run({ deep: true })).toMatchObject({
    ok: true,
    games: 3,
    events: 14,
    notComparable: 1,
  })
  const ledgerId = '5f0c7f4e-8d35-4a4e-9d3c-0b7a1c2d3e4f'
  const { catalog } = await openRoom(store, new Table(), new Notes(), { ledgerId })
  for (const [stream, { envelopes }] of goldenTable().games)
    expect(await (await catalog.find(stream))!.envelopes(undefined)).toEqual(envelopes)
})
