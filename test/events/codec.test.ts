import { isDeepStrictEqual } from 'node:util'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeLine, encodeLine, envelopeOf, type EnvelopeExtras } from '../../src/events/codec.js'
import type { EventEnvelope } from '../../src/events/envelope.js'
import type { Position } from '../../src/events/ids.js'
import { SchemaTooNewError } from '../../src/events/upcaster.js'

const place = 7 as Position

const envelope = (
  version: number,
  recordedAt: number,
  event: { type: string },
  extras: EnvelopeExtras = {},
  { schema = 1, final = false } = {},
): EventEnvelope => envelopeOf('chess', 'g1', version, place, recordedAt, schema, event, final, extras)

const encoded = (one: EventEnvelope): string => encodeLine(one, JSON.stringify(one.event))
const decoded = (line: string, shape?: { schema: number }) => decodeLine(line, 'chess', 'g1', place, shape)

const [marked, drawn, said, left, closed, idle] = [
  envelope(1, 1763900000000, { type: 'Marked', player: 'ann', cell: 4 } as { type: string }),
  envelope(
    2,
    1763900000001,
    { type: 'Drawn' },
    {
      occurredAt: -1000,
      commandId: 'c"1\n',
      actor: 'bob ♞',
      players: ['ann', 'bob ♞'],
      outcome: {
        standings: [
          { player: 'ann', place: 1, score: 0.5 },
          { player: 'bob ♞', place: 1 },
        ],
        reason: 'board-full',
      },
    },
    { schema: 3, final: true },
  ),
  envelope(3, 0, {
    type: 'Said',
    what: 'line\nfeed \\ \u0001 é 🎲',
    at: [1, -0.25, 1e21, null, true, { deep: [] }],
  } as { type: string }),
  envelope(4, 1763900000000, { type: 'Left' }, { players: [] }),
  envelope(5, 1763900000000, { type: 'Closed' }, {}, { final: true }),
  envelope(3, 1763986400000, { type: '$closed' }, { commandId: 'idle/2' }, { final: true }),
]
const envelopes = [marked, drawn, said, left, closed, idle]

describe('event lines', () => {
  const golden = readFileSync(new URL('../golden/event-line.txt', import.meta.url), 'utf8')
  const lines = golden.trimEnd().split('\n')

  test('are written today as they were checked in', () => {
    expect(envelopes.map(encoded).join('')).toBe(golden)
  })

  test('are read today as they were meant', () => {
    expect(lines.map((line) => decoded(line))).toEqual(envelopes)
  })

  test('absent parts are absent keys', () => {
    expect(Object.keys(decoded(lines[0]!))).toEqual([
      'kind',
      'gameId',
      'version',
      'position',
      'recordedAt',
      'schema',
      'event',
      'final',
    ])
  })

  test('any envelope comes back as it went, on one line', () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 })
    const optional = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined })
    const any = fc.record({
      version: fc.integer({ min: 1 }),
      recordedAt: fc.maxSafeNat(),
      schema: fc.integer({ min: 1, max: 9 }),
      final: fc.boolean(),
      event: fc
        .tuple(text, fc.dictionary(text, fc.jsonValue()))
        .map(
          ([type, rest]): { type: string } =>
            JSON.parse(JSON.stringify({ ...rest, type })) as { type: string },
        ),
      extras: fc.record({
        occurredAt: optional(fc.maxSafeInteger()),
        commandId: optional(text),
        actor: optional(text),
        players: optional(fc.array(text)),
      }),
    })
    fc.assert(
      fc.property(any, ({ version, recordedAt, schema, final, event, extras }) => {
        const one = envelope(version, recordedAt, event, extras, { schema, final })
        const line = encoded(one)
        expect(line.indexOf('\n')).toBe(line.length - 1)
        // An event may have a key named `constructor`, which misleads vitest's own comparison.
        expect(isDeepStrictEqual(decoded(line), one)).toBe(true)
      }),
    )
  })

  test('a line in the midst of a text is read as when it stands alone, plainly written or not', () => {
    // What JSON.parse makes of the whole line; the reader takes a shorter way where the line is as it is mostly written.
    const parsed = (line: string) => {
      const { v, t, e } = JSON.parse(line) as { v: number; t: number; e: { type: string } }
      return envelope(v, t, e)
    }
    const number = fc.oneof(
      fc.nat().map(String),
      fc.constantFrom('0', '1e3', '1.5', '-7', '01', '', '9'.repeat(17)),
    )
    const event = fc.constantFrom(
      '{"type":"A"}',
      '{"type":"A"},"x":{}',
      '{"type":"A"',
      '{"type":"A"}}',
      '{"type":"}"}',
      ' {"type":"A"} ',
    )
    const start = fc.constantFrom('{"v":', '{ "v":', '{"v" :')
    const bounds = fc.string({ unit: 'grapheme', maxLength: 5 })
    let plain = 0
    fc.assert(
      fc.property(start, number, number, event, bounds, bounds, (head, v, t, e, before, after) => {
        const line = `${head}${v},"t":${t},"e":${e}}`
        const read = () =>
          decodeLine(
            before + line + after,
            'chess',
            'g1',
            place,
            undefined,
            before.length,
            before.length + line.length,
          )
        let wanted: EventEnvelope
        try {
          wanted = parsed(line)
        } catch {
          expect(read).toThrow(SyntaxError)
          return
        }
        expect(read()).toEqual(wanted)
        plain++
      }),
      { numRuns: 2_000 },
    )
    expect(plain).toBeGreaterThan(100)
  })

  test.each(['', '{', 'null', '{"v":1,"t":2}', '{"v":"1","t":2,"e":{"type":"A"}}', '{"v":1,"t":2,"e":{}}'])(
    'what is none (%s) is refused',
    (line) => expect(() => decoded(line)).toThrow(),
  )

  test('a line of a newer schema is refused where the rules are known, and kept as it is where they are not', () => {
    expect(() => decoded(lines[1]!, { schema: 2 })).toThrow(SchemaTooNewError)
    expect(decoded(lines[1]!).schema).toBe(3)
  })

  test('upcasters lift step by step, and pass over steps that changed nothing', () => {
    const shape = {
      schema: 4,
      upcasters: {
        Marked: { 1: () => ({ type: 'Placed', n: 1 }) },
        Placed: { 3: ({ n }: { n: number }) => ({ type: 'Placed', n: n + 10 }) },
      },
    }
    const lifted = decodeLine(lines[0]!, 'chess', 'g1', place, shape)
    expect(lifted).toMatchObject({ schema: 4, event: { type: 'Placed', n: 11 } })
  })
})
