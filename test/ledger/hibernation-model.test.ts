import fc from 'fast-check'
import type { Disk } from 'gameledger/testing'
import { expect, test } from 'vitest'
import { unsyncedWhereCarried } from '../support/unsynced-carried-games.js'
import { gamesOf, roomsOf, Sleepers, type Bounds, type Draw, type Step } from './sleepers.js'

const commandId = fc.option(fc.nat(5), { nil: undefined })
const draw: fc.Arbitrary<Draw> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      nth: fc.nat(gamesOf - 1),
      act: fc.constantFrom('turn' as const, 'turn-for-long' as const, 'touch' as const, 'touch' as const),
      commandId,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      nth: fc.nat(roomsOf - 1),
      act: fc.constantFrom('create' as const, 'create' as const, 'join' as const, 'leave' as const),
      commandId,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ nth: fc.nat(gamesOf - 1), act: fc.constant('smash' as const), commandId }),
  },
)
const draws = fc.array(draw, { minLength: 1, maxLength: 5 })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ type: fc.constant('commands' as const), draws }) },
  {
    weight: 8,
    arbitrary: fc.record({ type: fc.constant('pass' as const), ms: fc.constantFrom(60, 100, 400) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('look' as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('close' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constantFrom('power-loss' as const, 'kill' as const),
      draws: fc.array(draw, { maxLength: 4 }),
      turns: fc.nat(300),
    }),
  },
)
const steps = fc.array(step, { minLength: 10, maxLength: 30, size: 'max' })
const bounds: fc.Arbitrary<Bounds> = fc.record({
  gamesLiveMax: fc.integer({ min: 1, max: 3 }),
  roomsLiveMax: fc.integer({ min: 1, max: 2 }),
  durability: fc.constantFrom('synced' as const, 'synced' as const, 'written' as const),
  seed: fc.nat(),
})

/** Returns how many games and rooms have hibernated. */
const play = async (
  bounded: Bounds,
  taken: readonly Step[],
  change?: (disk: Disk) => Disk,
): Promise<number> => {
  const sleepers = new Sleepers(bounded, change)
  await sleepers.open()
  for (const each of taken) await sleepers.take(each)
  await sleepers.end()
  await sleepers.close()
  return sleepers.hibernated
}

test(
  'whatever hibernates wakes as it was, over power losses: state, version, deadline, and what each command id was answered',
  { timeout: 120_000 },
  async () => {
    let hibernated = 0
    await fc.assert(
      fc.asyncProperty(bounds, steps, async (bounded, taken) => {
        hibernated += await play(bounded, taken)
      }),
      { numRuns: 60 },
    )
    expect(hibernated).toBeGreaterThan(60)
  },
)

test(
  'where games that were carried are not synced, the same finds a loss',
  { timeout: 120_000 },
  async () => {
    const unsynced = (disk: Disk): Disk => ({
      open: async (path, mode) => {
        const file = await disk.open(path, mode)
        return { ...file, ...unsyncedWhereCarried(file) }
      },
      list: (directory) => disk.list(directory),
      rename: (from, to) => disk.rename(from, to),
      remove: (path) => disk.remove(path),
      makeDirectory: (directory) => disk.makeDirectory(directory),
      syncDirectory: (directory) => disk.syncDirectory(directory),
    })
    const { failed, errorInstance } = await fc.check(
      fc.asyncProperty(bounds, steps, async (bounded, taken) => {
        await play(bounded, taken, unsynced)
      }),
      { numRuns: 200, endOnFailure: true },
    )
    expect(failed).toBe(true)
    expect(String(errorInstance)).toMatch(/corrupt-log|is lost/)
  },
)
