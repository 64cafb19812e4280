/** Read models of a whole ledger: rebuilt while it is played on, paused, healed, and asked about the past. */
import {
  CheckpointLostError,
  CorruptSegmentError,
  defineProjection,
  elo,
  leaderboard,
  LedgerClosedError,
  memoryCheckpointStore,
  memoryColdStore,
  memoryJournal,
  openLedger,
  PastViewsBusyError,
  ProjectionFaultedError,
  seededRandom,
  wins,
  type Clock,
  type ColdStore,
  type EventEnvelope,
  type Ledger,
  type LeaderboardView,
  type LedgerOptions,
  type ViewsOf,
} from 'gameledger'
import { describe, expect, test } from 'vitest'
import { count, faultsOf, finish, receiptOf, sit } from './opened.js'
import { tally, type TallyEvent } from './tally-game.js'

/** All that a projection heard, in order; what it says is compared as a whole. */
const heardBy = (on: 'all' | 'final') =>
  defineProjection({
    name: `heard-${on}`,
    version: 1,
    on,
    initial: () => ({ envelopes: [] as EventEnvelope[] }),
    apply: (model, envelope) => void model.envelopes.push(envelope),
    view: (model) => ({ get: () => structuredClone(model.envelopes) }),
  })

const projections = {
  points: leaderboard({
    score: (event: TallyEvent) => (event.type === 'Counted' ? { [event.player]: event.amount } : {}),
    ties: 'dense',
  }),
  wins: leaderboard({ score: wins, on: 'final' }),
  rating: leaderboard({ operator: elo() }),
  finals: heardBy('final'),
  all: heardBy('all'),
}
type Views = ViewsOf<typeof projections>
type Opened = Ledger<Views>

const names = ['ann', 'bob', 'cid', 'dan', 'eve'] as const

const rooms = () => ({
  journal: memoryJournal(),
  archive: memoryColdStore(),
  checkpoints: memoryCheckpointStore(),
})
type Rooms = ReturnType<typeof rooms>

const openWith = (more: Partial<LedgerOptions<typeof projections>> & Rooms): Promise<Opened> =>
  openLedger({ games: [tally], projections, batchGamesMax: 3, batchAgeMaxMs: 5, ...more })

/** Everything that the views answer. */
const seen = async (views: Views): Promise<unknown> => {
  const board = (view: LeaderboardView) => [view.position, view.page(0, 100)]
  const { players } = views
  return {
    boards: [views.points, views.wins, views.rating].map(board),
    heard: [views.finals.get(), views.all.get()],
    stats: names.map((player) => players.stats(player)),
    games: await Promise.all(
      names.map(async (player) =>
        (await players.gamesOf(player, { limit: 100 })).games
          .map(({ gameId, version, players: seated }) => [gameId, version, seated])
          .sort(),
      ),
    ),
  }
}

const all = ['points', 'wins', 'rating', 'finals', 'all', 'players'] as const

/** Plays some random commands, a few games at a time; each is awaited. */
const playSome = async (ledger: Ledger, chance: { next(): number }, commands: number, life = 0) => {
  const below = (n: number) => Math.floor(chance.next() * n)
  for (let n = 0; n < commands; n++) {
    const game = ledger.game(tally, `g${life}-${Math.floor(n / 12)}-${below(3)}`)
    const player = names[below(names.length)]!
    const draw = chance.next()
    const command = draw < 0.35 ? sit(player) : draw < 0.85 ? count(player, below(4), below(2)) : finish
    await game.dispatch(command)
  }
}

