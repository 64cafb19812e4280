import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { CorruptSegmentError } from '../../src/archive/archive-error.js'
import { unpackLog } from '../../src/archive/archived-log.js'
import { canonicalJson } from '../../src/archive/canonical-json.js'
import { buildSegment, membersOf } from '../../src/archive/segment.js'
import { EventLog } from '../../src/events/event-log.js'
import { race, rules, Table } from './played-games.js'

const anyTool = 'zcat'

const interleaved = (): Table => {
  const table = new Table()
  table.join('b', ['ann', 'bob'])
  table.join('a', ['cat', 'dan'])
  table.score('b', 'ann', 1)
  table.score('a', 'cat', 2)
  table.score('a', 'dan', 3)
  table.finish('b', 'ann')
  table.finish('a', 'dan')
  return table
}

describe('a segment', () => {
  it('gives each game back, by its place alone', async () => {
    const table = interleaved()
    const { bytes, members } = await buildSegment([...table.games.values()], rules)
    expect(members.map(({ header }) => header.gameId)).toEqual(['a', 'b'])
    for (const { offset, length, header } of members) {
      const log = await unpackLog(bytes.subarray(offset, offset + length), 'key', offset)
      const played = table.games.get(`race/${header.gameId}`)!
      expect([...log.envelopes(race)]).toEqual(played.envelopes)
      expect([...log.envelopes(undefined)]).toEqual(played.envelopes)
      expect(header.hash).toBe(createHash('sha256').update(log.lines).digest('hex'))
    }
  })

  it('tells in the header what can be known without rules', async () => {
    const { members } = await buildSegment([...interleaved().games.values()], rules)
    expect(members[1]!.header).toMatchObject({
      format: 1,
      kind: 'race',
      gameId: 'b',
      players: ['ann', 'bob'],
      outcome: { standings: [{ player: 'ann', place: 1, score: 3 }] },
      versions: 4,
      positions: [1, 1, 3, 3],
      schema: 1,
    })
  })

  it('takes players from what the ledger wrote, never from within an event', async () => {
    const table = new Table()
    table.join('a', ['ann', 'bob'])
    const misleading = { type: 'Scored', player: 'ann', points: 1, p: ['eve'], note: '","p":["eve"],"e":' }
    table.play('a', [misleading], { commandId: ',"p":["eve"],"e":{' })
    table.play('a', [misleading], { players: ['ann', 'bob', 'cat'], actor: ',"e":' })
    table.play('a', [misleading, misleading])
    const game = table.finish('a', 'ann')
    const { members } = await buildSegment([game], rules)
    expect(members[0]!.header.players).toEqual(['ann', 'bob', 'cat'])
  })

  it('gives the state in memory the same hash as its fold', async () => {
    const game = interleaved().games.get('race/a')!
    const state = { players: ['cat', 'dan'], points: { cat: 2, dan: 3 }, moves: 2, isOver: true }
    const [folded, held, other] = await Promise.all(
      [{}, { final: { state } }, { final: { state: { ...state, moves: 3 } } }].map(async (final) => {
        const { members } = await buildSegment([{ ...game, ...final }], rules)
        return members[0]!.header.stateHash
      }),
    )
    expect(held).toBe(folded)
    expect(other).not.toBe(folded)
  })

  it('is lines of JSON to zcat', async () => {
    const { bytes } = await buildSegment([...interleaved().games.values()], rules)
    const lines = execFileSync(anyTool, { input: bytes }).toString().trimEnd().split('\n')
    const parsed = lines.map((line) => JSON.parse(line) as { kind?: string; e?: { type: string } })
    expect(parsed.filter(({ kind }) => kind === 'race')).toHaveLength(2)
    expect(parsed.filter(({ e }) => e !== undefined)).toHaveLength(9)
  })

  it('keeps games whose rules are not given, or throw, without a hash of their state', async () => {
    const table = interleaved()
    const stranger = table.join('x', ['eve', 'fay'], 'stranger')
    table.play('x', [{ type: 'Ended' }], { final: true }, 'stranger')
    table.join('broken', ['ann'])
    const broken = table.play('broken', [{ type: 'NeverHeardOf' }], { final: true })
    const { members } = await buildSegment([stranger, broken], rules)
    expect(members.map(({ header }) => header.stateHash)).toEqual([undefined, undefined])
    expect(members.map(({ header }) => header.players)).toEqual([['ann'], ['eve', 'fay']])
  })

  it('refuses a game that is not over', async () => {
    const table = new Table()
    const game = table.join('a', ['ann'])
    await expect(buildSegment([game], rules)).rejects.toThrow(TypeError)
    await expect(buildSegment([{ stream: 'race/empty', log: new EventLog() }], rules)).rejects.toThrow(
      TypeError,
    )
  })

  it('never blocks the event loop for long', async () => {
    const table = new Table()
    for (let game = 0; game < 100; game++) table.playThrough(`g${game}`, ['ann', 'bob'], 200)
    let turns = 0
    let isDone = false
    const count = (): void => {
      turns++
      if (!isDone) setImmediate(count)
    }
    setImmediate(count)
    await buildSegment([...table.games.values()], rules)
    isDone = true
    expect(turns).toBeGreaterThan(100)
  })

  it('is found again member by member without an index', async () => {
    const { bytes, members } = await buildSegment([...interleaved().games.values()], rules)
    expect(membersOf(bytes, 'key')).toEqual(members)
  })

  it('shows every flipped byte of a member, or gives the same lines', async () => {
    const { bytes, members } = await buildSegment([...interleaved().games.values()], rules)
    const { offset, length } = members[0]!
    const whole = gunzipSync(bytes.subarray(offset, offset + length))
    for (let at = 0; at < length; at++) {
      const flipped = Buffer.from(bytes.subarray(offset, offset + length))
      flipped[at]! ^= 0x10
      const log = await unpackLog(flipped, 'key', offset).catch((cause: unknown) => cause)
      if (log instanceof Error) expect(log).toBeInstanceOf(CorruptSegmentError)
      else
        expect(whole.subarray(-(log as { lines: Buffer }).lines.length)).toEqual(
          (log as { lines: Buffer }).lines,
        )
    }
  })
})

describe('canonical JSON', () => {
  it('does not depend on the order of keys, entries and members', () => {
    expect(canonicalJson({ b: 1, a: { d: undefined, c: [1, undefined] } })).toBe('{"a":{"c":[1,null]},"b":1}')
    const one = new Map<string, unknown>([
      ['x', new Set([2, 1])],
      ['a', 1n],
    ])
    const other = new Map<string, unknown>([
      ['a', 1n],
      ['x', new Set([1, 2])],
    ])
    expect(canonicalJson(one)).toBe(canonicalJson(other))
    expect(canonicalJson(one)).toBe('{"$map":[["a",{"$bigint":"1"}],["x",{"$set":[1,2]}]]}')
  })

  it('is JSON for JSON values', () => {
    const value = { z: [null, true, 'ä\n'], a: { '': 1.5, k: '' } }
    expect(JSON.parse(canonicalJson(value))).toEqual(value)
    expect(canonicalJson(new Date(0))).toBe('"1970-01-01T00:00:00.000Z"')
    expect(canonicalJson(undefined)).toBe('null')
    expect(canonicalJson(new Uint8Array([1, 2]))).toBe('[1,2]')
  })
})
