import { isRight, type Either } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { replayOf, type Replay, type ReplayError } from '../../src/archive/replay.js'
import { defineGame, type AnyGame, type Viewer } from '../../src/commands/game.js'
import { race, Table } from './played-games.js'

const { envelopes } = new Table().playThrough('g', ['ann', 'bob'], 3)

const replayed = (replay: Either<ReplayError, Replay>): Replay => {
  if (!isRight(replay)) throw new Error(JSON.stringify(replay.left))
  return replay.right
}

const ann: Viewer = { as: 'player', player: 'ann' }

describe('a replay', () => {
  it('shows the end, and every step on the way', () => {
    const replay = replayed(replayOf(race, envelopes))
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

  it('stops at a version, or at a time', () => {
    const toVersion = replayed(replayOf(race, envelopes, { toVersion: 3 }))
    expect(toVersion).toMatchObject({ version: 3, final: false, state: { moves: 1 } })
    expect(toVersion.events).toHaveLength(3)
    const { recordedAt } = envelopes[3]!
    expect(replayed(replayOf(race, envelopes, { toTime: recordedAt })).version).toBe(4)
    expect(replayed(replayOf(race, envelopes, { toTime: recordedAt - 1 })).version).toBe(3)
    expect(replayed(replayOf(race, envelopes, { toVersion: 0 }))).toMatchObject({
      version: 0,
      events: [],
      final: false,
    })
  })

  it('agrees at every version with the state shown on the way', () => {
    const states = [...replayed(replayOf(race, envelopes)).states()]
    for (const { version, state } of states)
      expect(replayed(replayOf(race, envelopes, { toVersion: version })).state).toEqual(state)
  })

  it('shows a viewer what the rules let them see', () => {
    const hiding: AnyGame = defineGame({
      ...race,
      view: (state, viewer) => ({ moves: state.moves, as: viewer.as }),
      viewEvent: (event, viewer) => (event.type === 'Scored' && viewer.as === 'player' ? undefined : event),
    })
    const seen = replayed(replayOf(hiding, envelopes, { viewer: ann }))
    expect(seen.state).toEqual({ moves: 3, as: 'player' })
    expect(seen.events.map(({ event }) => event.type)).toEqual(['Joined', 'Joined', 'Finished'])
    expect([...seen.states()].at(-1)!.state).toEqual({ moves: 3, as: 'player' })
    expect(replayed(replayOf(hiding, envelopes, { viewer: { as: 'operator' } })).events).toHaveLength(6)
  })

  it('shows events to operators alone where states are hidden and events are not', () => {
    const hiding: AnyGame = defineGame({ ...race, view: () => 'hidden' })
    expect(replayed(replayOf(hiding, envelopes, { viewer: ann }))).toMatchObject({
      version: 6,
      events: [],
      state: 'hidden',
    })
    expect(replayed(replayOf(hiding, envelopes, { viewer: { as: 'operator' } })).events).toEqual(envelopes)
    expect(replayed(replayOf(hiding, envelopes)).state).toMatchObject({ moves: 3 })
    expect(replayed(replayOf(race, envelopes, { viewer: ann })).events).toEqual(envelopes)
  })

  it('says which event the rules do not know', () => {
    const game = new Table().play('g', [{ type: 'Joined', player: 'a' } as { type: string }, { type: 'Odd' }])
    expect(replayOf(race, game.envelopes)).toMatchObject({
      left: { _tag: 'UnknownEvent', type: 'Odd', version: 2, stream: 'race/g' },
    })
    expect(replayOf(race, [])).toMatchObject({ left: { _tag: 'NotFound' } })
  })

  it("skips the ledger's own events", () => {
    const table = new Table()
    table.join('g', ['ann'])
    const game = table.play('g', [{ type: '$closed' }], { final: true })
    const replay = replayed(replayOf(race, game.envelopes))
    expect(replay).toMatchObject({ version: 2, final: true, state: { players: ['ann'], isOver: false } })
    expect([...replay.states()]).toHaveLength(3)
  })
})
