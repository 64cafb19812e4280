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
import { passOver } from '../../src/projections/history-pass.js'
import { memoryCheckpointStore } from '../../src/projections/checkpoints/memory-checkpoint-store.js'
import type { ProjectionFault } from '../../src/projections/hosted-projection.js'
import { Projector } from '../../src/projections/projector.js'
import { clockAt, envelopeAt, scoredAt, scoresOf, streamOf } from './envelopes.js'

const at = (position: number) => position as Position
const synced = () => Promise.resolve()

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

const projectorOf = async (
  projections: { readonly [name: string]: Projection },
  { checkpoints, head = 0 }: { checkpoints?: CheckpointStore; head?: number } = {},
) => {
  const faults: ProjectionFault[] = []
  const projector = new Projector({
    projections,
    checkpoints,
    context: { clock: clockAt() },
    playersOf: () => ['ann', 'bob'],
    onFault: (fault) => faults.push(fault),
  })
  await projector.open(at(head))
  return { projector, faults, viewOf: (name: string) => projector.views[name] as CounterView }
}

const events = (through: number, from = 1) =>
  Array.from({ length: through - from + 1 }, (_, index) => envelopeAt(from + index))

/** Feeds those that are behind from a list, once. */
const feed = async (projector: Projector, list: readonly EventEnvelope[], through: number) => {
  const within = (range: { after: number; through: number }) =>
    list.filter(({ position }) => position > range.after && position <= range.through)
  const history = {
    events: (range: { after: number; through: number }) => streamOf([within(range)]),
    finals: (range: { after: number; through: number }) =>
      streamOf([within(range).filter(({ final }) => final)]),
  }
  const { signal } = new AbortController()
  for (const isOfFinals of [true, false]) {
    const runs = projector.behind().filter((run) => run.isOfFinals === isOfFinals)
    await passOver(runs, history, { through: at(through), signal })
  }
  projector.settle()
}

