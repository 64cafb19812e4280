import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, it, vi } from 'vitest'
import type { ColdStore } from '../../src/archive/cold-store.js'
import { Verification } from '../../src/archive/verification.js'
import { segmentKeyOf, manifestKeyOf } from '../../src/archive/batch-key.js'
import { encodeManifest, parseManifest } from '../../src/archive/manifest.js'
import { buildSegment } from '../../src/archive/segment.js'
import { timeLimitedStore } from '../../src/archive/time-limited-store.js'
import { memoryColdStore } from '../../src/archive/stores/memory-cold-store.js'
import { Notes, openRoom } from './archive-room.js'
import { rules, Table } from './played-games.js'

const keysOf = async (store: ColdStore): Promise<string[]> => {
  const keys: string[] = []
  for await (const key of store.list('')) keys.push(key)
  return keys
}

const tableOf = (games: number): Table => {
  const table = new Table()
  for (let game = 1; game <= games; game++) table.playThrough(`g${game}`)
  return table
}

describe('the archiver', () => {
  it('archives what was collected, and tells who may be forgotten', async () => {
    const table = tableOf(5)
    const room = await openRoom(memoryColdStore(), table, new Notes())
    await room.archiver.flush()
    expect(room.archived).toEqual(['race/g1', 'race/g2', 'race/g3', 'race/g4', 'race/g5'])
    expect(room.archiver.stats()).toMatchObject({
      gamesWaiting: 0,
      bytesWaiting: 0,
      gamesArchived: 5,
      isStopped: false,
    })
    for (const [stream, played] of table.games) {
      const found = await room.catalog.find(stream)
      expect(await found!.envelopes(rules.get('race'))).toEqual(played.envelopes)
    }
  })

  it('cuts batches by games and by bytes, in order of final position', async () => {
    const store = memoryColdStore()
    const room = await openRoom(store, tableOf(7), new Notes(), { batchGamesMax: 3 })
    await room.archiver.flush()
    expect(room.catalog.batches().map(({ games }) => games)).toEqual([3, 3, 1])
    expect(room.archiver.stats().batchesArchived).toBe(3)
    const bySize = await openRoom(memoryColdStore(), tableOf(4), new Notes(), { batchBytesMax: 10 })
    await bySize.archiver.flush()
    expect(bySize.catalog.batches().map(({ games }) => games)).toEqual([1, 1, 1, 1])
  })

  it('closes a batch by age alone', async () => {
    const room = await openRoom(memoryColdStore(), tableOf(2), new Notes(), { batchAgeMaxMs: 5 })
    await expect.poll(() => room.archived.length).toBe(2)
  })

  it('writes intent, segment, manifest and committed in this order', async () => {
    const steps: string[] = []
    const inner = memoryColdStore()
    const store: ColdStore = {
      ...inner,
      put: (key, bytes) => {
        steps.push(key)
        return inner.put(key, bytes)
      },
    }
    const notes = new Notes()
    notes.before = ({ type }) => steps.push(type)
    const room = await openRoom(store, tableOf(1), notes)
    await room.archiver.flush()
    expect(steps).toEqual(['ledger.json', 'intent', segmentKeyOf(1), manifestKeyOf(1), 'committed'])
  })

  it('reports an outage once, retries until the store answers, and drops nothing', async () => {
    const inner = memoryColdStore()
    let failures = 0
    const store: ColdStore = {
      ...inner,
      put: async (key, bytes) => {
        if (key !== 'ledger.json' && ++failures % 4 !== 0) throw new Error('down')
        return inner.put(key, bytes)
      },
    }
    const room = await openRoom(store, tableOf(3), new Notes())
    await room.archiver.flush()
    expect(room.archived).toHaveLength(3)
    expect(room.faults.map(({ code }) => code)).toEqual(['archive-unavailable', 'archive-unavailable'])
    expect(room.archiver.stats().lastError).toBeUndefined()
  })

  it('gives a store up that hangs, asks again, and drains by itself when it is back', async () => {
    const inner = memoryColdStore()
    let hanging = 3
    let waiting = 0
    let waitingMost = 0
    const store: ColdStore = {
      ...inner,
      put: async (key, bytes) => {
        if (key === 'ledger.json' || hanging-- <= 0) return inner.put(key, bytes)
        waitingMost = Math.max(waitingMost, ++waiting)
        return new Promise(() => {})
      },
    }
    const room = await openRoom(timeLimitedStore(store, 20), tableOf(3), new Notes())
    const flushed = room.archiver.flush()
    await vi.waitFor(() =>
      expect(room.archiver.stats().lastError).toMatch(/has not answered "put .*" for 0.02 s/),
    )
    await flushed
    expect(room.archived).toHaveLength(3)
    expect(room.faults.map(({ code }) => code)).toEqual(['archive-unavailable'])
    expect(waitingMost).toBe(3)
    expect((await new Verification(store, rules).run({ deep: true })).problems).toEqual([])
  })

  it('closes within its deadline while the store hangs', async () => {
    const inner = memoryColdStore()
    const store: ColdStore = {
      ...inner,
      put: (key, bytes) => (key === 'ledger.json' ? inner.put(key, bytes) : new Promise(() => {})),
    }
    const room = await openRoom(store, tableOf(2), new Notes())
    await room.archiver.close(20)
    expect(room.archived).toEqual([])
    expect(room.archiver.stats()).toMatchObject({ isStopped: true, gamesWaiting: 2 })
  })

  it('puts nothing while a deletion that was given up may still come: it would take what was just put', async () => {
    const inner = memoryColdStore()
    let isSpoilt = false
    const store: ColdStore = {
      ...inner,
      put: (key, bytes) => {
        if (key !== segmentKeyOf(1) || isSpoilt) return inner.put(key, bytes)
        isSpoilt = true
        return inner.put(key, Buffer.from(bytes).fill(0, 0, 30))
      },
      delete: async (key) => {
        await new Promise((resolve) => setTimeout(resolve, 80))
        await inner.delete(key)
      },
    }
    const room = await openRoom(timeLimitedStore(store, 20), tableOf(2), new Notes())
    await room.archiver.flush()
    await new Promise((resolve) => setTimeout(resolve, 120))
    expect((await new Verification(store, rules).run({ deep: true })).problems).toEqual([])
  })

  it('puts a segment again that was read back with other bytes', async () => {
    const inner = memoryColdStore()
    let isSpoilt = false
    const store: ColdStore = {
      ...inner,
      put: (key, bytes) => {
        if (key !== segmentKeyOf(1) || isSpoilt) return inner.put(key, bytes)
        isSpoilt = true
        const spoilt = Buffer.from(bytes)
        spoilt[20]! ^= 1
        return inner.put(key, spoilt)
      },
    }
    const table = tableOf(2)
    const room = await openRoom(store, table, new Notes())
    await room.archiver.flush()
    expect((await new Verification(store, rules).run({ deep: true })).problems).toEqual([])
  })

  it('stops when the journal fails, without a fault of its own', async () => {
    const notes = new Notes()
    notes.before = () => {
      throw new Error('journal is gone')
    }
    const room = await openRoom(memoryColdStore(), tableOf(1), notes)
    await expect(room.archiver.flush()).rejects.toMatchObject({ code: 'archiving-stopped' })
    expect(room.faults).toEqual([])
    expect(room.archiver.stats()).toMatchObject({ isStopped: true, gamesWaiting: 1 })
  })

  it('stops with archive-forked where other games stand under its number', async () => {
    const store = memoryColdStore()
    const other = new Table()
    other.playThrough('other')
    const theirs = await openRoom(store, other, new Notes())
    const table = tableOf(1)
    const forked = await openRoom(store, table, new Notes())
    await theirs.archiver.flush()
    await expect(forked.archiver.flush()).rejects.toMatchObject({ code: 'archive-forked' })
    expect(forked.faults.map(({ code }) => code)).toEqual(['archive-forked'])
    expect(forked.archived).toEqual([])
  })

  it('adopts a segment that another zlib has packed: the event lines count, not the bytes', async () => {
    const table = tableOf(3)
    const games = [...table.games.values()]
    const built = await buildSegment(games, rules)
    const packedOtherwise = Buffer.concat(
      built.members.map(({ offset, length }) =>
        gzipSync(gunzipSync(built.bytes.subarray(offset, offset + length)), { level: 1 }),
      ),
    )
    expect(packedOtherwise.equals(built.bytes)).toBe(false)
    const store = memoryColdStore()
    await store.put(segmentKeyOf(1), packedOtherwise)
    const room = await openRoom(store, table, new Notes())
    await room.archiver.flush()
    expect((await new Verification(store, rules).run({ deep: true })).problems).toEqual([])
    expect((await store.get(segmentKeyOf(1)))!.equals(packedOtherwise)).toBe(true)
  })

  it('closes within its deadline while the store is down, and finishes after the next opening', async () => {
    const inner = memoryColdStore()
    let isDown = true
    const store: ColdStore = {
      ...inner,
      put: async (key, bytes) => {
        if (isDown && key !== 'ledger.json') throw new Error('down')
        return inner.put(key, bytes)
      },
    }
    const table = tableOf(2)
    const notes = new Notes()
    const room = await openRoom(store, table, notes)
    await room.archiver.close(20)
    expect(room.archived).toEqual([])
    await expect(room.archiver.flush()).rejects.toMatchObject({ code: 'archiving-stopped' })
    isDown = false
    const again = await openRoom(store, table, notes)
    await again.archiver.flush()
    expect(again.archived.sort()).toEqual(['race/g1', 'race/g2'])
  })
})

