import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { isRight, right } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { replayOf, type GameEvents, type Replay, type ReplayOptions } from '../../src/archive/replay.js'
import { memoryColdStore } from '../../src/archive/stores/memory-cold-store.js'
import { stateHashOf, type RecordedState } from '../../src/archive/state-hash.js'
import { Verification } from '../../src/archive/verification.js'
import { defineGame, type AnyGame, type Viewer } from '../../src/commands/game.js'
import type { EventEnvelope } from '../../src/events/envelope.js'
import { Notes, openRoom } from './archive-room.js'
import { race, Table } from './played-games.js'

const { envelopes } = new Table().playThrough('g', ['ann', 'bob'], 3)

/** Decoded anew at each call, as from bytes: folding in place may take them apart. */
const logOf = (all: readonly EventEnvelope[], recorded?: RecordedState): GameEvents => ({
  stream: 'race/g',
  envelopes: (fromVersion = 1) => structuredClone(all.slice(fromVersion - 1)),
  ...(recorded && { recorded }),
})

const replayed = async (
  game: AnyGame,
  all: readonly EventEnvelope[],
  options?: ReplayOptions,
  recorded?: RecordedState,
): Promise<Replay> => {
  const replay = await replayOf(game, logOf(all, recorded), options)
  if (!isRight(replay)) throw new Error(JSON.stringify(replay.left))
  return replay.right
}

const ann: Viewer = { as: 'player', player: 'ann' }

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

