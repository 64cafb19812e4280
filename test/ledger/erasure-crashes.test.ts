/**
 * An erasure that dies at any of its steps, of journal or archive: the ledger opens again, every event is there, and the
 * same erasure run once more ends it under the same number.
 */
import { isLeft } from 'fp-ts/lib/Either.js'
import {
  fileJournal,
  memoryColdStore,
  openLedger,
  standardBoards,
  type ColdStore,
  type EventEnvelope,
} from 'gameledger'
import { manualClock } from 'gameledger/testing'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { Disk } from '../../src/events/journal/disk.js'
import { MemoryDisk } from '../events/journal/memory-disk.js'
import { noLock } from '../events/journal/small-journal.js'
import { talking, type TalkCommand } from './talking-game.js'

const name = 'Zaphod'

class Dead extends Error {}

/** Counts what changes disk or store; from one of these on nothing happens any more. */
class Fuse {
  steps = 0
  /** Given when it has blown: a store that is dead would be asked again for ever. */
  readonly blown = new AbortController()
  readonly #last: number

  constructor(last = Infinity) {
    this.#last = last
  }

  step(): void {
    if (this.steps < this.#last) {
      this.steps++
      return
    }
    this.blown.abort(new Dead('The process is dead.'))
    throw new Dead('The process is dead.')
  }
}

const fused = (disk: MemoryDisk, fuse: Fuse): Disk => ({
  open: async (path, mode) => {
    if (mode === 'create') fuse.step()
    const file = await disk.open(path, mode)
    return {
      size: () => file.size(),
      read: (...given) => file.read(...given),
      write: async (...given) => {
        fuse.step()
        return file.write(...given)
      },
      sync: async () => {
        fuse.step()
        await file.sync()
      },
      close: () => file.close(),
    }
  },
  list: (directory) => disk.list(directory),
  rename: async (from, to) => {
    fuse.step()
    await disk.rename(from, to)
  },
  remove: async (path) => {
    fuse.step()
    await disk.remove(path)
  },
  makeDirectory: () => disk.makeDirectory(),
  syncDirectory: async (directory) => {
    fuse.step()
    await disk.syncDirectory(directory)
  },
})

const fusedStore = (store: ColdStore, fuse: Fuse): ColdStore => ({
  ...store,
  put: async (key, bytes) => {
    fuse.step()
    return store.put(key, bytes)
  },
  delete: async (key) => {
    fuse.step()
    await store.delete(key)
  },
  close: () => Promise.resolve(),
})

const objectsOf = async (store: ColdStore): Promise<Map<string, Buffer>> => {
  const objects = new Map<string, Buffer>()
  for await (const key of store.list('')) objects.set(key, (await store.get(key))!)
  return objects
}

const storeOf = async (objects: ReadonlyMap<string, Buffer>): Promise<ColdStore> => {
  const store = memoryColdStore()
  for (const [key, bytes] of objects) await store.put(key, bytes)
  return store
}

const open = (disk: Disk, archive: ColdStore) =>
  openLedger({
    games: [talking],
    journal: fileJournal('/j', { disk, lock: noLock, logFileBytesMax: 2_048 }),
    archive,
    projections: { ...standardBoards(talking) },
    clock: manualClock(),
    batchGamesMax: 2,
    closeDeadlineMs: 1,
  })

const seated = (...players: readonly string[]): TalkCommand[] =>
  players.map((player) => ({ type: 'Sit', player }))

type Opened = Awaited<ReturnType<typeof open>>

const send = async (ledger: Opened, id: string, ...commands: readonly TalkCommand[]): Promise<void> => {
  for (const command of commands) {
    const answer = await ledger.game(talking, id).dispatch(command)
    if (isLeft(answer)) throw new Error(JSON.stringify(answer.left))
  }
}

/** Archived games of theirs and of others, a live one, and one that will sleep. */
const play = async (): Promise<{ disk: MemoryDisk; objects: Map<string, Buffer> }> => {
  const disk = new MemoryDisk()
  const archive = memoryColdStore()
  const ledger = await open(disk, archive)
  await send(ledger, 'lasting', ...seated(name, 'Bea'))
  for (let n = 1; n <= 6; n++) {
    const names = n % 2 === 0 ? ['Cid', 'Bea'] : ['Cid', name]
    await send(ledger, `game${n}`, ...seated(...names), { type: 'Say', player: 'Cid', text: 'x'.repeat(600) })
    await send(ledger, `game${n}`, { type: 'Finish' })
    await ledger.settled()
  }
  await send(ledger, 'now', ...seated('Bea', name))
  await ledger.close()
  return { disk, objects: await objectsOf(archive) }
}

const eventsOf = async (ledger: Opened): Promise<EventEnvelope[]> => {
  const events: EventEnvelope[] = []
  const { position } = ledger.stats()
  for await (const envelope of ledger.eventsFrom(0)) {
    events.push(envelope)
    if (envelope.position >= position) break
  }
  return events
}

const namedIn = async (disk: MemoryDisk, store: ColdStore): Promise<string[]> => {
  const named: string[] = []
  for (const file of await disk.list('/j')) if (disk.bytesOf(`/j/${file}`).includes(name)) named.push(file)
  for (const [key, bytes] of await objectsOf(store))
    if ((key.endsWith('.gz') ? gunzipSync(bytes) : bytes).includes(name)) named.push(key)
  return named
}

test(
  'a second erasure ends what the first one left, at whatever step it died',
  { timeout: 120_000 },
  async () => {
    const start = await play()
    const whole = await open(start.disk.afterKill(), await storeOf(start.objects))
    const before = await eventsOf(whole)
    const scores = whole.views.wins.top(10).filter(({ player }) => player !== name)
    await whole.close()
    const after = JSON.parse(JSON.stringify(before).replaceAll(name, 'erased:1')) as unknown

    /** Returns how many steps it took, opening and closing included. */
    const die = async (fuse: Fuse, disk: MemoryDisk, store: ColdStore): Promise<number> => {
      let ledger: Opened | undefined
      try {
        ledger = await open(fused(disk, fuse), fusedStore(store, fuse))
        await ledger.erase(name, { signal: fuse.blown.signal })
      } catch (cause) {
        if (!fuse.blown.signal.aborted) throw cause
      }
      await ledger?.close().catch(() => undefined)
      return fuse.steps
    }

    const counting = new Fuse()
    const steps = await die(counting, start.disk.afterKill(), await storeOf(start.objects))
    expect(steps).toBeGreaterThan(60)
    const outcomes = { named: 0, erased: 0 }
    for (let last = 1; last < steps; last += 5) {
      const disk = start.disk.afterKill()
      const store = await storeOf(start.objects)
      await die(new Fuse(last), disk, store)
      for (const left of [disk.afterKill(), disk.afterPowerLoss()]) {
        const kept = await storeOf(await objectsOf(store))
        outcomes[(await namedIn(left, kept)).length > 0 ? 'named' : 'erased']++
        const ledger = await open(left, kept)
        expect((await eventsOf(ledger)).map(({ position }) => position)).toEqual(
          before.map(({ position }) => position),
        )
        const { alias } = await ledger.erase(name)
        expect(['erased:1', 'erased:2']).toContain(alias)
        expect(await eventsOf(ledger)).toEqual(
          // Where the first had ended, the second found nothing to rename.
          after,
        )
        expect(ledger.views.wins.top(10)).toEqual(scores)
        expect((await ledger.verify({ deep: true })).problems).toEqual([])
        await ledger.close()
        expect(await namedIn(left, kept)).toEqual([])
      }
    }
    expect(outcomes.named).toBeGreaterThan(20)
  },
)