describe('a rebuild', () => {
  test('gives every view as it was, over any play, archiving and reopening', async () => {
    for (let seed = 1; seed <= 12; seed++) {
      const chance = seededRandom(seed)
      const here = rooms()
      for (let life = 0; life < 3; life++) {
        // A life that saves nothing begins from an older checkpoint, or from none.
        const ledger = await openWith(life === 1 ? here : { ...here, checkpoints: memoryCheckpointStore() })
        await playSome(ledger, chance, 20 + Math.floor(chance.next() * 30), life)
        if (chance.next() < 0.5) await ledger.settled()
        const before = await seen(ledger.views)
        const rebuilding = all.map((name) => ledger.rebuild(name))
        expect(ledger.stats().projections['all']!.checkpoint).toBe(ledger.stats().position)
        await Promise.all(rebuilding)
        expect(await seen(ledger.views), `seed ${seed}, life ${life}`).toEqual(before)
        await ledger.close()
      }
      const again = await openWith({ ...here, rebuildAtOpenEventsMax: 1 })
      await again.caughtUp()
      const caughtUp = await seen(again.views)
      for (const name of all) await again.rebuild(name)
      expect(await seen(again.views)).toEqual(caughtUp)
      await again.close()
    }
  })

  test('goes on while play does: the old model hears and answers, the new one has heard all when it takes over', async () => {
    const ledger = await openWith(rooms())
    const chance = seededRandom(5)
    await playSome(ledger, chance, 100)
    await ledger.settled()
    const progress: number[] = []
    const rebuilding = Promise.all(
      all.map((name) => ledger.rebuild(name, { onProgress: ({ position }) => progress.push(position) })),
    )
    let isOver = false
    void rebuilding.then(() => (isOver = true))
    for (let n = 0; n < 50 || !isOver; n++) {
      await playSome(ledger, chance, 1, n)
      expect(ledger.views.all.get()).toHaveLength(ledger.stats().position)
    }
    await rebuilding
    const views = await seen(ledger.views)
    expect(ledger.views.all.get().map(({ position }) => position)).toEqual(
      Array.from({ length: ledger.stats().position }, (_, index) => index + 1),
    )
    for (const name of all) await ledger.rebuild(name)
    expect(await seen(ledger.views)).toEqual(views)
    expect(progress.at(-1)).toBeGreaterThan(0)
    await ledger.close()
  })

  test('of a projection that hears finals opens no segment, and hears what it heard live', async () => {
    const here = rooms()
    const ledger = await openWith(here)
    await playSome(ledger, seededRandom(9), 200)
    await ledger.settled()
    await ledger.game(tally, 'late').dispatch(sit('ann'))
    await ledger.game(tally, 'late').dispatch(finish)
    const live = ledger.views.finals.get()
    expect(live.length).toBeGreaterThan(5)
    await ledger.close()
    const isSegment = (key: string) => key.endsWith('.gz')
    const archive: ColdStore = {
      ...here.archive,
      get: (key, range) => {
        if (isSegment(key)) throw new Error(`${key} was opened`)
        return here.archive.get(key, range)
      },
    }
    const { finals, wins: board } = projections
    const again = await openLedger({ games: [tally], ...here, archive, projections: { finals, board } })
    // The index of players hears everything, and was saved.
    await again.rebuild('finals')
    await again.rebuild('board')
    expect(again.views.finals.get()).toEqual(live)
    expect(again.views.board.position).toBe(again.stats().position)
    await again.close()
  })

  test('can be given up, by a signal or by closing; the old model goes on', async () => {
    const ledger = await openWith(rooms())
    await playSome(ledger, seededRandom(3), 60)
    const before = await seen(ledger.views)
    const giveUp = new AbortController()
    const given = ledger.rebuild('all', { signal: giveUp.signal })
    giveUp.abort(new Error('enough'))
    await expect(given).rejects.toThrow('enough')
    const never = ledger.rebuild('points', { signal: AbortSignal.abort(new Error('never mind')) })
    await expect(never).rejects.toThrow('never mind')
    expect(ledger.stats().projections.all).toMatchObject({ state: 'live', lag: 0 })
    expect(await seen(ledger.views)).toEqual(before)
    await expect(ledger.rebuild('none' as never)).rejects.toThrow(/no projection "none"/)
    await ledger.close()

    // So long a history that closing comes first.
    const long = await openWith(rooms())
    const game = long.game(tally, 'long')
    await game.dispatch(sit('ann'))
    for (let nth = 0; nth < 40; nth++) await game.dispatch(count('ann', ...Array<number>(1_000).fill(1)))
    const closed = expect(long.rebuild('all')).rejects.toThrow(LedgerClosedError)
    const view = expect(long.viewAt('all', { position: 40_000 })).rejects.toThrow(LedgerClosedError)
    await long.close()
    await Promise.all([closed, view])
  })

  test('heals a projection that threw, and one that throws again stays faulted and says so', async () => {
    let isBroken = true
    const brittle = defineProjection({
      name: 'brittle',
      version: 1,
      initial: { heard: 0 },
      apply: (model, { position }) => {
        if (isBroken && position === 3) throw new Error('cannot')
        model.heard++
      },
      view: (model) => ({ heard: () => model.heard }),
    })
    const here = rooms()
    const ledger = await openLedger({ games: [tally], ...here, projections: { brittle } })
    const faults = faultsOf(ledger)
    for (const player of names) receiptOf(await ledger.game(tally, 'a').dispatch(sit(player)))
    await expect(ledger.rebuild('brittle')).rejects.toThrow(ProjectionFaultedError)
    expect(ledger.stats().projections.brittle).toMatchObject({ state: 'faulted', checkpoint: 2, lag: 3 })
    expect(faults.map(({ code }) => code)).toEqual(['projection-faulted', 'projection-faulted'])
    // Who waits for the views does not wait for one that will not come.
    await ledger.caughtUp()
    isBroken = false
    await ledger.rebuild('brittle')
    expect(ledger.stats().projections.brittle).toEqual({ state: 'live', checkpoint: 5, lag: 0 })
    receiptOf(await ledger.game(tally, 'b').dispatch(sit('ann')))
    expect(ledger.views.brittle.heard()).toBe(6)
    await ledger.close()
    const saved = await here.checkpoints.load('brittle')
    expect(saved).toMatchObject({ position: 6 })
  })
})

