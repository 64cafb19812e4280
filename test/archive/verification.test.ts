import { describe, expect, it } from 'vitest'
import { manifestKeyOf, segmentKeyOf } from '../../src/archive/batch-key.js'
import type { ColdStore } from '../../src/archive/cold-store.js'
import { memoryColdStore } from '../../src/archive/stores/memory-cold-store.js'
import { Verification } from '../../src/archive/verification.js'
import { defineGame, type AnyGame } from '../../src/commands/game.js'
import { Notes, openRoom } from './archive-room.js'
import { race, rules, Table } from './played-games.js'

const archived = async (games: number, store = memoryColdStore()) => {
  const table = new Table()
  for (let game = 0; game < games; game++) table.playThrough(`g${game}`)
  const room = await openRoom(store, table, new Notes(), { batchGamesMax: 4 })
  await room.archiver.flush()
  return { store, table, catalog: room.catalog, archive: room.archive }
}

const all = async <Value>(values: AsyncIterable<Value>): Promise<Value[]> => {
  const found: Value[] = []
  for await (const value of values) found.push(value)
  return found
}

/** Puts other bytes in the place of an object, as a failing disk would. */
const damage = async (store: ColdStore, key: string, change: (bytes: Buffer) => void) => {
  const bytes = (await store.get(key))!
  change(bytes)
  await store.delete(key)
  await store.put(key, bytes)
}

describe('verify', () => {
  it('finds nothing wrong with a sound archive, and counts what it saw', async () => {
    const { store } = await archived(10)
    const progress: number[] = []
    const report = await new Verification(store, rules).run({
      deep: true,
      onProgress: ({ games }) => progress.push(games),
    })
    expect(report).toEqual({
      ok: true,
      games: 10,
      events: 60,
      segments: 3,
      problems: [],
      notComparable: 0,
      gone: 0,
      leftOver: 0,
    })
    expect(progress).toEqual([4, 8, 10])
  })

  it('names the game of a flipped byte, and that game alone; the others replay', async () => {
    const { store, catalog, archive, table } = await archived(10)
    const { index } = (await catalog.find('race/g5'))!
    await damage(store, segmentKeyOf(2), (bytes) => {
      bytes[index.offset + 40]! ^= 1
    })
    const { problems, ok, games } = await new Verification(store, rules).run({ deep: true })
    expect([ok, games]).toEqual([false, 10])
    expect(problems).toEqual([
      expect.objectContaining({ code: 'corrupt-segment', game: 'race/g5', key: segmentKeyOf(2) }),
    ])
    for (const [stream, { envelopes }] of table.games) {
      const reading = all(archive.events(stream))
      if (stream === 'race/g5') await expect(reading).rejects.toMatchObject({ code: 'corrupt-segment' })
      else expect(await reading).toEqual(envelopes)
    }
  })

  it('names what is gone: a segment, a manifest', async () => {
    const { store } = await archived(10)
    await store.delete(segmentKeyOf(3))
    await store.delete(manifestKeyOf(2))
    const { problems } = await new Verification(store, rules).run()
    expect(problems.map(({ code, key }) => [code, key])).toEqual([
      ['manifest-missing', manifestKeyOf(2)],
      ['segment-missing', segmentKeyOf(3)],
    ])
  })

  it('names a damaged manifest, and goes on', async () => {
    const { store } = await archived(5)
    await damage(store, manifestKeyOf(1), (bytes) => {
      bytes[60]! ^= 1
    })
    const { problems, games } = await new Verification(store, rules).run()
    expect(problems.map(({ code }) => code)).toEqual(['corrupt-manifest'])
    expect(games).toBe(1)
  })

  it('notices bytes behind the last game', async () => {
    const { store } = await archived(1)
    const bytes = (await store.get(segmentKeyOf(1)))!
    await store.delete(segmentKeyOf(1))
    await store.put(segmentKeyOf(1), Buffer.concat([bytes, Buffer.from('x')]))
    expect((await new Verification(store, rules).run()).problems.map(({ code }) => code)).toEqual([
      'segment-differs',
    ])
  })

  it('deep: compares states where the rules are of the same schema, and counts the others', async () => {
    const { store } = await archived(3)
    const evolved: AnyGame = defineGame({ ...race, evolve: (state) => void (state.moves = 99) })
    const shallow = await new Verification(store, new Map([['race', evolved]])).run()
    expect(shallow.ok).toBe(true)
    const deep = await new Verification(store, new Map([['race', evolved]])).run({ deep: true })
    expect(new Set(deep.problems.map(({ code }) => code))).toEqual(
      new Set(['state-differs', 'players-differ']),
    )
    const newer: AnyGame = defineGame({ ...race, schema: 2 })
    expect(await new Verification(store, new Map([['race', newer]])).run({ deep: true })).toMatchObject({
      ok: true,
      notComparable: 3,
    })
    expect(await new Verification(store, new Map()).run({ deep: true })).toMatchObject({
      ok: true,
      notComparable: 3,
    })
  })

  it('ends when it is told to', async () => {
    const { store } = await archived(3)
    await expect(new Verification(store, rules).run({ signal: AbortSignal.abort() })).rejects.toThrow(
      'aborted',
    )
  })
})

describe('the archive as callers get it', () => {
  it('knows a game by its stream, and by its bare id where only one kind has it', async () => {
    const { archive, table } = await archived(2)
    expect(await archive.has('race/g1')).toBe(true)
    expect(await archive.has('g1')).toBe(true)
    expect(await archive.has('race/g2')).toBe(false)
    expect(await archive.has('chess/g1')).toBe(false)
    expect(await all(archive.events('g1'))).toEqual(table.games.get('race/g1')!.envelopes)
    expect(await all(archive.events('nothing'))).toEqual([])
    expect((await archive.list({ player: 'ann' })).games.map(({ gameId }) => gameId)).toEqual(['g1', 'g0'])
    expect((await archive.verify({ deep: true })).ok).toBe(true)
  })
})