type Crash = 'before' | 'after'
const steps = ['intent', 'segment', 'read back', 'manifest', 'committed'] as const

/** A store and notes that are dead from step `step` on: nothing that comes later has any effect. */
const crashing = (inner: ColdStore, notes: Notes, step: (typeof steps)[number], when: Crash) => {
  let isDead = false
  let die = (): void => {}
  const death = new Promise<void>((resolve) => {
    die = () => {
      isDead = true
      resolve()
    }
  })
  const at = <Result>(name: (typeof steps)[number], work: () => Result): Result => {
    if (name === step && when === 'before') die()
    if (isDead) throw new Error('crashed')
    const result = work()
    if (name === step) die()
    return result
  }
  const stepOf = (key: string) => (key.endsWith('.gz') ? 'segment' : 'manifest')
  const store: ColdStore = {
    ...inner,
    put: async (key, bytes) => {
      if (key === 'ledger.json') return inner.put(key, bytes)
      const answer = await at(stepOf(key), () => inner.put(key, bytes))
      if (isDead) throw new Error('crashed')
      return answer
    },
    get: async (key) => (key.endsWith('.gz') ? at('read back', () => inner.get(key)) : inner.get(key)),
  }
  const dyingNotes = {
    async record(record: Parameters<Notes['record']>[0]) {
      await at(record.type, () => notes.record(record))
      if (isDead) throw new Error('crashed')
    },
    get openIntents() {
      return notes.openIntents
    },
  } as Notes
  return { store, notes: dyingNotes, death }
}

