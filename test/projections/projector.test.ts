import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EventEnvelope } from '../../src/events/envelope.js'
import type { Position } from '../../src/events/ids.js'
import { defineProjection } from '../../src/projections/define-projection.js'
import { fileCheckpointStore } from '../../src/projections/checkpoints/file-checkpoint-store.js'
import { leaderboard } from '../../src/projections/leaderboard/leaderboard.js'
import type { LeaderboardView } from '../../src/projections/leaderboard/leaderboard-view.js'
import { playerIndex } from '../../src/projections/players/player-index.js'
import type { CheckpointStore, Projection } from '../../src/projections/projection.js'
import { Projector, type ProjectionFault } from '../../src/projections/projector.js'
import { clockAt, envelopeAt, scoredAt, scoresOf, streamOf } from './envelopes.js'

const at = (position: number) => position as Position

let directory = ''
let stores = 0
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'projector-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))
const newDirectory = () => join(directory, String(stores++))

const counter = (
  options: { version?: string; poison?: number; kinds?: string[]; on?: 'all' | 'final' } = {},
) => {
  const { version = '1', poison, ...hears } = options
  return defineProjection({
    name: 'counter',
    version,
    initial: { events: 0, sum: 0 },
    apply: (model, { position }) => {
      if (position === poison) throw new Error(`cannot take ${position}`)
      model.events++
      model.sum += position
    },
    view: (model) => ({ events: () => model.events, sum: () => model.sum }),
    ...hears,
  })
}

type CounterView = { events: () => number; sum: () => number }

const projectorOf = (projections: { readonly [name: string]: Projection }, checkpoints?: CheckpointStore) => {
  const faults: ProjectionFault[] = []
  const projector = new Projector({
    projections,
    checkpoints,
    context: { clock: clockAt() },
    onFault: (fault) => faults.push(fault),
  })
  return { projector, faults, viewOf: (name: string) => projector.views[name] as CounterView }
}

const events = (through: number, from = 1) =>
  Array.from({ length: through - from + 1 }, (_, index) => envelopeAt(from + index))

