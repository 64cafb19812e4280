/**
 * The bytes of the format, for ever: what this program writes is the newest of `test/golden/journal-*`, and all open.
 *
 * When the format changes on purpose, a new directory stands beside this one, and this one must still open.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { events, readAll, shown } from '../../contracts/journal.js'
import type { EventsRecord, JournalRecord } from '../../../src/events/journal/journal.js'
import type { Position } from '../../../src/events/ids.js'
import { MemoryDisk } from './memory-disk.js'
import { openSmall, rest } from './small-journal.js'

const goldenOf = (version: string): string =>
  fileURLToPath(new URL(`../../golden/journal-${version}/`, import.meta.url))
/**
 * 1.1: the manifest knows of events at risk and of lost gaps. 2: sealed files end with an index, games are carried into
 * files of generation 1, units of work. 3: records name their file, and files are used again.
 */
const versions = ['1', '1.1', '2', '3'] as const
const newest = goldenOf('3')

const goldenRecords = (): JournalRecord[] => [
  events('tic-tac-toe/first', 1, 2),
  events('liap/Žofie-\u{1F3B2}~1', 1),
  { type: 'intent', batch: 1, streams: ['tic-tac-toe/first', 'liap/Žofie-\u{1F3B2}~1'] },
  { type: 'committed', batch: 1, sha256: '0123456789abcdef'.repeat(4) },
  events('tic-tac-toe/first', 3, 3, ',"p":["ann","bob"]'),
]

/** What formats 2 and 3 have besides. */
const laterRecords = (): JournalRecord[] => [
  {
    type: 'unit',
    parts: [events('rooms/lobby', 1), events('tic-tac-toe/second', 1, 2, ',"t":1763900000000,"p":["cyd"]')],
  },
]

/** What format 3 has besides: enough to fill files that were used before. */
const latestRecords = (): EventsRecord[] =>
  Array.from({ length: 10 }, (_, n) => events('tic-tac-toe/third', n + 1, 1, `,"q":"${'y'.repeat(100)}"`))

/** Appends a game among them that fills most of each file, and is released: so what is between it is carried. */
const append = async (
  { ear, journal }: Awaited<ReturnType<typeof openSmall>>,
  records: readonly JournalRecord[],
): Promise<void> => {
  let version = 0
  for (const record of records) {
    await ear.untilSynced(journal.append(record))
    for (let n = 1; n <= 5; n++)
      await ear.untilSynced(
        journal.append(events('tic-tac-toe/gone', ++version, 1, `,"q":"${'x'.repeat(100)}"`)),
      )
    await rest()
  }
  journal.release(['tic-tac-toe/gone'])
  await rest()
}

test('a journal written today has the newest golden bytes', async () => {
  const disk = new MemoryDisk()
  const opened = await openSmall(disk)
  const { ear, journal } = opened
  await rest()
  await append(opened, [...goldenRecords(), ...laterRecords()])
  for (const record of [events('rooms/lobby', 2), ...latestRecords()]) {
    await ear.untilSynced(journal.append(record))
    await rest()
  }
  await journal.close()
  // Zeros are no bytes to keep.
  const written = (await disk.list('/j')).filter((name) => name !== 'BALLAST')
  expect(written).toEqual(readdirSync(newest).sort())
  for (const name of readdirSync(newest))
    expect(disk.bytesOf(`/j/${name}`).toString('hex'), name).toBe(readFileSync(newest + name).toString('hex'))
})

test.each(versions)('the golden journal of format %s opens', async (version) => {
  const golden = goldenOf(version)
  const hasLater = version === '2' || version === '3'
  const disk = new MemoryDisk()
  for (const name of readdirSync(golden)) disk.put(`/j/${name}`, readFileSync(golden + name))
  const { journal, records, recovery } = await openSmall(disk)
  let position = 1
  const expected: string[] = []
  for (const record of [...goldenRecords(), ...(hasLater ? laterRecords() : [])]) {
    for (const one of record.type === 'unit' ? record.parts : [record]) {
      if (one.type === 'events') {
        one.firstPosition = position as Position
        position += one.count
      }
      expected.push(shown(one))
    }
    if (hasLater) position += 5
  }
  if (hasLater) {
    const later = [events('rooms/lobby', 2), ...(version === '3' ? latestRecords() : [])]
    for (const record of later) record.firstPosition = position++ as Position
    const all = await readAll(journal, { after: 0 as Position, through: position as Position })
    expect(all).toEqual([...expected.filter((line) => /^\d/.test(line)), ...later.map(shown)])
    expect(records.filter((line) => /^\d/.test(line))).toEqual(
      all.filter((line) => line.includes(version === '3' ? 'tic-tac-toe/third' : 'rooms/lobby')),
    )
    expect(recovery.asleep.map(({ stream }) => stream)).toEqual([
      'tic-tac-toe/first',
      'liap/Žofie-\u{1F3B2}~1',
      ...(version === '3' ? ['rooms/lobby'] : []),
      'tic-tac-toe/second',
    ])
    expect(recovery.asleep.at(-1)).toMatchObject({ version: 2, lastPosition: 34, players: ['cyd'] })
  } else {
    expect(records).toEqual(expected)
    expect(recovery).toEqual({ lastPosition: 6, lost: [], isClean: true, droppedBytes: 0, asleep: [] })
  }
  await journal.close()
})
