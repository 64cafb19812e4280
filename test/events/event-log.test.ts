import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeLine, envelopeOf } from '../../src/events/codec.js'
import type { EventEnvelope } from '../../src/events/envelope.js'
import { EventLog } from '../../src/events/event-log.js'
import type { Position } from '../../src/events/ids.js'
import { RecentEvents } from '../../src/events/recent-events.js'

const envelopeAt = (version: number, position: number, text = ''): EventEnvelope =>
  envelopeOf(
    'k',
    'g',
    version,
    position as Position,
    1,
    1,
    { type: 'Said', text } as { type: string },
    false,
    {},
  )

const records = fc.array(
  fc.record({
    texts: fc.array(fc.string({ unit: 'binary', maxLength: 60 }), { minLength: 1, maxLength: 5 }),
    gap: fc.nat({ max: 3 }),
  }),
  { maxLength: 40 },
)

describe('the log of a game', () => {
  test('gives back what was appended, from any version to any other, with its positions', () => {
    fc.assert(
      fc.property(records, fc.nat({ max: 30 }), fc.nat({ max: 120 }), (appended, from, to) => {
        const log = new EventLog()
        const all: EventEnvelope[] = []
        let position = 0
        for (const { texts, gap } of appended) {
          const firstPosition = (position + gap + 1) as Position
          const added = texts.map((text, nth) => envelopeAt(all.length + nth + 1, firstPosition + nth, text))
          const lines = added.map((one) => encodeLine(one, JSON.stringify(one.event))).join('')
          log.place(log.append(lines, added.length).offset, firstPosition)
          all.push(...added)
          position = firstPosition + texts.length - 1
        }
        expect(log.version).toBe(all.length)
        const asked = [...log.envelopes('k', 'g', undefined, from, to)]
        expect(asked).toEqual(all.filter(({ version }) => version >= from && version <= to))
        for (const version of [0, from, all.length, all.length + 1])
          expect(log.positionOf(version)).toBe(all[version - 1]?.position ?? 0)
        expect([...log.records()].map(({ count }) => count)).toEqual(
          appended.map(({ texts }) => texts.length),
        )
      }),
    )
  })

  test.each([
    ['255 events', 255, 1],
    ['256 events', 256, 1],
    ['lines of 65 534 bytes', 1, 65_534],
    ['lines of 65 535 bytes', 1, 65_535],
    ['100 000 events', 100_000, 3],
  ])('has room for a record of %s among others', (_, count, length) => {
    const log = new EventLog()
    const large = count === 1 ? `${'x'.repeat(length - 1)}\n` : 'x\n'.repeat(count)
    const expected = ['a\n', large, 'b\n'].map((lines) => {
      const added = lines === large ? count : 1
      const { offset } = log.append(lines, added)
      log.place(offset, (2 ** 47 + offset) as Position)
      return { lines, count: added, firstPosition: 2 ** 47 + offset }
    })
    const found = [...log.records()].map((one) => ({
      lines: log.bytes.toString('utf8', one.start, one.end),
      count: one.count,
      firstPosition: one.firstPosition,
    }))
    expect(found).toEqual(expected)
    expect(log.version).toBe(count + 2)
  })

  test('tells of its records and copies their lines without a word between them, large ones among small ones', () => {
    const line = (text: string): string => `${JSON.stringify(text)}\n`
    const small = fc.tuple(fc.constant(1), fc.string({ maxLength: 60 }).map(line))
    const long = fc.tuple(
      fc.constant(1),
      fc.constantFrom(65_530, 70_000).map((length) => line('x'.repeat(length))),
    )
    const many = fc.tuple(fc.constant(300), fc.constant(line('y').repeat(300)))
    const appended = fc.array(fc.oneof({ weight: 6, arbitrary: small }, long, many), { maxLength: 12 })
    fc.assert(
      fc.property(appended, fc.nat({ max: 12 }), (all, some) => {
        const log = new EventLog()
        const ends = [0]
        for (const [at, [count, lines]] of all.entries()) {
          log.place(log.append(lines, count).offset, (10 * at + 1) as Position)
          ends.push(log.byteLength)
        }
        const told: unknown[] = []
        const tell = (position: number, count: number, start: number, end: number): unknown =>
          told.push({ firstPosition: position, count, start, end })
        const through = Math.min(some, all.length)
        log.visit(tell, ends[through])
        const read = [...log.records()].map(({ firstPosition, count, start, end }) => ({
          firstPosition,
          count,
          start,
          end,
        }))
        expect(told).toEqual(read.slice(0, through))
        const room = Buffer.alloc(log.byteLength)
        const text = all.map(([, lines]) => lines).join('')
        expect(room.toString('utf8', 0, log.copyLines(room))).toBe(text)
      }),
    )
  })

  test('has no position until it is placed', () => {
    const log = new EventLog()
    const { offset } = log.append(encodeLine(envelopeAt(1, 0), '{"type":"Said"}'), 1)
    expect(log.positionOf(1)).toBe(0)
    log.place(offset, 9 as Position)
    expect(log.positionOf(1)).toBe(9)
  })

  test("is nobody else's, however small: logs grow side by side, and are placed later", () => {
    const one = fc.record({ of: fc.nat({ max: 5 }), length: fc.nat({ max: 200 }) })
    fc.assert(
      fc.property(fc.array(one, { maxLength: 60 }), (appended) => {
        const logs = Array.from({ length: 6 }, () => new EventLog())
        const texts = logs.map((): string[] => [])
        const placed: (() => void)[] = []
        const lent: { bytes: Buffer; start: number; end: number; lines: string }[] = []
        for (const [at, { of, length }] of appended.entries()) {
          const log = logs[of]!
          const lines = `${String(at).padEnd(length, 'x')}\n`
          const { offset, start, end } = log.append(lines, 1)
          lent.push({ bytes: log.bytes, start, end, lines })
          placed.push(() => log.place(offset, (at + 1) as Position))
          texts[of]!.push(`${lines}@${at + 1}`)
        }
        for (const place of placed) place()
        for (const [of, log] of logs.entries()) {
          const { bytes } = log
          const found = [...log.records()].map(
            ({ start, end, firstPosition }) => `${bytes.toString('utf8', start, end)}@${firstPosition}`,
          )
          expect(found).toEqual(texts[of])
        }
        // The journal reads what was lent to it when its turn comes.
        for (const { bytes, start, end, lines } of lent)
          expect(bytes.toString('utf8', start, end)).toBe(lines)
      }),
    )
  })

  test('wastes at most a ninth of its bytes once it is large, and a fifth before', () => {
    const log = new EventLog()
    for (let version = 1; version <= 500; version++) {
      log.append(encodeLine(envelopeAt(version, 0), '{"type":"Said"}'), 1)
      const most = log.byteLength > 5 * 1024 ? 1.126 : 1.251
      if (log.byteLength > 1024) expect(log.bytes.length).toBeLessThanOrEqual(most * log.byteLength)
    }
  })
})

