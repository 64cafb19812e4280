/** Who may start a game of Liap, and who begins a round. */
import { describe, expect, it } from 'vitest'
import { given, seededRandom } from 'gameledger/testing'
import type { LiapCommand } from '../../../examples/liap/commands.js'
import { liap, seatsOf } from '../../../examples/liap/index.js'
import { starterOf, type Beginning } from '../../../examples/liap/preparation.js'
import { accept, declare, declaring, names, pieces, play } from './table.js'

const four = names.map((player) => ({ player }))

describe('a game starts', () => {
  it('with four seats, and the first hands are dealt', () => {
    given(liap, [])
      .when({ type: 'Start', seats: four }, { random: seededRandom(3).next, now: 5_000 })
      .thenState(({ seats, round, multiplier, target, roundLimit }) => {
        expect(seats.map(({ player }) => player)).toEqual(names)
        expect(seats.map(({ hand }) => hand.length)).toEqual([8, 8, 8, 8])
        expect({ round, multiplier, target, roundLimit }).toEqual({
          round: 1,
          multiplier: 1,
          target: 50,
          roundLimit: 20,
        })
      })
      .thenState(({ starter, seats }) =>
        seats[starter]!.hand.some(({ kind, colour }) => kind === 'GENERAL' && colour === 'red'),
      )
  })

  it('with a target and a last round of its own', () => {
    given(liap, [])
      .when({ type: 'Start', seats: four, options: { target: 30, roundLimit: null } })
      .thenState(({ target, roundLimit }) => target === 30 && roundLimit === null)
  })

  it('with bots on the seats that nobody takes', () => {
    expect(seatsOf(['ann', 'bob'])).toEqual([
      { player: 'ann' },
      { player: 'bob' },
      { player: 'Bot 3', isBot: true },
      { player: 'Bot 4', isBot: true },
    ])
    expect(seatsOf().map(({ player }) => player)).toEqual(['Bot 1', 'Bot 2', 'Bot 3', 'Bot 4'])
  })

  const seatsWith = (player: string) => [{ player }, ...four.slice(1)]
  it.each([
    ['three', four.slice(1), {}, 'not-four-players'],
    ['five', [...four, { player: 'eve' }], {}, 'not-four-players'],
    ['one player on two seats', seatsWith('bob'), {}, 'same-player'],
    ['a nameless player', seatsWith(' '), {}, 'no-name'],
    ['a name of 51 characters', seatsWith('x'.repeat(51)), {}, 'no-name'],
    ['no target', four, { target: 0 }, 'no-such-option'],
    ['half a target', four, { target: 0.5 }, 'no-such-option'],
    ['no rounds', four, { roundLimit: 0 }, 'no-such-option'],
  ] as const)('not with %s', (_, seats, options, reason) => {
    given(liap, []).when({ type: 'Start', seats, options }).thenRejected(reason)
  })

  it('with a name of 50 characters, however many bytes they have', () => {
    given(liap, [])
      .when({ type: 'Start', seats: seatsWith('\u{1F40E}'.repeat(50)) })
      .thenState(({ phase }) => phase !== 'waiting')
  })

  it('once', () =>
    given(liap, declaring).when({ type: 'Start', seats: four }).thenRejected('already-started'))

  it.each<LiapCommand>([declare('ann', 1), play('ann', 'G'), accept('ann'), { type: 'TimeOut' }])(
    'before $type is possible',
    (command) => given(liap, []).when(command).thenRejected('not-started'),
  )

  it('for its players alone', () =>
    given(liap, declaring).when(declare('eve', 1)).thenRejected('not-a-player'))
})

describe('the starter of a round', () => {
  const hands = ['a', 'AG', 'e', 'g'].map(pieces)
  it.each<[string, Beginning, number]>([
    ['is the accepter of a redeal, also in round 1', { round: 1, hands, accepter: 3 }, 3],
    ['is the accepter, whoever won the last turn', { round: 4, hands, accepter: 0, lastWinner: 2 }, 0],
    ['is the holder of the red general in round 1', { round: 1, hands }, 1],
    ['is the winner of the last turn afterwards', { round: 2, hands, lastWinner: 2 }, 2],
    ['is seat 0 where nobody won', { round: 2, hands }, 0],
  ])('%s', (_, beginning, seat) => expect(starterOf(beginning)).toBe(seat))
})
