/** The simple bot: what it declares, plays and decides, of what its seat sees. */
import { describe, expect, it } from 'vitest'
import { given } from 'gameledger/testing'
import {
  choosePlay,
  chooseDeclaration,
  combinationsIn,
  promisedPiles,
} from '../../../examples/liap/choices.js'
import type { LiapEvent } from '../../../examples/liap/events.js'
import { botCommand, chooseCommand, liap, type LiapView } from '../../../examples/liap/index.js'
import {
  dealt,
  declared,
  declaring,
  names,
  pieces,
  played,
  started,
  strongHands,
  turning,
  weak,
} from './table.js'

const seenBy = (events: readonly LiapEvent[], seat: number): LiapView =>
  liap.view!(given(liap, events).state, { as: 'player', player: names[seat]! }) as LiapView

const first = () => 0
const last = () => 0.999

describe('a bot finds the combinations of its hand', () => {
  it.each([
    ['GAEssshn', ['GAE', 'sss']],
    ['CCHHNNSS', ['CCHHNN']],
    ['GAAECHNs', ['GAAE', 'CHN']],
    ['SSSSSCHN', ['SSSSS', 'CHN']],
    ['GgAACCec', []],
  ])('%s', (hand, expected) => {
    const found = combinationsIn(pieces(hand)).map(({ pieces: each }) => each)
    expect(found.map((each) => [...each].map((piece) => JSON.stringify(piece)).sort())).toEqual(
      expected.map((letters) =>
        pieces(letters)
          .map((piece) => JSON.stringify(piece))
          .sort(),
      ),
    )
  })
})

describe('a bot promises', () => {
  it.each([
    ['nothing by a hand without 9 points and combination', 'CChhNNcs', false, 0],
    ['nothing by it when first, too', 'CChhNNcs', true, 0],
    ['one by a hand with 9 points', 'eChhNNcs', false, 1],
    ['one by a combination', 'CHNnCssh', false, 1],
    ['one more by a general', 'GCHNncss', false, 2],
    ['one more by a double straight of 36', 'CCHHNNss', false, 2],
    ['not by a straight of 18', 'CHNcssAe', false, 1],
    ['one more when first', 'GCHNncss', true, 3],
    ['one each for two combinations, a general, and being first', 'GAEsssss', true, 4],
  ])('%s', (_, hand, isFirst, piles) => expect(promisedPiles(pieces(hand), isFirst)).toBe(piles))

  it.each([
    ['what it promises', 'GCHNncss', { position: 1, declared: [1] }, 2],
    ['one less where that is not legal', 'GCHNncss', { position: 3, declared: [2, 2, 2] }, 1],
    [
      'one more where less is not legal, either',
      'eChhNNcs',
      { position: 3, declared: [2, 2, 3], zeroStreak: 2 },
      2,
    ],
    ['1 for a third 0', 'CChhNNcs', { position: 1, declared: [1], zeroStreak: 2 }, 1],
    ['1 for a 0 that makes 8', 'CChhNNcs', { position: 3, declared: [2, 3, 3] }, 1],
  ])('and declares %s', (_, hand, who, piles) => expect(chooseDeclaration(pieces(hand), who)).toBe(piles))
})

describe('a bot plays', () => {
  it.each([
    ['the most points of any size when it leads', 'GAEssshn', undefined, 'GAE'],
    ['a doubled straight rather than a plain one', 'GAAEsshn', undefined, 'GAAE'],
    ['the best single', 'gAaCsshn', 1, 'g'],
    ['the best pair', 'ggCCSSss', 2, 'CC'],
    ['a valid set also of another type than the leader’s', 'SSSGsshn', 3, 'SSS'],
    ['the lowest pieces without a valid set', 'GaCcHnSs', 3, 'sSn'],
  ])('%s', (_, hand, size, letters) => {
    const chosen = choosePlay(pieces(hand), size, first)
    expect([...chosen].map((piece) => JSON.stringify(piece)).sort()).toEqual(
      pieces(letters)
        .map((piece) => JSON.stringify(piece))
        .sort(),
    )
  })

  it('one of several that are equal by lot', () => {
    const hand = pieces('Gccs')
    expect([first, last].map((random) => choosePlay(hand, undefined, random).length).sort()).toEqual([1, 2])
  })
})

describe('a bot on a seat', () => {
  it('accepts every redeal, of its own hand', () => {
    expect(chooseCommand(seenBy(weak, 1), 1, first)).toEqual({ type: 'AcceptRedeal', player: 'bob' })
    expect(chooseCommand(seenBy(weak, 0), 0, first)).toBeUndefined()
  })

  it('declares in its turn', () => {
    expect(chooseCommand(seenBy(declaring, 0), 0, first)).toEqual({
      type: 'Declare',
      player: 'ann',
      piles: 4,
    })
    expect(chooseCommand(seenBy(declaring, 1), 1, first)).toBeUndefined()
    const after = [...declaring, ...declared(1, 2, 3)]
    expect(chooseCommand(seenBy(after, 3), 3, first)).toEqual({ type: 'Declare', player: 'dot', piles: 1 })
  })

  it('declares 1 after two rounds of 0', () => {
    const zeros = [1, 2].map((round): LiapEvent => ({
      type: 'RoundScored',
      round,
      lines: names.map((player) => ({ player, declared: 0, captured: 2, points: -2 })),
    }))
    const events: LiapEvent[] = [
      started(),
      ...zeros,
      dealt(['CChhNNcs', ...strongHands.slice(1)], { round: 3 }),
      { type: 'RedealDeclined', player: 'ann', at: 1 },
    ]
    expect(chooseCommand(seenBy(events, 0), 0, first)).toEqual({ type: 'Declare', player: 'ann', piles: 1 })
  })

  it('leads and follows in its turn', () => {
    expect(chooseCommand(seenBy(turning, 0), 0, first)).toMatchObject({ type: 'Play', player: 'ann' })
    const led = [...turning, played('ann', 'CHN')]
    expect(chooseCommand(seenBy(led, 1), 1, first)).toEqual({
      type: 'Play',
      player: 'bob',
      pieces: pieces('chn'),
    })
    expect(chooseCommand(seenBy(led, 0), 0, first)).toBeUndefined()
  })

  it('cannot act for a seat whose hand it does not see', () => {
    expect(chooseCommand(seenBy(turning, 1), 0, first)).toBeUndefined()
  })

  it('is not asked where a person plays: only for bots, and people who are away', () => {
    expect(botCommand(seenBy(turning, 0), 0, first)).toBeUndefined()
    const away: LiapEvent[] = [...turning, { type: 'BotTookOver', player: 'ann' }]
    expect(botCommand(seenBy(away, 0), 0, first)).toEqual(chooseCommand(seenBy(away, 0), 0, first))
    expect(
      botCommand(seenBy([...away, { type: 'PlayerReturned', player: 'ann' }], 0), 0, first),
    ).toBeUndefined()
    const bot = [started({ bots: ['ann'] }), dealt(strongHands), ...declared(1, 2, 3, 4)]
    expect(botCommand(seenBy(bot, 0), 0, first)).toMatchObject({ type: 'Play', player: 'ann' })
  })
})