describe('a model without a saved one of its version', () => {
  const versioned = (version: number) => ({
    all: defineProjection({
      name: 'all',
      version,
      initial: { heard: 0 },
      apply: (model) => void model.heard++,
      view: (model) => ({ heard: () => model.heard }),
    }),
  })

  test('is whole when a short ledger opens', async () => {
    const here = rooms()
    const ledger = await openLedger({ games: [tally], ...here, projections: versioned(1) })
    await playSome(ledger, seededRandom(3), 60)
    const { position } = ledger.stats()
    await ledger.close()
    const again = await openLedger({ games: [tally], ...here, projections: versioned(2) })
    expect(again.stats().projections.all).toMatchObject({ state: 'live', checkpoint: position })
    expect(again.views.all.heard()).toBe(position)
    await again.close()
  })

  test('is made behind play when a long one opens, says so, and can be waited for', async () => {
    const here = rooms()
    const ledger = await openLedger({ games: [tally], ...here, projections: versioned(1) })
    await playSome(ledger, seededRandom(3), 60)
    const { position } = ledger.stats()
    await ledger.close()
    const options = { games: [tally], ...here, rebuildAtOpenEventsMax: 10 }
    const again = await openLedger({ ...options, projections: versioned(2) })
    expect(again.stats().projections).toMatchObject({
      all: { state: 'rebuilding' },
      players: { state: 'live', checkpoint: position },
    })
    const receipt = receiptOf(await again.game(tally, 'new').dispatch(sit('ann')))
    await again.caughtUp(receipt)
    expect(again.views.all.heard()).toBe(position + 1)
    await again.caughtUp()
    expect(again.stats().projections.all!.state).toBe('live')
    await again.close()
    // Closed while it is made: no half model is saved, and the next opening begins again.
    const third = await openLedger({ ...options, projections: versioned(3) })
    await third.close()
    const fourth = await openLedger({ ...options, projections: versioned(3) })
    await fourth.caughtUp()
    expect(fourth.views.all.heard()).toBe(position + 1)
    await fourth.close()
  })
})