describe('the projector', () => {
  it('applies published events at once, to those who hear them', () => {
    const { projector, viewOf } = projectorOf({
      all: counter(),
      chess: counter({ kinds: ['chess'] }),
      final: counter({ on: 'final' }),
    })
    projector.apply(envelopeAt(1))
    projector.apply(envelopeAt(2, { kind: 'chess' }))
    projector.apply(envelopeAt(3, { final: true }))
    expect(['all', 'chess', 'final'].map((name) => viewOf(name).sum())).toEqual([6, 2, 3])
    expect(projector.stats()['chess']).toEqual({ state: 'live', checkpoint: 3, lag: 0 })
    projector.checkpointTo(at(9))
    expect(projector.stats()['all']).toEqual({ state: 'live', checkpoint: 9, lag: 0 })
  })

  it('applies no event twice', () => {
    const { projector, viewOf } = projectorOf({ all: counter() })
    projector.apply(envelopeAt(1))
    projector.apply(envelopeAt(1))
    expect(viewOf('all').events()).toBe(1)
  })

  it('detaches a projection that throws, reports it once, and the others go on', async () => {
    const { projector, faults, viewOf } = projectorOf({ weak: counter({ poison: 2 }), sound: counter() })
    for (const envelope of events(4)) projector.apply(envelope)
    await Promise.resolve()
    expect(faults).toEqual([
      { code: 'projection-faulted', projection: 'weak', position: 2, cause: new Error('cannot take 2') },
    ])
    expect(projector.stats()).toMatchObject({
      weak: { state: 'faulted', checkpoint: 1, lag: 3 },
      sound: { state: 'live', checkpoint: 4, lag: 0 },
    })
    expect(viewOf('weak').events()).toBe(1)
    expect(viewOf('sound').events()).toBe(4)
  })

  it('heals a fallen projection by a rebuild, behind the same view, which answers from the old model until then', async () => {
    let poison: number | undefined = 3
    const weak: Projection = defineProjection({
      name: 'weak',
      version: 1,
      initial: () => ({ events: 0 }),
      apply: (model, { position }) => {
        if (position === poison) throw new Error('not this one')
        return { events: model.events + 1 }
      },
      view: (model) => ({ events: () => model.events }),
    })
    const { projector } = projectorOf({ weak })
    const view = projector.views['weak'] as { events: () => number }
    const { events: asked } = view
    for (const envelope of events(5)) projector.apply(envelope)
    poison = undefined
    projector.reset('weak')
    expect(projector.lowest).toBe(0)
    expect(projector.stats()['weak']).toMatchObject({ state: 'catching-up', lag: 5 })
    expect(view.events()).toBe(2)
    projector.apply(envelopeAt(6))
    await projector.catchUp(streamOf(events(5)), at(5))
    expect(projector.stats()['weak']).toMatchObject({ state: 'catching-up', checkpoint: 5, lag: 1 })
    expect(view.events()).toBe(2)
    await projector.catchUp(streamOf(events(6, 6)), at(6))
    expect(projector.stats()['weak']).toMatchObject({ state: 'live', lag: 0 })
    expect([view.events(), asked()]).toEqual([6, 6])
    expect(projector.views['weak']).toBe(view)
    expect(() => projector.reset('strong')).toThrow(/There is no projection "strong"/)
  })

  it('hears each event once, in order, whoever is behind while events are published', async () => {
    const store = fileCheckpointStore(newDirectory())
    const first = projectorOf({ old: counter() }, store)
    for (const envelope of events(10)) first.projector.apply(envelope)
    await first.projector.save(at(10))
    const { projector, viewOf } = projectorOf({ old: counter(), fresh: counter() }, store)
    expect(await projector.open(at(20))).toBe(0)
    expect(projector.stats()).toMatchObject({ old: { checkpoint: 10 }, fresh: { checkpoint: 0 } })
    const catching = projector.catchUp(streamOf(events(20)), at(20))
    projector.apply(envelopeAt(21))
    await catching
    expect(projector.lowest).toBe(20)
    await projector.catchUp(streamOf(events(21, 21)), at(21))
    expect(projector.lowest).toBe(projector.head)
    projector.apply(envelopeAt(22))
    expect(['old', 'fresh'].map((name) => [viewOf(name).events(), viewOf(name).sum()])).toEqual([
      [22, 253],
      [22, 253],
    ])
  })

  it('lets the event loop turn while it feeds history', async () => {
    const slow = defineProjection({
      name: 'slow',
      version: 1,
      initial: { events: 0 },
      apply: (model) => {
        const until = performance.now() + 1
        while (performance.now() < until);
        model.events++
      },
      view: (model) => ({ events: () => model.events }),
    })
    const { projector } = projectorOf({ slow })
    await projector.open(at(100))
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    await projector.catchUp(streamOf(events(100)), at(100))
    clearInterval(timer)
    expect(turns).toBeGreaterThan(5)
  })

  it('starts a projection of another version, a damaged one, and one beyond the head from nothing', async () => {
    const path = newDirectory()
    const store = fileCheckpointStore(path)
    const openedWith = async (projection: Projection, head: number) => {
      const { projector } = projectorOf({ all: projection }, store)
      return projector.open(at(head))
    }
    const { projector } = projectorOf({ all: counter() }, store)
    for (const envelope of events(7)) projector.apply(envelope)
    await projector.save(at(7))
    expect(await openedWith(counter(), 7)).toBe(7)
    expect(await openedWith(counter(), 9)).toBe(7)
    expect(await openedWith(counter({ version: '2' }), 7)).toBe(0)
    expect(await openedWith(counter(), 6)).toBe(0)
    const file = join(path, 'all.model')
    const whole = await readFile(file)
    await writeFile(file, whole.subarray(0, -1))
    expect(await openedWith(counter(), 7)).toBe(0)
  })

  it('starts anew a model that its projection cannot load', async () => {
    const store = fileCheckpointStore(newDirectory())
    const { version } = leaderboard({ score: scoresOf })
    await store.save('wins', { version, position: at(3), model: Buffer.from('nonsense') })
    const { projector } = projectorOf({ wins: leaderboard({ score: scoresOf }) }, store)
    expect(await projector.open(at(3))).toBe(0)
    expect((projector.views['wins'] as LeaderboardView).count).toBe(0)
  })

  it('saves what moved, is not faulted, and is synced; nothing else', async () => {
    const saved: string[] = []
    const store: CheckpointStore = {
      save: (name, { position }) => {
        saved.push(`${name}@${position}`)
        return Promise.resolve()
      },
      load: () => Promise.resolve(undefined),
    }
    const { projector } = projectorOf({ weak: counter({ poison: 2 }), sound: counter() }, store)
    for (const envelope of events(3)) projector.apply(envelope)
    await projector.save(at(2))
    expect(saved).toEqual([])
    await projector.save(at(3))
    await projector.save(at(9))
    expect(saved).toEqual(['sound@3'])
  })

  it('tries the other models when one cannot be saved, then says so', async () => {
    const saved: string[] = []
    const store: CheckpointStore = {
      save: (name) =>
        name === 'a' ? Promise.reject(new Error('disk full')) : Promise.resolve(void saved.push(name)),
      load: () => Promise.resolve(undefined),
    }
    const { projector } = projectorOf({ a: counter(), b: counter() }, store)
    projector.apply(envelopeAt(1))
    await expect(projector.save(at(1))).rejects.toThrow('disk full')
    expect(saved).toEqual(['b'])
    projector.apply(envelopeAt(2))
    await expect(projector.save(at(2))).rejects.toThrow('disk full')
  })

  it('says for which position a view is true, also past events that it does not hear', () => {
    const { projector } = projectorOf({ wins: leaderboard({ score: scoresOf, kinds: ['chess'] }) })
    projector.apply(scoredAt(1, { ann: 1 }))
    expect((projector.views['wins'] as LeaderboardView).position).toBe(1)
    projector.checkpointTo(at(5))
    expect((projector.views['wins'] as LeaderboardView).position).toBe(5)
  })

  it('tells projections which games the archive took', async () => {
    const { projector } = projectorOf({ players: playerIndex() })
    projector.apply(envelopeAt(1, { gameId: 'g', players: ['ann'], final: true }))
    projector.forget(['tally/g'])
    const { gamesOf } = projector.views['players'] as {
      gamesOf: (player: string) => Promise<{ games: unknown[] }>
    }
    expect((await gamesOf('ann')).games).toEqual([])
  })

  it('gives the same views live, saved and reopened, and rebuilt', async () => {
    const score = fc.dictionary(fc.constantFrom('ann', 'bob', 'cid'), fc.integer({ min: 0, max: 3 }), {
      maxKeys: 2,
    })
    const list = fc.array(fc.record({ score, isFinal: fc.boolean(), game: fc.nat(3) }), {
      minLength: 1,
      maxLength: 40,
    })
    await fc.assert(
      fc.asyncProperty(list, fc.nat(40), async (steps, cut) => {
        const projections = { wins: leaderboard({ score: scoresOf, ties: 'dense' }), count: counter() }
        const history: EventEnvelope[] = steps.map(({ score: scores, isFinal, game }, index) =>
          scoredAt(index + 1, scores, { final: isFinal, gameId: `g${game}` }),
        )
        const head = at(history.length)
        const seen = ({ projector }: ReturnType<typeof projectorOf>) => {
          const { wins, count } = projector.views as { wins: LeaderboardView; count: CounterView }
          return [wins.top(10), wins.position, count.events(), count.sum()]
        }
        const live = projectorOf(projections)
        for (const envelope of history) live.projector.apply(envelope)

        const store = fileCheckpointStore(newDirectory())
        const before = projectorOf(projections, store)
        for (const envelope of history.slice(0, cut)) before.projector.apply(envelope)
        await before.projector.save(head)
        const reopened = projectorOf(projections, store)
        const from = await reopened.projector.open(head)
        await reopened.projector.catchUp(streamOf(history.slice(from)), head)
        expect(seen(reopened)).toEqual(seen(live))

        for (const name of Object.keys(projections)) live.projector.reset(name)
        const old = seen(live)
        await live.projector.catchUp(streamOf(history), head)
        expect(seen(live)).toEqual(old)
      }),
      { numRuns: 25 },
    )
  })
})

