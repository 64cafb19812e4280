import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeLine, encodeLine, envelopeOf } from '../../src/events/codec.js'
import { erasedPlayer, isErased } from '../../src/events/erased-player.js'
import type { EventEnvelope, GameEvent } from '../../src/events/envelope.js'
import { EventLog } from '../../src/events/event-log.js'
import type { Position } from '../../src/events/ids.js'
import { Pseudonym } from '../../src/events/pseudonym.js'

const alias = erasedPlayer(7)
const ann = new Pseudonym('ann', alias)

const eventLine = (event: GameEvent, extras: Parameters<typeof envelopeOf>[8] = {}, final = false): string =>
  encodeLine(envelopeOf('k', 'g', 3, 9 as Position, 17, 1, event, final, extras), JSON.stringify(event))

/** Of one line. */
const erased = (line: string, pseudonym = ann): string | undefined => pseudonym.lines('k', Buffer.from(line))

const decoded = (line: string): EventEnvelope =>
  decodeLine(line.slice(0, -1), 'k', 'g', 9 as Position, undefined)

describe('an alias', () => {
  test('is told from a player by its form alone', () => {
    expect(isErased(erasedPlayer(1))).toBe(true)
    for (const player of ['ann', 'erased:', 'erased:x', 'erased:1 ', 'Erased:1'])
      expect(isErased(player)).toBe(false)
  })
})

describe('the line of an event, without the player', () => {
  test('has the alias in values and keys of the event and in the envelope, and its keys in their order', () => {
    const event = { type: 'Scored', by: 'ann', scores: { ann: 4, bob: 2 }, seats: [['ann'], 'bob'] }
    const outcome = {
      standings: [
        { player: 'ann', place: 1 },
        { player: 'bob', place: 2 },
      ],
      reason: 'points',
    }
    const extras = { actor: 'ann', commandId: 'ann', players: ['ann', 'bob'], outcome }
    expect(erased(eventLine(event, extras, true))).toBe(
      eventLine(event, extras, true).replaceAll('"ann"', `"${alias}"`),
    )
  })

  test('keeps names that hold the id as a part, and other strings', () => {
    const line = eventLine({
      type: 'Said',
      by: 'anna',
      text: 'ann and "ann" and \\ann',
      to: 'bob',
    } as GameEvent)
    expect(erased(line)).toBeUndefined()
    expect(ann.isIn('k', Buffer.from(line))).toBe(false)
    expect(ann.remainsIn(Buffer.from(line))).toBe(1)
  })

  test('has the alias where the id was spelt with escapes', () => {
    const line = '{"v":1,"t":2,"e":{"type":"Said","by":"\\u0061nn","\\u0061nn":"a\\/b"}}\n'
    expect(ann.isIn('k', Buffer.from(line))).toBe(true)
    expect(erased(line)).toBe(`{"v":1,"t":2,"e":{"type":"Said","by":"${alias}","${alias}":"a/b"}}\n`)
  })

  test('stays byte for byte where it is spelt otherwise and does not name the player', () => {
    const line = '{"v":1,"t":2,"e":{"type":"Said","by":"b\\u006fb"}}\n'
    expect(erased(line)).toBeUndefined()
  })

  test('can be read as before, whatever the player is called', () => {
    const event = { type: 'type', player: 'type', type2: { e: 1, v: 2 }, __proto__x: 3 } as GameEvent
    const extras = {
      actor: 'e',
      players: ['v', 'e', 'type'],
      outcome: { standings: [{ player: 'v', place: 1 }] },
    }
    for (const player of ['v', 't', 'e', 'p', 'type', 'standings', 'player', '__proto__']) {
      const line = eventLine(event, extras, true)
      const after = erased(line, new Pseudonym(player, alias)) ?? line
      expect(decoded(after)).toMatchObject({
        version: 3,
        recordedAt: 17,
        final: true,
        event: { type: 'type' },
        outcome: { standings: [{ place: 1 }] },
      })
    }
  })

  test('keeps a key __proto__ of its own', () => {
    const line = '{"v":1,"t":2,"e":{"type":"Said","by":"ann","in":{"__proto__":"ann"}}}\n'
    expect(erased(line)).toBe(line.replaceAll('"ann"', `"${alias}"`))
  })
})

