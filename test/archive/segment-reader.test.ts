import { describe, expect, it } from 'vitest'
import { GamePlace } from '../../src/archive/game-place.js'
import { GameSource } from '../../src/archive/history-source.js'
import { SegmentReader } from '../../src/archive/segment-reader.js'
import { memoryColdStore } from '../../src/archive/stores/memory-cold-store.js'
import type { EventEnvelope } from '../../src/events/envelope.js'
import { streamIdOf } from '../../src/events/ids.js'
import { Notes, openRoom } from './archive-room.js'
import { race, Table } from './played-games.js'

const games = 48
const gamesEach = 6

/** Every second batch has a player whose name is not ASCII. */
const nameOf = (game: number): string => (Math.floor(game / gamesEach) % 2 === 0 ? 'ann' : 'Zoë ♞')

const archived = async () => {
  const table = new Table()
  for (let game = 0; game < games; game++) {
    const id = `g${String(game).padStart(2, '0')}`
    table.join(id, [nameOf(game), 'bob'])
    for (let move = 0; move < 10; move++) table.score(id, nameOf(game), move)
    table.finish(id, nameOf(game))
  }
  const store = memoryColdStore()
  const room = await openRoom(store, table, new Notes(), { batchGamesMax: gamesEach })
  await room.archiver.flush()
  return { table, store, catalog: room.catalog }
}

const readAll = async (
  { catalog, ...rest }: Awaited<ReturnType<typeof archived>>,
  unpackedBytesMax?: number,
) => {
  const reader = new SegmentReader(rest.store, async () => undefined, unpackedBytesMax)
  const sources: GameSource[] = []
  let held = 0
  for (const { batch } of catalog.batches()) {
    const manifest = await catalog.manifestOf(batch)
    for (const [nth, game] of manifest.games.entries()) {
      const place = new GamePlace(streamIdOf(game.kind, game.gameId), manifest.segment, game.offset)
      sources.push(new GameSource(await reader.read(manifest, game, nth), place, race))
      held = Math.max(held, reader.bytesHeld)
    }
    reader.complete(batch)
  }
  const events = new Map<string, EventEnvelope[]>()
  while (sources.some(({ position }) => position !== Infinity))
    for (const source of sources) {
      if (source.position === Infinity) continue
      const envelope = source.take()
      const stream = streamIdOf(envelope.kind, envelope.gameId)
      events.set(stream, [...(events.get(stream) ?? []), envelope])
    }
  return { events, held, reader }
}

describe('a segment reader', () => {
  it('opens segments whole, and lets go of them when their games are at their end', async () => {
    const room = await archived()
    const { events, held, reader } = await readAll(room)
    for (const { stream, envelopes } of room.table.games.values())
      expect(events.get(stream)).toEqual(envelopes)
    expect(held).toBeGreaterThan(0)
    expect(reader.bytesHeld).toBe(0)
  })

  it('holds no more than its bound: games whose segment goes keep what they have not read', async () => {
    const room = await archived()
    const whole = (await readAll(room)).held
    // A segment is read whole where it is a quarter of the bound at most: but for one all have room.
    const bound = whole - 1
    const { events, held } = await readAll(room, bound)
    expect(held).toBeGreaterThan(whole / 2)
    expect(held).toBeLessThanOrEqual(bound)
    for (const { stream, envelopes } of room.table.games.values())
      expect(events.get(stream)).toEqual(envelopes)
  })

  it('reads games alone where their segment is too large to be opened', async () => {
    const room = await archived()
    const { events, held } = await readAll(room, 100)
    expect(held).toBe(0)
    for (const { stream, envelopes } of room.table.games.values())
      expect(events.get(stream)).toEqual(envelopes)
  })
})
