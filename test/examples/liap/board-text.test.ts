/** The board of Liap as text. */
import { expect, it } from 'vitest'
import { given } from 'gameledger/testing'
import type { Viewer } from 'gameledger'
import type { LiapEvent } from '../../../examples/liap/events.js'
import { liap } from '../../../examples/liap/index.js'
import {
  dealt,
  declared,
  lastTurnOf,
  play,
  played,
  started,
  strongHands,
  turning,
  turnWon,
  weak,
  eventsAfter,
} from './table.js'

const boardOf = (events: readonly LiapEvent[], viewer: Viewer): string[] =>
  liap.render!(liap.view!(given(liap, events).state, viewer)).split('\n')

const ann: Viewer = { as: 'player', player: 'ann' }

it('waits', () => expect(boardOf([], ann)).toEqual(['Waiting for four players']))

it('shows a player their own hand, and of others how many pieces they hold', () => {
  expect(boardOf([...turning, played('ann', 'SS'), played('bob', 'gc')], ann)).toEqual([
    'Round 1 of 20: cid plays',
    '   player               score declared captured  hand',
    '   ann                      0        1        0  G C H N S S',
    '   bob                      0        2        0  6 pieces',
    ' > cid                      0        3        0  8 pieces',
    '   dot                      0        4        0  8 pieces',
    '',
    'On the table',
    '  ann: S S',
    '  bob: g c',
  ])
})

it('shows the last turn when the table is empty, and the hands to an operator', () => {
  const turn = [played('ann', 'SS'), played('bob', 'gc'), played('cid', 'As'), played('dot', 'cs')]
  expect(boardOf([...turning, ...turn, turnWon('ann', 2)], { as: 'operator' })).toEqual([
    'Round 1 of 20: ann plays',
    '   player               score declared captured  hand',
    ' > ann                      0        1        2  G C H N S S',
    '   bob                      0        2        0  A a h n s s',
    '   cid                      0        3        0  a E C H N S',
    '   dot                      0        4        0  E e e h n s',
    '',
    'Last turn, won by ann',
    '  ann: S S',
    '  bob: g c',
    '  cid: A s',
    '  dot: c s',
  ])
})

it('says that a redeal is decided, and to those who decide that it is they', () => {
  expect(boardOf(weak, ann)[0]).toBe('Round 1 of 20: somebody decides about a redeal')
  expect(boardOf(weak, { as: 'player', player: 'bob' })[0]).toBe('Round 1 of 20: bob decides about a redeal')
  expect(boardOf(weak, { as: 'operator' })[0]).toBe('Round 1 of 20: bob and dot decide about a redeal')
})

it('says what the round counts, and leaves out a last round that there is not', () => {
  const deal = dealt(strongHands, { round: 3, multiplier: 2 })
  expect(boardOf([started({ roundLimit: null }), deal], ann)[0]).toBe('Round 3, x2: ann declares')
  expect(boardOf([started(), deal, ...declared(1)], ann)[0]).toBe('Round 3 of 20, x2: bob declares')
})

it('says that a round is scored, and that the game is over', () => {
  const before = lastTurnOf({ round: 20 }, [1, 0, 0, 0])
  const end = eventsAfter(before, play('dot', 'a'))
  expect(boardOf([...before, ...end.slice(0, -1)], ann)[0]).toBe('Round 20 of 20 is scored')
  expect(boardOf([...before, ...end], ann)[0]).toBe('Over after round 20')
})
