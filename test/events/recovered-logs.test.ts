/** Records of many games, in the order of a journal, become the logs that would have grown had they been appended. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EventLog } from '../../src/events/event-log.js'
import type { Position } from '../../src/events/ids.js'
import { RecoveredLogs } from '../../src/events/recovered-logs.js'

const records = fc.array(
  fc.record({
    stream: fc.constantFrom('k/a', 'k/b', 'k/c'),
    lines: fc.array(
      // The long ones do not fit into what is set aside for many records.
      fc.oneof(
        { weight: 30, arbitrary: fc.string({ maxLength: 60 }) },
        { weight: 1, arbitrary: fc.constantFrom('x'.repeat(400_000), 'y'.repeat(1_500_000)) },
      ),
      { minLength: 1, maxLength: 4 },
    ),
  }),
  { maxLength: 60 },
)

const shown = (log: EventLog) =>
  [...log.records()].map(({ firstVersion, count, firstPosition, start, end }) => ({
    firstVersion,
    count,
    firstPosition,
    lines: log.bytes.toString('utf8', start, end),
  }))

test('each log has its records, in order, and goes on from there', () => {
  fc.assert(
    fc.property(records, (recovered) => {
      const logs = new RecoveredLogs()
      const expected = new Map<string, { log: EventLog; lastPosition: number }>()
      let position = 1
      for (const { stream, lines } of recovered) {
        const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
        const log = expected.get(stream)?.log ?? new EventLog()
        const firstPosition = position as Position
        const { firstVersion, offset } = log.append(text, lines.length)
        log.place(offset, firstPosition)
        position += lines.length
        expected.set(stream, { log, lastPosition: position - 1 })
        const bytes = Buffer.from(`..${text}..`)
        const [start, end] = [2, bytes.length - 2]
        const count = lines.length
        logs.add({ type: 'events', stream, firstVersion, count, firstPosition, bytes, start, end })
        bytes.fill(0)
      }
      const taken = [...logs.take()]
      expect(taken.map(({ stream }) => stream)).toEqual([...expected.keys()])
      for (const { stream, log, lastPosition } of taken) {
        const { log: grown, lastPosition: last } = expected.get(stream)!
        expect(lastPosition).toBe(last)
        expect(log.bytes.length).toBe(log.byteLength)
        for (const each of [log, grown]) each.append('"one more"\n', 1)
        expect(log.version).toBe(grown.version)
        expect(shown(log)).toEqual(shown(grown))
      }
      expect([...logs.take()]).toEqual([])
    }),
    { numRuns: 50 },
  )
})