describe('a past that cannot be read', () => {
  /** A store that fails, or lies, for as long as it is told to. */
  const brittleStore = (store: ColdStore) => {
    const state = { isDown: false, isDamaged: false }
    const archive: ColdStore = {
      ...store,
      get: async (key, range) => {
        if (state.isDown && key.endsWith('.gz')) throw new Error('no answer')
        const bytes = await store.get(key, range)
        return state.isDamaged && key.endsWith('.gz') && bytes ? Buffer.from(bytes).fill(1) : bytes
      },
    }
    return { archive, state }
  }

  test('pauses the read models that need it, not play; they go on by themselves, and it is told once', async () => {
    const here = rooms()
    const ledger = await openWith(here)
    await playSome(ledger, seededRandom(4), 60)
    await ledger.settled()
    const before = await seen(ledger.views)
    const { position } = ledger.stats()
    await ledger.close()
    const { archive, state } = brittleStore(here.archive)
    state.isDown = true
    const again = await openWith({ ...here, archive, checkpoints: memoryCheckpointStore() })
    const faults = faultsOf(again)
    expect(again.stats().projections).toMatchObject({
      all: { state: 'paused', checkpoint: 0, lag: position },
      wins: { state: 'live', checkpoint: position, lag: 0 },
    })
    const waiting = again.caughtUp()
    const rebuilding = again.rebuild('points')
    receiptOf(await again.game(tally, 'meanwhile').dispatch(sit('ann')))
    expect(faults.map(({ code }) => code)).toEqual(['read-models-paused'])
    state.isDown = false
    await Promise.all([waiting, rebuilding])
    const { heard: _, ...rest } = (await seen(again.views)) as { heard: unknown }
    const { heard: __, ...wanted } = before as { heard: unknown }
    expect(Object.keys(rest)).toEqual(Object.keys(wanted))
    expect(again.views.all.get()).toHaveLength(position + 1)
    expect(again.stats().projections.all).toMatchObject({ state: 'live', lag: 0 })
    expect(faults).toHaveLength(1)
    await again.close()
  })

  test('and that no patience mends is told to who waits', async () => {
    const here = rooms()
    const ledger = await openWith(here)
    await playSome(ledger, seededRandom(4), 60)
    await ledger.settled()
    await ledger.close()
    const { archive, state } = brittleStore(here.archive)
    const again = await openWith({ ...here, archive })
    state.isDamaged = true
    await expect(again.rebuild('all')).rejects.toThrow(CorruptSegmentError)
    expect(again.stats().projections.all!.state).toBe('live')
    await again.caughtUp()
    await expect(again.viewAt('all', { position: 9 })).rejects.toThrow(CorruptSegmentError)
    await again.close()
    const third = await openWith({ ...here, archive, checkpoints: memoryCheckpointStore() })
    expect(third.stats().projections.all!.state).toBe('paused')
    await expect(third.caughtUp()).rejects.toThrow(CorruptSegmentError)
    state.isDamaged = false
    await third.rebuild('all')
    expect(third.stats().projections.all!.state).toBe('live')
    await third.close()
  })
})

