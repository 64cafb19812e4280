import { expect, it } from 'vitest'
import type { Position } from '../../../src/events/ids.js'
import { WarmRoom } from '../../../src/projections/checkpoints/warm-room.js'
import type { SaveRoom } from '../../../src/projections/projection.js'

const modelOf = (bytes: number) => (room: SaveRoom) => ({
  version: '1',
  position: 1 as Position,
  recordedAt: 1,
  model: room(bytes).fill(7),
})

it('models of any size are copied into one memory, which grows before it is written into', async () => {
  const room = new WarmRoom()
  const memories = new Set<ArrayBufferLike>()
  let turns = 0
  const timer = setInterval(() => turns++, 0)
  for (const bytes of [10, 5_000_001, 4_000_000, 5_100_000, 3, 7_000_000, 6_000_000]) {
    const { model } = await room.save(modelOf(bytes))
    expect(model.length).toBe(bytes)
    expect(model[bytes - 1]).toBe(7)
    memories.add(model.buffer)
  }
  clearInterval(timer)
  expect(memories.size).toBe(3)
  expect(turns).toBeGreaterThan(0)
})

it('parts of a model are put together as they stand one behind the other, whatever was there before', async () => {
  const room = new WarmRoom()
  for (const sizes of [[1, 0, 2], [400_000, 300_000], [5, 200_000, 7], []]) {
    const parts = sizes.map((size, at) => new Uint8Array(size).fill(at + size))
    expect((await room.join(parts)).equals(Buffer.concat(parts))).toBe(true)
  }
})

it('what saving throws is thrown', async () => {
  const refused = () => {
    throw new Error('refused')
  }
  await expect(new WarmRoom().save(refused)).rejects.toThrow('refused')
})
