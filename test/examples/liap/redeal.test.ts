/** Weak hands and redeals: who is asked, what comes of it, and chains of them. */
import { describe, expect, it } from 'vitest'
import { given, seededRandom } from 'gameledger/testing'
import type { LiapCommand } from '../../../examples/liap/commands.js'
import type { LiapEvent } from '../../../examples/liap/events.js'
import { liap } from '../../../examples/liap/index.js'
import {
  accept,
  dealt,
  declaring,
  decline,
  eventsAfter,
  lastTurnOf,
  names,
  play,
  started,
  weak,
  weakHands,
} from './table.js'

describe('a redeal', () => {
  it('is decided by all weak hands at once, in any order', () => {
    given(liap, weak)
      .when(decline('dot'), { now: 7 })
      .thenEvents({ type: 'RedealDeclined', player: 'dot', at: 7 })
    given(liap, weak)
      .when(decline('bob'))
      .thenState(({ phase }) => phase === 'preparation')
  })

  it('is not for strong hands', () =>
    given(liap, weak).when(accept('ann')).thenRejected('no-redeal-to-decide'))

  it('is decided once', () => {
    const decided: LiapEvent[] = [...weak, { type: 'RedealAccepted', player: 'bob', at: 2 }]
    for (const command of [accept('bob'), decline('bob')])
      given(liap, decided).when(command).thenRejected('no-redeal-to-decide')
  })

  it('is not decided when no hand is weak', () =>
    given(liap, declaring).when(accept('ann')).thenRejected('not-now'))

  it('waits for the others after an acceptance', () => {
    given(liap, weak)
      .when(accept('bob'))
      .thenEvents({ type: 'RedealAccepted', player: 'bob', at: 1 })
      .thenState(({ phase, undecided }) => phase === 'preparation' && undecided.length === 1)
  })

  it('does not come about when all decline', () => {
    given(liap, [...weak, { type: 'RedealDeclined', player: 'bob', at: 2_000 }])
      .when(decline('dot'), { now: 9_000 })
      .thenEvents({ type: 'RedealDeclined', player: 'dot', at: 9_000 })
      .thenState(({ phase, multiplier, starter, dueAt }) => {
        expect({ phase, multiplier, starter, dueAt }).toEqual({
          phase: 'declaration',
          multiplier: 1,
          starter: 0,
          dueAt: 9_000 + 120_000,
        })
      })
  })

  it.each<[string, LiapCommand, LiapCommand, string, string]>([
    ['the one who accepts', accept('bob'), decline('dot'), 'ann', 'bob'],
    ['the one who accepts, last', decline('bob'), accept('dot'), 'ann', 'dot'],
    ['the first of two in play order', accept('dot'), accept('bob'), 'ann', 'bob'],
    ['the first from the starter, not from seat 0', accept('bob'), accept('dot'), 'cid', 'dot'],
  ])('makes %s the starter of the round, which counts double', (_, first, second, starter, accepter) => {
    const before = [started(), dealt(weakHands, { starter, round: 3 })]
    given(liap, [...before, ...eventsAfter(before, first)])
      .when(second, { random: seededRandom(5).next })
      .thenState((state) => {
        expect(names[state.starter]).toBe(accepter)
        expect(state.multiplier).toBe(2)
        expect(state.round).toBe(3)
        expect(state.seats.map(({ hand }) => hand.length)).toEqual([8, 8, 8, 8])
      })
  })

  it('can follow a redeal: the round counts three times', () => {
    given(liap, [
      ...weak,
      { type: 'RedealAccepted', player: 'bob', at: 1 },
      { type: 'RedealDeclined', player: 'dot', at: 1 },
      dealt(weakHands, { multiplier: 2, starter: 'bob' }),
      { type: 'RedealAccepted', player: 'dot', at: 1 },
    ])
      .when(decline('bob'))
      .thenState(({ multiplier, starter }) => multiplier === 3 && starter === 3)
  })

  it('that all decline after an accepted one leaves its starter and multiplier', () => {
    given(liap, [
      ...weak,
      { type: 'RedealAccepted', player: 'bob', at: 1 },
      { type: 'RedealDeclined', player: 'dot', at: 1 },
      dealt(weakHands, { multiplier: 2, starter: 'bob' }),
      { type: 'RedealDeclined', player: 'dot', at: 1 },
    ])
      .when(decline('bob'))
      .thenState(
        ({ multiplier, starter, phase }) => multiplier === 2 && starter === 1 && phase === 'declaration',
      )
  })

  it('multiplies the points of the round', () => {
    const turn = lastTurnOf({ multiplier: 3 }, [1, 0, 0, 0])
    given(liap, turn)
      .when(play('dot', 'a'))
      .thenState(({ seats }) => {
        expect(seats.map(({ score }) => score)).toEqual([18, 9, 9, 9])
      })
  })
})