describe('a replay', () => {
  it('shows the end, and every step on the way', async () => {
    const replay = await replayed(race, envelopes)
    expect(replay).toMatchObject({ version: 6, final: true, events: envelopes })
    expect(replay.state).toEqual({
      players: ['ann', 'bob'],
      points: { ann: 2, bob: 1 },
      moves: 3,
      isOver: true,
    })
    const states = [...replay.states()]
    expect(states.map(({ version }) => version)).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(states[0]!.state).toEqual(race.initialState)
    expect(states[6]!.state).toEqual(replay.state)
    expect(states[3]!.state).toMatchObject({ moves: 1, isOver: false })
  })

  it('stops at a version, or at a time', async () => {
    const toVersion = await replayed(race, envelopes, { toVersion: 3 })
    expect(toVersion).toMatchObject({ version: 3, final: false, state: { moves: 1 } })
    expect(toVersion.events).toHaveLength(3)
    const { recordedAt } = envelopes[3]!
    expect((await replayed(race, envelopes, { toTime: recordedAt })).version).toBe(4)
    expect((await replayed(race, envelopes, { toTime: recordedAt - 1 })).version).toBe(3)
    expect(await replayed(race, envelopes, { toVersion: 0 })).toMatchObject({
      version: 0,
      events: [],
      final: false,
    })
  })

  it('agrees at every version with the state shown on the way', async () => {
    const states = [...(await replayed(race, envelopes)).states()]
    for (const { version, state } of states)
      expect((await replayed(race, envelopes, { toVersion: version })).state).toEqual(state)
  })

  it('shows a viewer what the rules let them see', async () => {
    const hiding: AnyGame = defineGame({
      ...race,
      view: (state, viewer) => ({ moves: state.moves, as: viewer.as }),
      viewEvent: (event, viewer) => (event.type === 'Scored' && viewer.as === 'player' ? undefined : event),
    })
    const seen = await replayed(hiding, envelopes, { viewer: ann })
    expect(seen.state).toEqual({ moves: 3, as: 'player' })
    expect(seen.events.map(({ event }) => event.type)).toEqual(['Joined', 'Joined', 'Finished'])
    expect([...seen.states()].at(-1)!.state).toEqual({ moves: 3, as: 'player' })
    expect((await replayed(hiding, envelopes, { viewer: { as: 'operator' } })).events).toHaveLength(6)
  })

  it('shows events to operators alone where states are hidden and events are not', async () => {
    const hiding: AnyGame = defineGame({ ...race, view: () => 'hidden' })
    expect(await replayed(hiding, envelopes, { viewer: ann })).toMatchObject({
      version: 6,
      events: [],
      state: 'hidden',
    })
    expect((await replayed(hiding, envelopes, { viewer: { as: 'operator' } })).events).toEqual(envelopes)
    expect((await replayed(hiding, envelopes)).state).toMatchObject({ moves: 3 })
    expect((await replayed(race, envelopes, { viewer: ann })).events).toEqual(envelopes)
  })

  it('says which event the rules do not know', async () => {
    const game = new Table().play('g', [{ type: 'Joined', player: 'a' } as { type: string }, { type: 'Odd' }])
    expect(await replayOf(race, logOf(game.envelopes))).toMatchObject({
      left: { _tag: 'UnknownEvent', type: 'Odd', version: 2, stream: 'race/g' },
    })
  })

  it("skips the ledger's own events", async () => {
    const table = new Table()
    table.join('g', ['ann'])
    const game = table.play('g', [{ type: '$closed' }], { final: true })
    const replay = await replayed(race, game.envelopes)
    expect(replay).toMatchObject({ version: 2, final: true, state: { players: ['ann'], isOver: false } })
    expect([...replay.states()]).toHaveLength(3)
  })

  it('refuses a version or a time that is none', async () => {
    for (const toVersion of [-1, 1.5, NaN, '3' as never])
      await expect(replayOf(race, logOf(envelopes), { toVersion })).rejects.toThrow(TypeError)
    await expect(replayOf(race, logOf(envelopes), { toTime: NaN })).rejects.toThrow(TypeError)
  })

  it('hands out what nobody else holds: events, states and the final state share nothing', async () => {
    const nested = defineGame({
      kind: 'nested',
      initialState: { last: { at: 0 } },
      decide: () => right([]),
      evolve(
        state: { last: { at: number } },
        event: { type: 'Put'; what: { at: number } } | { type: 'Raised' },
      ) {
        if (event.type === 'Put') state.last = event.what
        else state.last.at++
      },
      isTerminal: () => false,
    })
    const events = [{ type: 'Put', what: { at: 1 } }, { type: 'Raised' }, { type: 'Raised' }]
    const put = events.map((event, at) => ({ ...envelopes[at]!, event, final: false }))
    const replay = await replayed(nested, put)
    expect(replay.state).toEqual({ last: { at: 3 } })
    expect(replay.events.map(({ event }) => event)).toEqual(events)
    expect([...replay.states()].map(({ state }) => state)).toEqual(
      [0, 1, 2, 3].map((at) => ({ last: { at } })),
    )
  })

  it('decodes events when they are asked for, and states step by step', async () => {
    let decoded = 0
    const log: GameEvents = {
      stream: 'race/g',
      *envelopes() {
        for (const envelope of envelopes) {
          decoded++
          yield structuredClone(envelope)
        }
      },
    }
    const replay = await replayOf(race, log)
    if (!isRight(replay)) throw new Error('cannot be replayed')
    const folded = decoded
    const states = replay.right.states()
    expect(decoded).toBe(folded)
    states.next()
    states.next()
    states.next()
    expect(decoded).toBe(folded + 2)
    expect(replay.right.events).toBe(replay.right.events)
    expect(decoded).toBe(folded + 2 + envelopes.length)
  })

  it('keeps the bytes and one state of a long game, not its events or states', async () => {
    const long = new Table()
    long.join('long', ['ann', 'bob'])
    for (let move = 0; move < 100_000; move++) long.score('long', 'ann', 1)
    const { log, stream } = long.games.get('race/long')!
    long.games.clear()
    long.records.length = 0
    const heap = (): number => {
      collect()
      return process.memoryUsage().heapUsed
    }
    const before = heap()
    const replay = await replayOf(race, {
      stream,
      envelopes: (from = 1) => log.envelopes('race', 'long', race, from),
    })
    if (!isRight(replay)) throw new Error('cannot be replayed')
    let steps = 0
    for (const _ of replay.right.states()) if (++steps === 90_000) break
    expect(heap() - before).toBeLessThan(2_000_000)
    // The control: what it would be if events were kept, as they are where somebody asks for them.
    expect(replay.right.events).toHaveLength(100_002)
    expect(heap() - before).toBeGreaterThan(10_000_000)
  })

  it('lets others run while a long game is folded', async () => {
    const long = new Table()
    long.join('long', ['ann', 'bob'])
    for (let move = 0; move < 30_000; move++) long.score('long', 'ann', 1)
    const { log, stream } = long.games.get('race/long')!
    let turns = 0
    const turning = setInterval(() => turns++, 0)
    const replay = await replayOf(race, {
      stream,
      envelopes: (from = 1) => log.envelopes('race', 'long', race, from),
    })
    clearInterval(turning)
    expect(replay).toMatchObject({ right: { version: 30_002, state: { moves: 30_000 } } })
    expect(turns).toBeGreaterThan(0)
  })
})

