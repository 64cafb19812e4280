/** Turns: what may be led and played, who wins, and what that gives. */
import { describe, expect, it } from 'vitest'
import { given } from 'gameledger/testing'
import { liap } from '../../../examples/liap/index.js'
import { winnerOf } from '../../../examples/liap/turn.js'
import { pieces, play, played, turning, turnWon } from './table.js'

describe('a turn', () => {
  it('is led by the starter, with pieces of a type', () => {
    given(liap, turning)
      .when(play('ann', 'SSS'))
      .thenEvents(played('ann', 'SSS'))
      .thenState(({ seats, plays }) => {
        expect(seats[0]!.hand).toEqual(pieces('GCHNS'))
        expect(plays).toEqual([{ seat: 0, pieces: pieces('SSS') }])
      })
  })

  it.each([
    ['pieces that form no type', 'GS', 'no-play'],
    ['nothing', '', 'no-play'],
    ['pieces of others', 'g', 'not-in-hand'],
    ['one piece twice', 'GG', 'not-in-hand'],
  ] as const)('is not led with %s', (_, letters, reason) => {
    given(liap, turning).when(play('ann', letters)).thenRejected(reason)
  })

  it('keeps of a piece its kind and colour', () => {
    const piece = { kind: 'GENERAL', colour: 'red', points: 14 } as const
    given(liap, turning)
      .when({ type: 'Play', player: 'ann', pieces: [piece] })
      .thenEvents(played('ann', 'G'))
  })

  const led = [...turning, played('ann', 'CHN')]
  it('goes on in the order of seats', () => {
    for (const player of ['ann', 'cid', 'dot'])
      given(liap, led).when(play(player, 'chn')).thenRejected('not-your-turn')
  })

  it.each(['ch', 'gchn'])('takes as many pieces as the leader played, not %s', (letters) => {
    given(liap, led).when(play('bob', letters)).thenRejected('wrong-count')
  })

  it('takes any pieces from those who follow', () => {
    given(liap, led).when(play('bob', 'gss')).thenEvents(played('bob', 'gss'))
  })

  it.each([
    ['the leader, where nobody is better', ['SSS', 'gAa', 'AaE', 'eec'], 0],
    ['the highest of the type', ['G', 'g', 'A', 'a'], 0],
    ['a later, better play', ['n', 'S', 'A', 'a'], 2],
    ['the earlier of equals', ['S', 'H', 'e', 'e'], 2],
    ['the leader against equal pieces', ['CHN', 'chn', 'CHN', 'eec'], 0],
    ['not more points of another type', ['sss', 'GAE', 'AAE', 'gae'], 0],
    ['nobody by pieces without a type', ['ss', 'GA', 'Ee', 'Cc'], 0],
    ['the best of three pairs', ['ss', 'SS', 'ee', 'cc'], 2],
  ] as const)('is won by %s', (_, [first, ...rest], seat) => {
    const plays = rest.map((letters, index) => ({ seat: index + 1, pieces: pieces(letters) }))
    expect(winnerOf([{ seat: 0, pieces: pieces(first) }, ...plays])).toBe(seat)
  })

  const nearlyOver = [...led, played('bob', 'chn'), played('cid', 'AaE')]
  it('gives the winner as many piles as each played pieces, and the lead', () => {
    given(liap, nearlyOver)
      .when(play('dot', 'chn'), { now: 50_000 })
      .thenEvents(played('dot', 'chn'), { type: 'TurnWon', player: 'ann', piles: 3, at: 50_000 })
      .thenState(({ seats, leader, plays, lastTurn, dueAt }) => {
        expect(seats.map(({ captured }) => captured)).toEqual([3, 0, 0, 0])
        expect(seats[0]!.turnsWon).toBe(1)
        expect({ leader, plays, dueAt }).toEqual({ leader: 0, plays: [], dueAt: 350_000 })
        expect(lastTurn?.plays).toHaveLength(4)
      })
    given(liap, [...nearlyOver, played('dot', 'chn'), turnWon('cid', 3)])
      .when(play('ann', 'G'))
      .thenRejected('not-your-turn')
  })
})
