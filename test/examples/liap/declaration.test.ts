/** Declarations: whose turn it is, and which numbers are possible. */
import { describe, it } from 'vitest'
import { given } from 'gameledger/testing'
import type { LiapEvent } from '../../../examples/liap/events.js'
import { liap } from '../../../examples/liap/index.js'
import {
  dealt,
  declare,
  declared,
  declaredFrom,
  declaring,
  names,
  play,
  started,
  strongHands,
  turning,
} from './table.js'

describe('declarations', () => {
  it('are made in the order of seats from the starter', () => {
    const fromCid = [started(), dealt(strongHands, { starter: 'cid' })]
    given(liap, fromCid)
      .when(declare('cid', 2), { now: 4 })
      .thenEvents({ type: 'Declared', player: 'cid', piles: 2, at: 4 })
    for (const [numbers, next] of [
      [[], 'cid'],
      [[2], 'dot'],
      [[2, 2], 'ann'],
      [[2, 2, 2], 'bob'],
    ] as const)
      for (const player of names.filter((name) => name !== next))
        given(liap, [...fromCid, ...declaredFrom(2, ...numbers)])
          .when(declare(player, 0))
          .thenRejected('not-your-turn')
  })

  it.each([-1, 9, 1.5, NaN])('are whole numbers from 0 to 8, not %d', (piles) => {
    given(liap, declaring).when(declare('ann', piles)).thenRejected('no-declaration')
  })

  it('do not come to 8 in all', () => {
    const three = [...declaring, ...declared(1, 2, 3)]
    given(liap, three).when(declare('dot', 2)).thenRejected('total-of-eight')
    given(liap, three)
      .when(declare('dot', 3))
      .thenState(({ phase }) => phase === 'turn')
  })

  const zeros = (count: number): LiapEvent[] =>
    Array.from({ length: count }, (_, nth) => ({
      type: 'RoundScored',
      round: nth + 1,
      lines: names.map((player) => ({ player, declared: 0, captured: 2, points: -2 })),
    }))

  it('of 0 are possible twice in a row, and not a third time', () => {
    for (const [count, isPossible] of [
      [1, true],
      [2, false],
      [3, false],
    ] as const) {
      const when = given(liap, [started(), ...zeros(count), dealt(strongHands, { round: 4 })]).when(
        declare('ann', 0),
      )
      if (isPossible) when.thenState(({ seats }) => seats[0]!.declared === 0)
      else when.thenRejected('third-zero')
    }
  })

  it('of 0 are possible again after another number', () => {
    const other: LiapEvent = {
      type: 'RoundScored',
      round: 3,
      lines: names.map((player) => ({ player, declared: 1, captured: 2, points: -1 })),
    }
    given(liap, [started(), ...zeros(2), other, dealt(strongHands, { round: 4 })])
      .when(declare('ann', 0))
      .thenState(({ seats }) => seats[0]!.declared === 0)
  })

  it('say that 8 is the total, where 0 would be allowed but for it', () => {
    given(liap, [...declaring, ...declared(3, 3, 2)])
      .when(declare('dot', 0))
      .thenRejected('total-of-eight')
  })

  it('come before play', () => given(liap, declaring).when(play('ann', 'G')).thenRejected('not-now'))
  it('come once', () => given(liap, turning).when(declare('ann', 1)).thenRejected('not-now'))
})