describe('the final state of a replay, beside the one that was recorded', () => {
  const stateHash = stateHashOf({
    players: ['ann', 'bob'],
    points: { ann: 2, bob: 1 },
    moves: 3,
    isOver: true,
  })
  const numbered: AnyGame = defineGame({ ...race, rules: 2 })
  const changed: AnyGame = defineGame({
    ...race,
    evolve(state, event) {
      race.evolve(state, event)
      state.moves = 99
    },
  })
  const hashOf = async (game: AnyGame, recorded: RecordedState | undefined, options?: ReplayOptions) =>
    (await replayed(game, envelopes, options, recorded)).hash

  it('is equal, or different where the rules make another state', async () => {
    expect(await hashOf(race, { stateHash, schema: 1 })).toBe('equal')
    expect(await hashOf(changed, { stateHash, schema: 1 })).toBe('different')
    expect(await hashOf(numbered, { stateHash, schema: 1, rules: 2 })).toBe('equal')
  })

  it('is told the same to every viewer', async () => {
    const hiding: AnyGame = defineGame({ ...race, view: () => 'hidden' })
    expect(await hashOf(hiding, { stateHash, schema: 1 }, { viewer: ann })).toBe('equal')
  })

  it('cannot be compared under another schema or another rules number, before the end, or where nothing was recorded', async () => {
    expect(await hashOf(race, { stateHash, schema: 2 })).toBe('not-comparable')
    expect(await hashOf(race, { stateHash, schema: 1, rules: 2 })).toBe('not-comparable')
    expect(await hashOf(numbered, { stateHash, schema: 1 })).toBe('not-comparable')
    expect(await hashOf(defineGame({ ...race, rules: 3 }), { stateHash, schema: 1, rules: 2 })).toBe(
      'not-comparable',
    )
    expect(await hashOf(race, { stateHash, schema: 1 }, { toVersion: 5 })).toBe('not-comparable')
    expect(await hashOf(race, { schema: 1 })).toBe('not-comparable')
    expect(await hashOf(race, undefined)).toBe('not-comparable')
  })

  it('is recorded with the rules number, and `verify` compares by it', async () => {
    const table = new Table()
    table.playThrough('g')
    const store = memoryColdStore()
    const room = await openRoom(store, table, new Notes(), { rules: new Map([['race', numbered]]) })
    await room.archiver.flush()
    const { header } = await (await room.catalog.find('race/g'))!.load()
    expect(header).toMatchObject({ stateHash: expect.any(String) as unknown, schema: 1, rules: 2 })
    const verified = (game: AnyGame) => new Verification(store, new Map([['race', game]])).run({ deep: true })
    expect(await verified(numbered)).toMatchObject({ ok: true, notComparable: 0 })
    expect(await verified(defineGame({ ...changed, rules: 2 }))).toMatchObject({
      ok: false,
      problems: [{ code: 'state-differs', game: 'race/g' }],
    })
    expect(await verified(defineGame({ ...changed, rules: 3 }))).toMatchObject({ ok: true, notComparable: 1 })
    expect(await verified(changed)).toMatchObject({ ok: true, notComparable: 1 })
  })

  it('takes no rules number but a whole one from 1', () => {
    for (const none of [0, 1.5, NaN, '2' as never])
      expect(() => defineGame({ ...race, rules: none })).toThrow(TypeError)
  })
})