describe('a handover that a crash cuts short', () => {
  const cases = steps.flatMap((step) => (['before', 'after'] as const).map((when) => [when, step] as const))

  it.each(cases)('%s %s: every completed game is archived exactly once', async (when, step) => {
    const table = tableOf(5)
    const inner = memoryColdStore()
    const notes = new Notes()
    const dying = crashing(inner, notes, step, when)
    const crashed = await openRoom(dying.store, table, dying.notes, { batchGamesMax: 3 })
    await dying.death
    await crashed.archiver.close(1)

    // What the crash left: no manifest may name what is not whole.
    const left = await new Verification(inner, rules).run({ deep: true })
    expect(left.problems).toEqual([])

    // The games played on after the crash get positions behind it.
    table.playThrough('later')
    const again = await openRoom(inner, table, notes, { batchGamesMax: 3 })
    await again.archiver.flush()
    const report = await new Verification(inner, rules).run({ deep: true })
    expect(report).toMatchObject({ ok: true, games: 6, problems: [] })
    expect(notes.openIntents).toEqual([])
    expect([...table.released].sort()).toEqual([...table.games.keys()].sort())
    for (const [stream, played] of table.games)
      expect(await (await again.catalog.find(stream))!.envelopes(rules.get('race'))).toEqual(played.envelopes)
  })

  it('negative control: a manifest before its segment is caught', async () => {
    const table = tableOf(2)
    const whole = memoryColdStore()
    const room = await openRoom(whole, table, new Notes())
    await room.archiver.flush()
    const manifest = parseManifest(manifestKeyOf(1), (await whole.get(manifestKeyOf(1)))!)
    const store = memoryColdStore()
    await store.put(manifestKeyOf(1), encodeManifest(manifest))
    const report = await new Verification(store, rules).run()
    expect(report.ok).toBe(false)
    expect(report.problems[0]).toMatchObject({ code: 'segment-missing', key: segmentKeyOf(1) })
  })

  it('negative control: the same games under a second number are caught', async () => {
    const table = tableOf(2)
    const store = memoryColdStore()
    const room = await openRoom(store, table, new Notes())
    await room.archiver.flush()
    const manifest = parseManifest(manifestKeyOf(1), (await store.get(manifestKeyOf(1)))!)
    await store.put(segmentKeyOf(2), (await store.get(segmentKeyOf(1)))!)
    await store.put(manifestKeyOf(2), encodeManifest({ ...manifest, batch: 2, segment: segmentKeyOf(2) }))
    const codes = (await new Verification(store, rules).run()).problems.map(({ code }) => code)
    expect(new Set(codes)).toEqual(new Set(['game-twice', 'position-twice']))
    expect((await keysOf(store)).length).toBe(5)
  })
})