describe('a projection of one’s own', () => {
  it('shows a value as it stands now, and refuses to be written to', () => {
    const list = defineProjection({
      name: 'list',
      version: 1,
      initial: { positions: [] as number[] },
      apply: (model, { position }) => void model.positions.push(position),
      view: ({ positions }) => positions,
    })
    const total = defineProjection({
      name: 'total',
      version: 1,
      initial: 0,
      apply: (sum) => sum + 1,
      view: (sum) => sum,
    })
    const { projector } = projectorOf({ list, total })
    const shown = projector.views['list'] as number[]
    for (const envelope of events(2)) projector.apply(envelope)
    expect(shown).toEqual([1, 2])
    expect(JSON.stringify(shown)).toBe('[1,2]')
    expect(shown.map((position) => position + 1)).toEqual([2, 3])
    expect(projector.views['total']).toBe(2)
    expect(() => shown.push(3)).toThrow(/read-only/)
  })

  it('starts each run from its own copy of the initial model', () => {
    const shared = { events: 0, sum: 0 }
    const projection = defineProjection({
      name: 'copy',
      version: 1,
      initial: shared,
      apply: (model) => void model.events++,
      view: (model) => model,
    })
    projection.start({ clock: clockAt() }).apply(envelopeAt(1))
    expect(shared.events).toBe(0)
    expect(projection.start({ clock: clockAt() }).view).toEqual({ events: 0, sum: 0 })
  })

  it('refuses a model that JSON would lose, and a promise in place of a model', () => {
    const parts = { name: 'x', version: 1, apply: () => undefined, view: () => 0 }
    expect(() => defineProjection({ ...parts, initial: new Map() })).toThrow(/does not survive JSON/)
    // @ts-expect-error apply is synchronous
    const late = defineProjection({ ...parts, initial: 0, apply: () => Promise.resolve(1) })
    expect(() => late.start({ clock: clockAt() }).apply(envelopeAt(1))).toThrow(/synchronous/)
  })
})

