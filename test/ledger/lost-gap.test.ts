/** After a power loss below `synced` no position that was ever published names another event. */
import {
  CheckpointLostError,
  fileJournal,
  memoryColdStore,
  type Durability,
  type Journal,
  type Ledger,
} from 'gameledger'
import { describe, expect, test } from 'vitest'
import { commandBytesMax, commandEventsMax } from '../../src/commands/decision.js'
import { encodeLine, envelopeOf } from '../../src/events/codec.js'
import type { Position } from '../../src/events/ids.js'
import { MemoryDisk } from '../events/journal/memory-disk.js'
import { noLock } from '../events/journal/small-journal.js'
import { count, open, receiptOf, sit, tagOf } from './opened.js'
import { tally } from './tally-game.js'

const atRisk = 100

/** The control: a journal that is never told that events are at risk. */
const unwarned = (journal: Journal): Journal => ({
  ...journal,
  open: (shard, listener) => journal.open(shard, listener, 0),
})

const openOn = (
  disk: MemoryDisk,
  durability: Durability,
  { logFileBytesMax = 4_096, wrap = (journal: Journal) => journal } = {},
) =>
  open({
    journal: wrap(fileJournal('/j', { disk, lock: noLock, logFileBytesMax })),
    archive: memoryColdStore(),
    durability,
    checks: false,
    unsyncedEventsMax: atRisk,
    adopt: true,
  })

/** A disk whose syncs can be held back: meanwhile what is published is at risk. */
class HeldDisk extends MemoryDisk {
  #gate: Promise<void> = Promise.resolve()
  #release: () => void = () => undefined

  /** The disk that a crash has left. */
  static of(disk: MemoryDisk): HeldDisk {
    const held = new HeldDisk()
    held.seen = disk.seen
    held.durable = disk.durable
    return held
  }

  hold(): void {
    this.#gate = new Promise((resolve) => (this.#release = resolve))
  }

  release(): void {
    this.#release()
  }

  override async open(...given: Parameters<MemoryDisk['open']>) {
    const file = await super.open(...given)
    const sync = file.sync.bind(file)
    file.sync = () => this.#gate.then(sync)
    return file
  }
}

/** What was published as position -> event, by a ledger that then loses its power. */
const publishAndLosePower = async (
  disk: HeldDisk,
  durability: Durability,
  player: string,
  options: { wrap?: (journal: Journal) => Journal } = {},
) => {
  const published = new Map<number, string>()
  const ledger = await openOn(disk, durability, options)
  ledger.events$.subscribe(({ position, event }) => published.set(position, JSON.stringify(event)))
  const game = ledger.game(tally, player)
  receiptOf(await game.dispatch(sit(player)))
  await ledger.settled()
  disk.hold()
  const five = [1, 2, 3, 4, 5].map((amount) => game.dispatch(count(player, amount)))
  for (const answer of await Promise.all(five)) receiptOf(answer)
  return { published, after: disk.afterPowerLoss() }
}

const first = async (ledger: Ledger, checkpoint: number) => {
  for await (const envelope of ledger.eventsFrom(checkpoint)) return envelope
  return undefined
}

describe.each(['memory', 'written'] as const)('at degree %s', (durability) => {
  test('positions that were published and lost are never used again, over several crashes', async () => {
    const published = new Map<number, string>()
    let disk = new HeldDisk()
    for (const player of ['ann', 'bob', 'cyd']) {
      const { published: seen, after } = await publishAndLosePower(disk, durability, player)
      for (const [position, event] of seen) {
        expect(published.get(position) ?? event).toBe(event)
        published.set(position, event)
      }
      disk = HeldDisk.of(after)
    }
    expect(published.size).toBe(3 * 11)
  })

  test('control: a journal that is not told of the risk gives published positions again', async () => {
    const before = await publishAndLosePower(new HeldDisk(), durability, 'ann', { wrap: unwarned })
    const disk = HeldDisk.of(before.after)
    const { published } = await publishAndLosePower(disk, durability, 'bob', { wrap: unwarned })
    expect([...published.keys()].filter((position) => before.published.has(position))).not.toEqual([])
  })

  test('who stands in a lost gap is told, before and after it is passed; who stands before it goes on', async () => {
    const { published, after } = await publishAndLosePower(new HeldDisk(), durability, 'ann')
    const ledger = await openOn(after, durability)
    const kept = ledger.stats().position
    const lost = [...published.keys()].filter((position) => position > kept)
    expect([kept, lost.length]).toEqual([1, 10])
    for (const position of lost) await expect(first(ledger, position)).rejects.toThrow(CheckpointLostError)
    const { position } = receiptOf(await ledger.game(tally, 'next').dispatch(sit('bob')))
    expect(position).toBeGreaterThan(Math.max(...lost))
    for (const at of lost) await expect(first(ledger, at)).rejects.toThrow(CheckpointLostError)
    expect(await first(ledger, kept)).toMatchObject({ position })
    await ledger.close()

    const again = await openOn(after, durability)
    for (const at of lost) await expect(first(again, at)).rejects.toThrow(CheckpointLostError)
    expect(await first(again, kept)).toMatchObject({ position })
    await again.close()
  })

  test('a proper close leaves no gap', async () => {
    const disk = new MemoryDisk()
    const ledger = await openOn(disk, durability)
    receiptOf(await ledger.game(tally, 'a').dispatch(sit('ann')))
    await ledger.close()
    const again = await openOn(disk, durability)
    expect(receiptOf(await again.game(tally, 'a').dispatch(sit('bob'))).position).toBe(2)
    await again.close()
  })

  test('what is at risk is bounded: the surplus is Overloaded, and flows again when the disk does', async () => {
    const disk = new HeldDisk()
    // All in one file: beginning another would wait for the disk.
    const ledger = await openOn(disk, durability, { logFileBytesMax: 256 * 1024 })
    const game = ledger.game(tally, 'a')
    receiptOf(await game.dispatch(sit('ann')))
    await ledger.settled()
    disk.hold()
    const ten = Array<number>(10).fill(1)
    const offered = Array.from({ length: 15 }, () => game.dispatch(count('ann', ...ten)))
    const answers = await Promise.all(offered)
    expect(answers.map(tagOf)).toEqual([
      ...Array<string>(10).fill('Accepted'),
      ...Array<string>(5).fill('Overloaded'),
    ])
    expect(answers[14]).toMatchObject({ left: { bound: 'unsyncedEventsMax', max: atRisk } })
    expect(ledger.stats().commands.eventsUnsynced).toBe(10 * 11)
    disk.release()
    await ledger.settled()
    expect(ledger.stats().commands.eventsUnsynced).toBe(0)
    expect(receiptOf(await game.dispatch(count('ann', 1))).version).toBe(1 + 10 * 11 + 2)
    await ledger.close()
  })
})

test('at degree synced nothing is at risk: no gap is left, and nothing published is lost', async () => {
  const disk = new MemoryDisk()
  const ledger = await openOn(disk, 'synced')
  receiptOf(await ledger.game(tally, 'a').dispatch(sit('ann')))
  const again = await openOn(disk.afterPowerLoss(), 'synced')
  expect(receiptOf(await again.game(tally, 'a').dispatch(sit('bob'))).position).toBe(2)
  await again.close()
})

test('no event line is shorter than what the bound on the events of one command counts with', () => {
  const event = { type: 'A' }
  const shortest = envelopeOf('a', 'a', 1, 0 as Position, 0, 1, event, false, {})
  const { length } = encodeLine(shortest, JSON.stringify(event))
  expect(Math.floor(commandBytesMax / length)).toBe(commandEventsMax)
})