describe('what a game adds', () => {
  const shape = { schema: 2, upcasters: { Said: { 1: (old: GameEvent) => ({ ...old, lifted: true }) } } }
  const eraser = {
    shape,
    erase: (event: GameEvent, player: string, other: string): GameEvent | undefined => {
      const { text } = event as GameEvent & { text?: string }
      return text === undefined
        ? undefined
        : ({ ...event, text: text.replaceAll(player, other) } as GameEvent)
    },
  }
  const withGame = new Pseudonym('ann', alias, (kind) => (kind === 'k' ? eraser : undefined))

  test('is erased in the shape of today, and what equals the id besides', () => {
    const line = eventLine({ type: 'Said', by: 'ann', text: 'ann: hi' } as GameEvent, { players: ['ann'] })
    expect(erased(line, withGame)).toBe(
      `{"v":3,"t":17,"s":2,"p":["${alias}"],"e":{"type":"Said","by":"${alias}","text":"${alias}: hi","lifted":true}}\n`,
    )
  })

  test('is asked for lines that do not name the player, too; without an answer they stay', () => {
    const spoken = eventLine({ type: 'Said', by: 'bob', text: 'well, ann' } as GameEvent)
    expect(erased(spoken, withGame)).toContain(`well, ${alias}`)
    expect(withGame.isIn('k', Buffer.from(spoken))).toBe(true)
    expect(ann.isIn('k', Buffer.from(spoken))).toBe(false)
    expect(erased(eventLine({ type: 'Passed', by: 'bob' } as GameEvent), withGame)).toBeUndefined()
  })

  test('is of its own kind alone', () => {
    const line = eventLine({ type: 'Said', text: 'ann: hi' } as GameEvent)
    expect(withGame.lines('other', Buffer.from(line))).toBeUndefined()
  })

  test('may not change what kind of event it is', () => {
    const changing = { shape, erase: () => ({ type: 'Other' }) }
    const line = eventLine({ type: 'Said', by: 'ann' } as GameEvent)
    expect(() => erased(line, new Pseudonym('ann', alias, () => changing))).toThrow(/must keep the type/)
  })
})

const names = fc.oneof(
  fc.constantFrom('ann', 'anna', 'a"n', 'ä\\', 'e', '\n', '1', '__proto__'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 5 }),
)
const json = (player: string) =>
  fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constant(player),
      names,
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom(true, null),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.oneof(fc.constant(player), names), tie('value'), { maxKeys: 3 }),
    ),
  })).value

const stringsIn = (value: unknown): string[] => {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, member]) => [
    ...(Array.isArray(value) ? [] : [key]),
    ...stringsIn(member),
  ])
}

const playerAndLines = names.chain((player) =>
  fc.tuple(
    fc.constant(player),
    fc.array(
      fc.record({ data: json(player), actor: fc.option(fc.constantFrom(player, 'bob'), { nil: undefined }) }),
      { minLength: 1, maxLength: 4 },
    ),
  ),
)

describe('any lines of any game', () => {
  test('name the player nowhere afterwards, and everything else as before', () => {
    fc.assert(
      fc.property(playerAndLines, ([player, drawn]) => {
        const pseudonym = new Pseudonym(player, alias)
        const before = drawn
          .map(({ data, actor }) => eventLine({ type: 'Did', data } as GameEvent, { actor }))
          .join('')
        const after = pseudonym.lines('k', Buffer.from(before)) ?? before
        const [old, fresh] = [before, after].map((text) =>
          text
            .split('\n')
            .slice(0, -1)
            .map((line) => JSON.parse(line) as { v: number; a?: string; e: { data: unknown } }),
        )
        expect(fresh!.length).toBe(old!.length)
        for (const [at, line] of fresh!.entries()) {
          expect(line.v).toBe(old![at]!.v)
          const [was, is] = [stringsIn([old![at]!.a, old![at]!.e.data]), stringsIn([line.a, line.e.data])]
          expect(is).not.toContain(player)
          // Keys that are numbers stand before others: the alias may stand elsewhere.
          expect(is.sort()).toEqual(was.map((text) => (text === player ? alias : text)).sort())
        }
        expect(pseudonym.isIn('k', Buffer.from(after))).toBe(false)
        expect(pseudonym.isIn('k', Buffer.from(before))).toBe(after !== before)
      }),
      { numRuns: 500 },
    )
  })

  test('make a log of the same versions and positions', () => {
    const log = new EventLog()
    let position = 5
    for (const by of ['ann', 'bob', 'anna', 'ann']) {
      const { offset } = log.append(eventLine({ type: 'Did', by } as GameEvent).repeat(2), 2)
      log.place(offset, position as Position)
      position += 7
    }
    const after = ann.log('k', log)!
    expect(after.version).toBe(8)
    expect(
      [...after.records()].map(({ firstVersion, count, firstPosition }) => [
        firstVersion,
        count,
        firstPosition,
      ]),
    ).toEqual([
      [1, 2, 5],
      [3, 2, 12],
      [5, 2, 19],
      [7, 2, 26],
    ])
    expect(
      [...after.envelopes('k', 'g', undefined)].map(({ event }) => (event as GameEvent & { by: string }).by),
    ).toEqual([alias, alias, 'bob', 'bob', 'anna', 'anna', alias, alias])
    expect(ann.log('k', after)).toBeUndefined()
  })

  test('an envelope says the same as its line', () => {
    const envelope = envelopeOf(
      'k',
      'g',
      3,
      9 as Position,
      17,
      2,
      { type: 'Did', by: 'ann' } as GameEvent,
      false,
      { actor: 'bob' },
    )
    expect(ann.envelope(envelope)).toEqual({ ...envelope, event: { type: 'Did', by: alias } })
    const other = { ...envelope, event: { type: 'Did', by: 'bob' } as GameEvent }
    expect(ann.envelope(other)).toBe(other)
  })

  test('tells whether a command names the player', () => {
    expect(ann.isNamedBy({ type: 'Join', player: 'ann' })).toBe(true)
    expect(ann.isNamedBy({ type: 'Bid', bids: { ann: 3 } })).toBe(true)
    expect(ann.isNamedBy({ type: 'Join', player: 'anna', seats: [1, null] })).toBe(false)
  })
})