describe('saved models in files', () => {
  it('come back as they were, whatever the name', async () => {
    const store = fileCheckpointStore(newDirectory())
    const names = ['wins', 'Wins', 'a/b', '../up', 'é', '.']
    for (const [index, name] of names.entries())
      await store.save(name, {
        version: `v${index}`,
        position: at(index + 2 ** 40),
        model: Buffer.from(`model of ${name}`),
      })
    for (const [index, name] of names.entries()) {
      const loaded = await store.load(name)
      expect({ ...loaded, model: Buffer.from(loaded!.model).toString() }).toEqual({
        version: `v${index}`,
        position: index + 2 ** 40,
        model: `model of ${name}`,
      })
    }
    expect(await store.load('absent')).toBeUndefined()
    await expect(store.load('x'.repeat(300))).rejects.toThrow(/240 bytes/)
  })

  it('are no models when any byte was changed or any end is missing', async () => {
    const path = newDirectory()
    const store = fileCheckpointStore(path)
    await store.save('wins', { version: '1', position: at(3), model: Buffer.from('0123456789') })
    const file = join(path, 'wins.model')
    const whole = await readFile(file)
    for (let index = 0; index < whole.length; index++) {
      const damaged = Buffer.from(whole)
      damaged[index]! ^= 1
      await writeFile(file, damaged)
      expect(await store.load('wins'), `byte ${index}`).toBeUndefined()
      await writeFile(file, whole.subarray(0, index))
      expect(await store.load('wins'), `cut at ${index}`).toBeUndefined()
    }
    await writeFile(file, whole)
    expect(await store.load('wins')).toMatchObject({ position: 3 })
  })
})
