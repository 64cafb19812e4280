/** The time that each phase has, and what is done for the silent. */
import { describe, expect, it } from 'vitest'
import { given } from 'gameledger/testing'
import type { LiapEvent } from '../../../examples/liap/events.js'
import { liap } from '../../../examples/liap/index.js'
import { declared, declaring, played, turning, weak } from './table.js'

describe('time', () => {
  const dueOf = (events: readonly LiapEvent[]) => liap.deadline?.(given(liap, events).state)
  const timeOut = { type: 'TimeOut' } as const

  it.each([
    ['a redeal has 30 s', weak, 1_000 + 30_000],
    ['a declaration has 120 s', declaring, 1_000 + 120_000],
    ['all four declarations together', [...declaring, ...declared(1, 2, 3)], 1_000 + 120_000],
    ['a turn has 300 s', turning, 2_000 + 300_000],
    ['all four plays together', [...turning, played('ann', 'G'), played('bob', 'g')], 2_000 + 300_000],
  ] as const)('%s', (_, events, at) => expect(dueOf(events)).toEqual({ at, command: timeOut }))

  it('has no end before the start and after the end', () => {
    expect(dueOf([])).toBeUndefined()
    expect(dueOf([...turning, { type: 'Ended', reason: 'round-limit' }])).toBeUndefined()
  })

  it.each([weak, declaring, turning])('is not over a millisecond before', (...events) => {
    const { at } = dueOf(events)!
    given(liap, events)
      .when(timeOut, { now: at - 1 })
      .thenRejected('not-due')
  })

  it('declines a redeal for the silent', () => {
    given(liap, weak)
      .when(timeOut, { now: 31_000 })
      .thenEvents(
        { type: 'RedealDeclined', player: 'bob', at: 31_000 },
        { type: 'RedealDeclined', player: 'dot', at: 31_000 },
      )
      .thenState(({ phase, dueAt }) => phase === 'declaration' && dueAt === 151_000)
    given(liap, [...weak, { type: 'RedealAccepted', player: 'dot', at: 1 }])
      .when(timeOut, { now: 31_000 })
      .thenState(({ multiplier, starter }) => multiplier === 2 && starter === 3)
  })

  it('declares for the silent what a bot would, and what is legal', () => {
    const at = 121_000
    given(liap, declaring)
      .when(timeOut, { now: at })
      // ann: four soldiers, a straight, a general, first. bob: a straight and a general. cid: CHN. dot: chn.
      .thenEvents(
        { type: 'Declared', player: 'ann', piles: 4, at },
        { type: 'Declared', player: 'bob', piles: 2, at },
        { type: 'Declared', player: 'cid', piles: 1, at },
        { type: 'Declared', player: 'dot', piles: 0, at },
      )
      .thenState(({ phase, dueAt }) => phase === 'turn' && dueAt === at + 300_000)
    given(liap, [...declaring, ...declared(1, 2, 3)])
      .when(timeOut, { now: at })
      .thenEvents({ type: 'Declared', player: 'dot', piles: 1, at })
  })

  it('plays the lowest pieces for the silent: one where they lead', () => {
    const at = 302_000
    given(liap, turning)
      .when(timeOut, { now: at })
      .thenEvents(played('ann', 'S'), played('bob', 's'), played('cid', 's'), played('dot', 's'), {
        type: 'TurnWon',
        player: 'ann',
        piles: 1,
        at,
      })
    given(liap, [...turning, played('ann', 'CHN'), played('bob', 'chn')])
      .when(timeOut, { now: at })
      .thenEvents(played('cid', 'sSN'), played('dot', 'ssn'), {
        type: 'TurnWon',
        player: 'ann',
        piles: 3,
        at,
      })
  })
})
