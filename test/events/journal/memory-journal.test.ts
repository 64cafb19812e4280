import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EventLog } from '../../../src/events/event-log.js'
import type { Position, StreamId } from '../../../src/events/ids.js'
import type { EventsRecord } from '../../../src/events/journal/journal.js'
import { memoryJournal } from '../../../src/events/journal/memory-journal.js'
import { events, journalContract, readAll, reopen } from '../../contracts/journal.js'

journalContract('memory journal', async () => {
  const journal = memoryJournal()
  return { journal, afterCrash: async () => journal, dispose: async () => undefined }
})

test('an opening that was taken over is dead: it appends nothing and hears nothing', async () => {
  const journal = memoryJournal()
  const first = await reopen(journal)
  first.journal.append(events('a/1', 1))
  const second = await reopen(journal)
  expect(second.records).toHaveLength(1)
  expect(() => first.journal.append(events('a/1', 2))).toThrow(/abandoned/)
  await second.journal.close()
  expect(first.ear.heard).toEqual([])
})

/** The end of a log as a record that brings its log along, as games in memory do. */
const endOf = (log: EventLog, stream: StreamId, lines: string, count: number): EventsRecord => {
  const { firstVersion, start, end } = log.append(lines, count)
  return {
    type: 'events',
    stream,
    firstVersion,
    count,
    firstPosition: 0 as Position,
    bytes: log.bytes,
    start,
    end,
    log,
  }
}

test('the log of a game that is in memory is shared, not copied', async () => {
  const { journal } = await reopen(memoryJournal())
  const log = new EventLog()
  for (let version = 1; version <= 100; version++) journal.append(endOf(log, 'a/1', `${version}\n`, 1))
  let found = 0
  for await (const { bytes } of journal.read({ stream: 'a/1' })) {
    expect(bytes).toBe(log.bytes)
    found++
  }
  expect(found).toBe(100)
  await journal.close()
})

interface Kept {
  readonly stream: StreamId
  readonly firstVersion: number
  readonly count: number
  readonly firstPosition: number
  lines: string
}

const shownKept = ({ firstPosition, stream, firstVersion, count, lines }: Kept): string =>
  `${firstPosition} ${stream} ${firstVersion}+${count} ${lines}`

const streamsOf = 4
const of = fc.nat({ max: streamsOf - 1 })
const steps = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant('append' as const),
        of,
        count: fc.integer({ min: 1, max: 3 }),
        log: fc.constantFrom('shared' as const, 'shared' as const, 'absent' as const, 'of another' as const),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('release' as const), of }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('mark' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('rewrite' as const), of }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('wake' as const), of }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('read' as const),
        after: fc.nat({ max: 60 }),
        through: fc.nat({ max: 80 }),
      }),
    },
  ),
  { maxLength: 80, size: 'max' },
)

test('a model: shared and copied logs, releases, crashes, wakes and rewriting give back the same records', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      const store = memoryJournal()
      let { journal } = await reopen(store)
      let kept: Kept[] = []
      let position = 0
      let batch = 0
      const lives = Array.from({ length: streamsOf }, () => 0)
      const logs = new Map<StreamId, EventLog>()
      const streamAt = (at: number): StreamId => `k/${at}.${lives[at]!}`
      const ofStream = (stream: StreamId): Kept[] => kept.filter((one) => one.stream === stream)
      const woken = (stream: StreamId): EventLog => {
        const log = new EventLog()
        for (const { lines, count, firstPosition } of ofStream(stream))
          log.place(log.append(lines, count).offset, firstPosition as Position)
        return log
      }
      for (const step of taken) {
        if (step.do === 'append') {
          const stream = streamAt(step.of)
          const lines = 'x\n'.repeat(step.count)
          const log = logs.get(stream) ?? woken(stream)
          const offset = log.byteLength
          const record = endOf(log, stream, lines, step.count)
          const { log: _, ...bare } = record
          const other = new EventLog()
          other.append(lines, step.count)
          journal.append(
            step.log === 'shared' ? record : step.log === 'absent' ? bare : { ...record, log: other },
          )
          log.place(offset, (position + 1) as Position)
          logs.set(stream, log)
          const { firstVersion, count } = record
          kept.push({ stream, firstVersion, count, firstPosition: position + 1, lines })
          position += count
        } else if (step.do === 'release') {
          const stream = streamAt(step.of)
          journal.release([stream])
          kept = kept.filter((one) => one.stream !== stream)
          logs.delete(stream)
          lives[step.of]!++
        } else if (step.do === 'mark') {
          journal.append({ type: 'intent', batch: ++batch, streams: [] })
          if (batch % 3 !== 0) journal.append({ type: 'committed', batch, sha256: '0' })
        } else if (step.do === 'rewrite') {
          // As long as before; and the game goes on for a while with the log that it has.
          const stream = streamAt(step.of)
          await journal.rewrite((record) =>
            record.stream === stream
              ? record.bytes.toString('utf8', record.start, record.end).replaceAll('x', 'y')
              : undefined,
          )
          for (const one of ofStream(stream)) one.lines = one.lines.replaceAll('x', 'y')
        } else if (step.do === 'wake') logs.set(streamAt(step.of), woken(streamAt(step.of)))
        else if (step.do === 'crash') {
          // What a ledger decided that was taken over before it could append.
          for (const log of logs.values()) log.append('never appended\n', 1)
          logs.clear()
          const again = await reopen(store)
          journal = again.journal
          const open = again.records.filter((line) => line.startsWith('intent'))
          const committed = again.records.filter((line) => line.startsWith('committed'))
          expect(again.records.filter((line) => !/^(intent|committed)/.test(line))).toEqual(
            kept.map(shownKept),
          )
          expect(open.length - committed.length).toBeGreaterThanOrEqual(0)
          for (let number = 3; number <= batch; number += 3) expect(open).toContain(`intent ${number} `)
        } else {
          const within = ({ firstPosition, count }: Kept): boolean =>
            firstPosition + count - 1 > step.after && firstPosition <= step.through
          const { after, through } = step
          expect(await readAll(journal, { after: after as Position, through: through as Position })).toEqual(
            kept.filter(within).map(shownKept),
          )
          for (let at = 0; at < streamsOf; at++)
            expect(await readAll(journal, { stream: streamAt(at) })).toEqual(
              ofStream(streamAt(at)).map(shownKept),
            )
        }
      }
    }),
    { numRuns: 300 },
  )
})

test('what is released is forgotten, also among ten thousand records of others, and a reader who began before still meets it', async () => {
  const { journal } = await reopen(memoryJournal())
  const logs = Array.from({ length: 100 }, () => new EventLog())
  for (let n = 0; n < 15_000; n++) {
    const at = n % 100
    journal.append(endOf(logs[at]!, `k/${at}`, `${n}\n`, 1))
  }
  const all = { after: 0 as Position, through: 20_000 as Position }
  const began = journal.read(all)[Symbol.asyncIterator]()
  await began.next()
  for (let at = 0; at < 90; at++) journal.release([`k/${at}`])
  let met = 1
  while ((await began.next()).done !== true) met++
  expect(met).toBe(15_000)
  const left = await readAll(journal, all)
  expect(left).toHaveLength(1_500)
  expect(left[0]).toBe('91 k/90 1+1 90\n')
  expect(await readAll(journal, { after: 14_890 as Position, through: 14_995 as Position })).toHaveLength(15)
  expect(await readAll(journal, { stream: 'k/5' })).toEqual([])
  await journal.close()
})