describe('the recent events', () => {
  test('give all events after a position, or say that they do not reach back so far', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.nat({ max: 5 }),
        fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 40 }),
        (max, head, steps) => {
          const recent = new RecentEvents(head as Position, max)
          const all: EventEnvelope[] = []
          let position = head
          for (const [nth, step] of steps.entries()) {
            position += step
            const envelope = envelopeAt(nth + 1, position)
            all.push(envelope)
            recent.push(envelope)
          }
          expect(recent.head).toBe(position)
          for (let after = 0; after <= position; after++) {
            const given = recent.after(after as Position)
            const wanted = all.filter((one) => one.position > after)
            if (given) expect(given).toEqual(wanted)
            else expect(after < head || wanted.length > max).toBe(true)
            if (after >= head && wanted.length <= max) expect(given).toBeDefined()
            expect(given?.length ?? 0).toBeLessThanOrEqual(2 * max)
          }
        },
      ),
    )
  })

  test('wake who waits for the next event, the end or a signal', async () => {
    const recent = new RecentEvents(0 as Position, 4)
    const stopping = new AbortController()
    const woken: string[] = []
    const waits = [
      recent.next(stopping.signal).then(() => woken.push('signal')),
      recent.next(undefined).then(() => woken.push('event')),
    ]
    stopping.abort()
    await waits[0]
    expect(woken).toEqual(['signal'])
    recent.push(envelopeAt(1, 1))
    await waits[1]
    const end = recent.next(undefined)
    recent.end()
    await end
    await recent.next(undefined)
    expect(recent.isOver).toBe(true)
  })
})
