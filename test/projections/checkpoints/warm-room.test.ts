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

it('what saving throws is thrown', async () => {
  const refused = () => {
    throw new Error('refused')
  }
  await expect(new WarmRoom().save(refused)).rejects.toThrow('refused')
})
