/** How a round of Liap ends, and every way in which a game does. */
import { describe, expect, it } from 'vitest'
import { given } from 'gameledger/testing'
import type { LiapEvent } from '../../../examples/liap/events.js'
import { liap } from '../../../examples/liap/index.js'
import { lastTurnOf, names, play, played, eventsAfter, started, turning } from './table.js'

describe('a round', () => {
  it('ends with empty hands: it is scored, and the winner of its last turn starts the next', () => {
    const right = eventsAfter(lastTurnOf({ round: 2 }, [0, 1, 2, 0]), play('dot', 'a'))
    expect(right.map(({ type }) => type)).toEqual(['Played', 'TurnWon', 'RoundScored', 'Dealt'])
    expect(right[2]).toEqual({
      type: 'RoundScored',
      round: 2,
      lines: [
        { player: 'ann', declared: 0, captured: 1, points: -1 },
        { player: 'bob', declared: 1, captured: 0, points: -1 },
        { player: 'cid', declared: 2, captured: 0, points: -2 },
        { player: 'dot', declared: 0, captured: 0, points: 3 },
      ],
    })
    expect(right[3]).toMatchObject({ round: 3, multiplier: 1, starter: 'ann' })
  })

  it('is perfect for who captures what they declared, and that was not 0', () => {
    given(liap, lastTurnOf({}, [1, 0, 0, 0]))
      .when(play('dot', 'a'))
      .thenState(({ seats }) => {
        expect(seats.map(({ perfectRounds }) => perfectRounds)).toEqual([1, 0, 0, 0])
        expect(seats.map(({ zeroStreak }) => zeroStreak)).toEqual([0, 1, 1, 1])
        expect(seats.map(({ captured, declared: number }) => [captured, number])).toEqual(
          names.map(() => [0, null]),
        )
      })
  })
})

describe('a game ends', () => {
  const scored = (...points: number[]): LiapEvent => ({
    type: 'RoundScored',
    round: 1,
    lines: names.map((player, seat) => ({ player, declared: 1, captured: 2, points: points[seat]! })),
  })
  const over = (events: readonly LiapEvent[]) => given(liap, events).when(play('dot', 'a'))
  const standing = (player: string, place: number, score: number, turnsWon = 0, perfectRounds = 0) => ({
    player,
    place,
    score,
    turnsWon,
    perfectRounds,
  })

  it('when somebody has 50', () => {
    over(lastTurnOf({ round: 9 }, [1, 0, 0, 1], [started(), scored(44, 0, -5, 20)]))
      .thenEvents(
        played('dot', 'a'),
        { type: 'TurnWon', player: 'ann', piles: 1, at: 1 },
        {
          type: 'RoundScored',
          round: 9,
          lines: [
            { player: 'ann', declared: 1, captured: 1, points: 6 },
            { player: 'bob', declared: 0, captured: 0, points: 3 },
            { player: 'cid', declared: 0, captured: 0, points: 3 },
            { player: 'dot', declared: 1, captured: 0, points: -1 },
          ],
        },
        { type: 'Ended', reason: 'target-reached' },
      )
      .thenOver({
        standings: [
          standing('ann', 1, 50, 1, 1),
          standing('dot', 2, 19),
          standing('bob', 3, 3),
          standing('cid', 4, -2),
        ],
        reason: 'target-reached',
      })
  })

  it('with more than one winner, where the highest score is shared', () => {
    over(lastTurnOf({}, [1, 0, 0, 1], [started(), scored(44, 47, 47, 0)])).thenOver({
      standings: [
        standing('ann', 1, 50, 1, 1),
        standing('bob', 1, 50),
        standing('cid', 1, 50),
        standing('dot', 4, -1),
      ],
      reason: 'target-reached',
    })
  })

  it('won by the highest, where several have 50 and more', () => {
    over(lastTurnOf({}, [1, 0, 0, 1], [started(), scored(44, 48, 0, 0)])).thenOver({
      standings: [
        standing('bob', 1, 51),
        standing('ann', 2, 50, 1, 1),
        standing('cid', 3, 3),
        standing('dot', 4, -1),
      ],
      reason: 'target-reached',
    })
  })

  it('not below 50, before the last round', () => {
    over(lastTurnOf({ round: 19 }, [1, 0, 0, 1], [started(), scored(43, 46, 0, 0)])).thenState(
      ({ phase, round }) => phase !== 'over' && round === 20,
    )
  })

  it('after round 20, by the highest score, also below 0', () => {
    over(lastTurnOf({ round: 20 }, [0, 1, 1, 1], [started(), scored(-1, -9, -8, -7)])).thenOver({
      standings: [
        standing('ann', 1, -2, 1),
        standing('dot', 2, -8),
        standing('cid', 3, -9),
        standing('bob', 4, -10),
      ],
      reason: 'round-limit',
    })
  })

  it('tied after round 20', () => {
    over(lastTurnOf({ round: 20 }, [1, 0, 0, 0], [started(), scored(0, 3, 3, 0)])).thenOver({
      standings: [
        standing('ann', 1, 6, 1, 1),
        standing('bob', 1, 6),
        standing('cid', 1, 6),
        standing('dot', 4, 3),
      ],
      reason: 'round-limit',
    })
  })

  it('by the target, where round 20 reaches it', () => {
    over(lastTurnOf({ round: 20 }, [1, 0, 0, 1], [started(), scored(44, 0, 0, 0)])).thenState(
      ({ endedBy }) => endedBy === 'target-reached',
    )
  })

  it('not after round 20 where there is no last round', () => {
    const endless = [started({ roundLimit: null }), scored(0, 0, 0, 0)]
    over(lastTurnOf({ round: 20 }, [1, 0, 0, 0], endless)).thenState(({ round }) => round === 21)
  })

  it('by a target of its own', () => {
    over(lastTurnOf({}, [1, 0, 0, 0], [started({ target: 6 })])).thenState(
      ({ endedBy }) => endedBy === 'target-reached',
    )
  })

  it('and has no result before', () => expect(liap.result?.(given(liap, turning).state)).toBeUndefined())
})