describe('the projector', () => {
  it('applies published events at once, to those who hear them', async () => {
    const { projector, viewOf } = await projectorOf({
      all: counter(),
      chess: counter({ kinds: ['chess'] }),
      final: counter({ on: 'final' }),
    })
    projector.apply(envelopeAt(1))
    projector.apply(envelopeAt(2, { kind: 'chess' }))
    projector.apply(envelopeAt(3, { final: true }))
    expect(['all', 'chess', 'final'].map((name) => viewOf(name).sum())).toEqual([6, 2, 3])
    for (const name of ['all', 'chess', 'final'])
      expect(projector.stats()[name]).toEqual({ state: 'live', checkpoint: 3, lag: 0 })
  })

  it('hands those who hear finals a summary: no event, all players, and how it ended', async () => {
    const heard: EventEnvelope[] = []
    const finals = defineProjection({
      name: 'finals',
      version: 1,
      on: 'final',
      initial: 0,
      apply: (count, envelope) => (heard.push(envelope), count + 1),
      view: (count) => count,
    })
    const { projector } = await projectorOf({ finals })
    const outcome = { standings: [{ player: 'ann', place: 1 }] }
    projector.apply(envelopeAt(1))
    projector.apply(envelopeAt(2, { final: true, outcome, commandId: 'c', occurredAt: 5, players: ['ann'] }))
    const { kind, gameId, version, recordedAt } = envelopeAt(2)
    expect(heard).toEqual([
      {
        ...{ kind, gameId, version, recordedAt, position: 2, occurredAt: 5, schema: 1 },
        ...{ event: { type: '$final' }, players: ['ann', 'bob'], final: true, outcome },
      },
    ])
    expect(projector.views['finals']).toBe(1)
  })

  it('applies no event twice', async () => {
    const { projector, viewOf } = await projectorOf({ all: counter() })
    projector.apply(envelopeAt(1))
    projector.apply(envelopeAt(1))
    expect(viewOf('all').events()).toBe(1)
  })

  it('detaches a projection that throws, reports it once, and the others go on', async () => {
    const { projector, faults, viewOf } = await projectorOf({
      weak: counter({ poison: 2 }),
      sound: counter(),
    })
    for (const envelope of events(4)) projector.apply(envelope)
    projector.settle()
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
    const { projector, faults } = await projectorOf({ weak })
    const view = projector.views['weak'] as { events: () => number }
    const { events: asked } = view
    for (const envelope of events(5)) projector.apply(envelope)
    await projector.rebuild('weak')
    await feed(projector, events(5), 5)
    expect(projector.stats()['weak']).toMatchObject({ state: 'faulted', checkpoint: 2 })
    expect(faults.map(({ position }) => position)).toEqual([3, 3])
    poison = undefined
    const run = await projector.rebuild('weak')
    expect(await projector.rebuild('weak')).toBe(run)
    expect(projector.stats()['weak']).toMatchObject({ state: 'rebuilding', lag: 3, rebuiltThrough: 0 })
    expect(view.events()).toBe(2)
    projector.apply(envelopeAt(6))
    await feed(projector, events(5), 5)
    expect(projector.stats()['weak']).toMatchObject({ state: 'rebuilding', checkpoint: 2, rebuiltThrough: 5 })
    expect(view.events()).toBe(2)
    await feed(projector, events(6), 6)
    expect(projector.stats()['weak']).toEqual({ state: 'live', checkpoint: 6, lag: 0 })
    expect([view.events(), asked()]).toEqual([6, 6])
    expect(projector.views['weak']).toBe(view)
    await expect(projector.rebuild('strong')).rejects.toThrow(/There is no projection "strong"/)
  })

  it('lets a model that is rebuilt go on hearing and answering meanwhile', async () => {
    const { projector, viewOf } = await projectorOf({ all: counter() })
    for (const envelope of events(5)) projector.apply(envelope)
    const run = await projector.rebuild('all')
    projector.apply(envelopeAt(6))
    expect(viewOf('all').events()).toBe(6)
    expect(projector.stats()['all']).toEqual({
      state: 'rebuilding',
      checkpoint: 6,
      lag: 0,
      rebuiltThrough: 0,
    })
    projector.drop(run)
    expect(projector.stats()['all']).toEqual({ state: 'live', checkpoint: 6, lag: 0 })
    expect(projector.behind()).toEqual([])
  })

  it('hears each event once, in order, whoever is behind while events are published', async () => {
    const checkpoints = fileCheckpointStore(newDirectory())
    const first = await projectorOf({ old: counter() }, { checkpoints })
    for (const envelope of events(10)) first.projector.apply(envelope)
    await first.projector.save(synced)
    const { projector, viewOf } = await projectorOf(
      { old: counter(), fresh: counter() },
      { checkpoints, head: 20 },
    )
    expect(projector.stats()).toMatchObject({
      old: { state: 'catching-up', checkpoint: 10 },
      fresh: { state: 'rebuilding', checkpoint: 0, lag: 20 },
    })
    const catching = feed(projector, events(20), 20)
    projector.apply(envelopeAt(21))
    await catching
    expect(projector.holds(at(20))).toBe(true)
    expect(projector.holds(at(21))).toBe(false)
    await feed(projector, events(21), 21)
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
    const { projector } = await projectorOf({ slow }, { head: 100 })
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    await feed(projector, events(100), 100)
    clearInterval(timer)
    expect(turns).toBeGreaterThan(3)
  })

  it('starts a projection of another version, a damaged one, and one beyond the head from nothing', async () => {
    const path = newDirectory()
    const openedWith = async (projection: Projection, head: number) => {
      const { projector } = await projectorOf(
        { all: projection },
        { checkpoints: fileCheckpointStore(path), head },
      )
      return projector.stats()['all']!.checkpoint
    }
    const { projector } = await projectorOf({ all: counter() }, { checkpoints: fileCheckpointStore(path) })
    for (const envelope of events(7)) projector.apply(envelope)
    await projector.save(synced)
    expect(await openedWith(counter(), 7)).toBe(7)
    expect(await openedWith(counter(), 9)).toBe(7)
    expect(await openedWith(counter({ version: '2' }), 7)).toBe(0)
    const file = join(path, 'all.model')
    const whole = await readFile(file)
    await rm(join(path, 'all'), { recursive: true })
    await writeFile(file, whole.subarray(0, -1))
    expect(await openedWith(counter(), 7)).toBe(0)
    await writeFile(file, whole)
    expect(await openedWith(counter(), 6)).toBe(0)
    // What was beyond the head is of events that a crash took back: it does not come back when the head has.
    expect(await openedWith(counter(), 7)).toBe(0)
  })

  it('starts anew a model that its projection cannot load', async () => {
    const checkpoints = fileCheckpointStore(newDirectory())
    const { version } = leaderboard({ score: scoresOf })
    const saved = { version, position: at(3), recordedAt: 3, model: Buffer.from('nonsense') }
    await checkpoints.save('wins', saved)
    const { projector } = await projectorOf(
      { wins: leaderboard({ score: scoresOf }) },
      { checkpoints, head: 3 },
    )
    expect(projector.stats()['wins']).toMatchObject({ state: 'rebuilding', checkpoint: 0 })
    expect((projector.views['wins'] as LeaderboardView).count).toBe(0)
  })

  it('saves what moved and is whole, when all that it has seen is on the disk; nothing else', async () => {
    const saved: string[] = []
    const checkpoints: CheckpointStore = {
      ...memoryCheckpointStore(),
      save: async (name, { position }) => void saved.push(`${name}@${position}`),
    }
    const { projector } = await projectorOf(
      { weak: counter({ poison: 2 }), sound: counter() },
      { checkpoints },
    )
    for (const envelope of events(3)) projector.apply(envelope)
    await projector.save(() => {
      // Published while the model, already copied, waits for the disk.
      if (projector.head === 3) projector.apply(envelopeAt(4))
      saved.push('synced')
      return Promise.resolve()
    })
    expect(saved).toEqual(['synced', 'sound@3'])
    await projector.save(synced)
    await projector.save(synced)
    expect(saved).toEqual(['synced', 'sound@3', 'sound@4'])
    await projector.rebuild('sound')
    await feed(projector, events(4), 4)
    await projector.save(synced)
    expect(saved.slice(3)).toEqual(['sound@4'])
    await expect(projector.save(() => Promise.reject(new Error('no disk')))).resolves.toBeUndefined()
    projector.apply(envelopeAt(5))
    await expect(projector.save(() => Promise.reject(new Error('no disk')))).rejects.toThrow('no disk')
    expect(saved).toHaveLength(4)
  })

  it('does not save a model that is only half made', async () => {
    const checkpoints = memoryCheckpointStore()
    const { projector } = await projectorOf({ all: counter() }, { checkpoints, head: 9 })
    await feed(projector, events(5), 5)
    await projector.save(synced)
    expect(await checkpoints.load('all')).toBeUndefined()
    await feed(projector, events(9), 9)
    await projector.save(synced)
    expect(await checkpoints.load('all')).toMatchObject({ position: 9 })
  })

  it('tries the other models when one cannot be saved, then says so', async () => {
    const saved: string[] = []
    const checkpoints: CheckpointStore = {
      ...memoryCheckpointStore(),
      save: (name) =>
        name === 'a' ? Promise.reject(new Error('disk full')) : Promise.resolve(void saved.push(name)),
    }
    const { projector } = await projectorOf({ a: counter(), b: counter() }, { checkpoints })
    projector.apply(envelopeAt(1))
    await expect(projector.save(synced)).rejects.toThrow('disk full')
    expect(saved).toEqual(['b'])
    projector.apply(envelopeAt(2))
    await expect(projector.save(synced)).rejects.toThrow('disk full')
  })

  it('says for which position a view is true, also past events that it does not hear', async () => {
    const { projector } = await projectorOf({ wins: leaderboard({ score: scoresOf, kinds: ['chess'] }) })
    projector.apply(scoredAt(1, { ann: 1 }))
    expect((projector.views['wins'] as LeaderboardView).position).toBe(1)
    projector.apply(envelopeAt(5, { kind: 'other' }))
    expect((projector.views['wins'] as LeaderboardView).position).toBe(5)
  })

  it('tells projections which games the archive took', async () => {
    const { projector } = await projectorOf({ players: playerIndex() })
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
        const head = history.length
        const seen = ({ projector }: Awaited<ReturnType<typeof projectorOf>>) => {
          const { wins, count } = projector.views as { wins: LeaderboardView; count: CounterView }
          return [wins.top(10), wins.position, count.events(), count.sum()]
        }
        const live = await projectorOf(projections)
        for (const envelope of history) live.projector.apply(envelope)

        const checkpoints = fileCheckpointStore(newDirectory())
        const before = await projectorOf(projections, { checkpoints })
        for (const envelope of history.slice(0, cut)) before.projector.apply(envelope)
        await before.projector.save(synced)
        const reopened = await projectorOf(projections, { checkpoints, head })
        await feed(reopened.projector, history, head)
        expect(seen(reopened)).toEqual(seen(live))

        for (const name of Object.keys(projections)) await live.projector.rebuild(name)
        const old = seen(live)
        await feed(live.projector, history, head)
        expect(seen(live)).toEqual(old)
      }),
      { numRuns: 25 },
    )
  })
})

describe('a projection of one’s own', () => {
  it('shows a value as it stands now, and refuses to be written to', async () => {
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
    const { projector } = await projectorOf({ list, total })
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
