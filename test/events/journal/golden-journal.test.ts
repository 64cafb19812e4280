/**
 * The bytes of the format, for ever: what this program writes is the newest of `test/golden/journal-*`, and all open.
 *
 * When the format changes on purpose, a new directory stands beside this one, and this one must still open.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { shown } from '../../contracts/journal.js'
import type { JournalRecord } from '../../../src/events/journal/journal.js'
import { events } from '../../contracts/journal.js'
import { MemoryDisk } from './memory-disk.js'
import { openSmall, rest } from './small-journal.js'

const goldenOf = (version: string): string =>
  fileURLToPath(new URL(`../../golden/journal-${version}/`, import.meta.url))
/** 1.1: the manifest knows of events at risk and of lost gaps. */
const versions = ['1', '1.1'] as const
const newest = goldenOf('1.1')

const goldenRecords = (): JournalRecord[] => [
  events('tic-tac-toe/first', 1, 2),
  events('liap/Žofie-\u{1F3B2}~1', 1),
  { type: 'intent', batch: 1, streams: ['tic-tac-toe/first', 'liap/Žofie-\u{1F3B2}~1'] },
  { type: 'committed', batch: 1, sha256: '0123456789abcdef'.repeat(4) },
  events('tic-tac-toe/first', 3, 3, ',"p":["ann","bob"]'),
]

test('a journal written today has the newest golden bytes', async () => {
  const disk = new MemoryDisk()
  const { ear, journal } = await openSmall(disk)
  await rest()
  const expected: string[] = []
  for (const record of goldenRecords()) {
    await ear.untilSynced(journal.append(record))
    expected.push(shown(record))
  }
  await rest()
  await journal.close()
  // Zeros are no bytes to keep.
  const written = (await disk.list('/j')).filter((name) => name !== 'BALLAST')
  expect(written).toEqual(readdirSync(newest).sort())
  for (const name of readdirSync(newest))
    expect(disk.bytesOf(`/j/${name}`).toString('hex'), name).toBe(readFileSync(newest + name).toString('hex'))
})

test.each(versions)('the golden journal of format %s opens', async (version) => {
  const golden = goldenOf(version)
  const disk = new MemoryDisk()
  for (const name of readdirSync(golden)) disk.put(`/j/${name}`, readFileSync(golden + name))
  const { journal, records, recovery } = await openSmall(disk)
  let position = 1
  const expected = goldenRecords().map((record) => {
    if (record.type !== 'events') return shown(record)
    record.firstPosition = position as typeof record.firstPosition
    position += record.count
    return shown(record)
  })
  expect(records).toEqual(expected)
  expect(recovery).toEqual({ lastPosition: 6, lost: [], isClean: true, droppedBytes: 0, asleep: [] })
  await journal.close()
})
