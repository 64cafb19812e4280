/** What holds in every game of Liap, whatever its players do. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { given } from 'gameledger/testing'
import type { LiapEvent } from '../../../examples/liap/events.js'
import { liap, type LiapState } from '../../../examples/liap/index.js'
import { deck, roundScore, type Piece } from '../../../examples/liap/rules.js'
import { seatsToAct } from '../../../examples/liap/state.js'
import { nameOf } from './oracle.js'
import { unrulyGame } from './unruly-game.js'

const sorted = (pieces: readonly Piece[]): string => pieces.map(nameOf).sort().join()
const all = sorted(deck())

/** Runs a check over whole games of many seeds; a failure names its seed. */
const inEveryGame = (check: (seed: number) => void, games = 25): void =>
  fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 31 }), check), { numRuns: games })

/** In every state: hands are of the same size, but for those who have played in this turn. */
const checkHands = ({ seats, plays }: LiapState): void => {
  const held = seats.map(
    ({ hand }, seat) => hand.length + (plays.find((play) => play.seat === seat)?.pieces.length ?? 0),
  )
  expect(new Set(held).size).toBe(1)
}

describe('in every game', () => {
  it('32 pieces are in hands and on the table, and nobody holds others than they were dealt', () => {
    inEveryGame((seed) => {
      let laid: Piece[] = []
      for (const { events, states } of unrulyGame(seed))
        for (const [index, event] of events.entries()) {
          if (event.type === 'Dealt') laid = []
          if (event.type === 'Played') laid.push(...event.pieces)
          if (event.type === 'Started') continue
          const { seats } = states[index]!
          expect(sorted([...laid, ...seats.flatMap(({ hand }) => hand)])).toBe(all)
          checkHands(states[index]!)
        }
    })
  })

  it('each round shares out 8 piles, scores each player by the rules, and is one more', () => {
    inEveryGame((seed) => {
      let round = 0
      for (const { events, states } of unrulyGame(seed))
        for (const [index, event] of events.entries()) {
          if (event.type !== 'RoundScored') continue
          const { multiplier, seats } = states[index]!
          expect(event.round).toBe(++round)
          expect(event.lines.reduce((sum, { captured }) => sum + captured, 0)).toBe(8)
          expect(event.lines.reduce((sum, { declared }) => sum + declared, 0)).not.toBe(8)
          for (const [seat, { declared, captured, points }] of event.lines.entries()) {
            expect(points).toBe(roundScore(declared, captured, multiplier))
            expect(captured).toBe(seats[seat]!.captured)
          }
        }
      expect(round).toBeGreaterThan(0)
    })
  })

  it('scores are the sum of the rounds, and the standings follow them', () => {
    inEveryGame((seed) => {
      const scores = [0, 0, 0, 0]
      let last: LiapState | undefined
      for (const { events, after } of unrulyGame(seed)) {
        for (const event of events)
          if (event.type === 'RoundScored')
            event.lines.forEach(({ points }, seat) => (scores[seat]! += points))
        last = after
      }
      expect(last!.seats.map(({ score }) => score)).toEqual(scores)
      const { standings } = liap.result!(last!)!
      const best = Math.max(...scores)
      for (const { place, score } of standings) expect(place === 1).toBe(score === best)
      for (const { place, score } of standings)
        expect(place).toBe(1 + scores.filter((other) => other > score!).length)
    })
  })

  it('somebody is to act until it is over, and time is running', () => {
    inEveryGame((seed) => {
      for (const { after } of unrulyGame(seed)) {
        if (liap.isTerminal(after)) continue
        expect(seatsToAct(after).length).toBeGreaterThan(0)
        expect(liap.deadline!(after)!.at).toBeGreaterThan(0)
      }
    })
  })

  it('nobody declares 0 a third time in a row', () => {
    inEveryGame((seed) => {
      const zeros = [0, 0, 0, 0]
      for (const { events } of unrulyGame(seed, { roundLimit: 12 }))
        for (const event of events)
          if (event.type === 'RoundScored')
            event.lines.forEach(({ declared }, seat) => {
              zeros[seat] = declared === 0 ? zeros[seat]! + 1 : 0
              expect(zeros[seat]).toBeLessThan(3)
            })
    }, 10)
  })

  it('what is accepted is a fold of its events, both ways', () => {
    inEveryGame((seed) => {
      const events: LiapEvent[] = []
      let last: LiapState = liap.initialState
      for (const step of unrulyGame(seed, { roundLimit: 2 })) {
        events.push(...step.events)
        last = step.after
      }
      expect(given(liap, events).state).toEqual(last)
    }, 10)
  })

  it('what is refused changes nothing', () => {
    const met = new Set<string>()
    for (let seed = 0; seed < 20; seed++)
      for (const { refusal, before, after } of unrulyGame(seed, { roundLimit: 12 })) {
        if (refusal === undefined) continue
        met.add(refusal)
        expect(after).toBe(before)
      }
    // Those of the rarer declarations have their tables.
    const common = ['no-declaration', 'no-play', 'no-redeal-to-decide', 'not-due', 'not-in-hand', 'not-now']
    expect([...met]).toEqual(
      expect.arrayContaining([...common, 'not-your-turn', 'seat-of-a-bot', 'wrong-count']),
    )
  })

  it('each event of the game is met', () => {
    const met = new Set<string>()
    for (let seed = 0; seed < 20; seed++)
      for (const { events } of unrulyGame(seed)) for (const { type } of events) met.add(type)
    expect([...met].sort()).toEqual([
      'BotTookOver',
      'Dealt',
      'Declared',
      'Ended',
      'Played',
      'PlayerReturned',
      'RedealAccepted',
      'RedealDeclined',
      'RoundScored',
      'Started',
      'TurnWon',
    ])
  })
})