describe('a view of the past', () => {
  const dayMs = 86_400_000

  /** A ledger that was played over many days and lives, and what its views answered at many moments. */
  const playedOverDays = async (seed: number) => {
    const chance = seededRandom(seed)
    const clock: Clock & { time: number } = { time: 1_000 * dayMs, now: () => clock.time }
    const here = rooms()
    const moments: { position: number; time: number; seen: unknown }[] = []
    let ledger = await openWith({ ...here, clock })
    for (let day = 0; day < 6; day++) {
      await playSome(ledger, chance, 15, day)
      if (chance.next() < 0.7) await ledger.settled()
      moments.push({
        position: ledger.stats().position,
        time: clock.time,
        seen: await seen(ledger.views),
      })
      clock.time += dayMs / 2 + Math.floor(chance.next() * dayMs)
      if (day % 2 === 1) {
        await ledger.close()
        ledger = await openWith({ ...here, clock })
      }
    }
    return { ledger, moments, clock }
  }

  const seenAt = async (ledger: Opened, moment: { position: number } | { time: number }) =>
    seen(
      Object.fromEntries(
        await Promise.all(all.map(async (name) => [name, await ledger.viewAt(name, moment)])),
      ) as unknown as Views,
    )

  test('is the view as it was then, by position and by time', async () => {
    for (let seed = 1; seed <= 6; seed++) {
      const { ledger, moments } = await playedOverDays(seed)
      for (const { position, time, seen: wanted } of moments) {
        expect(await seenAt(ledger, { position }), `seed ${seed}, position ${position}`).toEqual(wanted)
        expect(await seenAt(ledger, { time }), `seed ${seed}, time ${time}`).toEqual(wanted)
        expect(await seenAt(ledger, { time: time + 1 })).toEqual(wanted)
      }
      expect(await seenAt(ledger, { time: 0 })).toEqual(await seenAt(ledger, { position: 0 }))
      await ledger.close()
    }
  })

  test('does not change afterwards', async () => {
    const { ledger, moments } = await playedOverDays(7)
    const { position, seen: wanted } = moments[2]!
    const views = Object.fromEntries(
      await Promise.all(all.map(async (name) => [name, await ledger.viewAt(name, { position })])),
    ) as unknown as Views
    await playSome(ledger, seededRandom(1), 50, 99)
    await ledger.settled()
    expect(await seen(views)).toEqual(wanted)
    await ledger.close()
    expect(views.points.top(3)).toHaveLength(3)
  })

  test('begins at the nearest model that was kept', async () => {
    let heard = 0
    const here = rooms()
    const counting = defineProjection({
      name: 'counting',
      version: 1,
      initial: { sum: 0 },
      apply: (model, { position }) => {
        heard++
        model.sum += position
      },
      view: ({ sum }) => sum,
    })
    const open = () => openLedger({ games: [tally], ...here, projections: { counting } })
    for (let life = 0; life < 3; life++) {
      const one = await open()
      await playSome(one, seededRandom(life), 20, life)
      await one.close()
    }
    const last = await open()
    const { position } = last.stats()
    heard = 0
    expect(await last.viewAt('counting', { position: position - 1 })).toBe(((position - 1) * position) / 2)
    expect(heard).toBeLessThan(position / 2)
    expect(heard).toBeGreaterThan(0)
    await last.close()
  })

  test('is refused where there is no such moment or projection, or too many ask', async () => {
    const { ledger, clock } = await playedOverDays(1)
    const { position } = ledger.stats()
    await expect(ledger.viewAt('points', { position: position + 1 })).rejects.toThrow(CheckpointLostError)
    await expect(ledger.viewAt('points', { position: -1 })).rejects.toThrow(TypeError)
    await expect(ledger.viewAt('points', { time: clock.time + 1 })).rejects.toThrow(TypeError)
    await expect(ledger.viewAt('points', { time: Number.NaN })).rejects.toThrow(TypeError)
    await expect(ledger.viewAt('none' as never, { position: 1 })).rejects.toThrow(/no projection "none"/)
    const asked = Array.from({ length: 40 }, () => ledger.viewAt('points', { position: 3 }))
    const answers = await Promise.allSettled(asked)
    const refused = answers.filter((answer) => answer.status === 'rejected')
    expect(refused).toHaveLength(8)
    expect(refused[0]!.reason).toBeInstanceOf(PastViewsBusyError)
    const giveUp = new AbortController()
    const first = ledger.viewAt('points', { position })
    const second = ledger.viewAt('points', { position }, { signal: giveUp.signal })
    giveUp.abort(new Error('enough'))
    await expect(second).rejects.toThrow('enough')
    expect((await first).position).toBe(position)
    await ledger.close()
  })
})
