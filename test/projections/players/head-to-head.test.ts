/** Head to head against a model that keeps every game, live, rebuilt and loaded. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EventEnvelope, GameResult } from '../../../src/events/envelope.js'
import { playerIndex, type HeadToHead } from '../../../src/projections/players/player-index.js'
import { clockAt, envelopeAt, resultOf } from '../envelopes.js'

const start = () => playerIndex().start({ clock: clockAt() })

const players = ['ann', 'bob', 'cid', 'dan', 'eve']

interface Step {
  readonly game: number
  readonly seats: readonly string[]
  readonly ending: 'none' | 'told' | 'untold'
  readonly places: readonly number[]
}

const step: fc.Arbitrary<Step> = fc.record({
  game: fc.nat(4),
  seats: fc.uniqueArray(fc.constantFrom(...players), { maxLength: 5 }),
  ending: fc.constantFrom('none' as const, 'none' as const, 'told' as const, 'untold' as const),
  places: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 5, maxLength: 5 }),
})

/** Each game has an event a step, until it is over; its number then begins another. */
const envelopesOf = (steps: readonly Step[]): EventEnvelope[] => {
  const rounds = new Map<number, number>()
  return steps.map(({ game, seats, ending, places }, at) => {
    const round = rounds.get(game) ?? 0
    if (ending !== 'none') rounds.set(game, round + 1)
    const outcome: GameResult = { standings: seats.map((player, seat) => ({ player, place: places[seat]! })) }
    return envelopeAt(at + 1, {
      gameId: `${game}.${round}`,
      players: seats,
      final: ending !== 'none',
      ...(ending === 'told' && { outcome }),
    })
  })
}

const modelOf = (envelopes: readonly EventEnvelope[], one: string, other: string): HeadToHead | undefined => {
  const games = new Map(envelopes.map((envelope) => [envelope.gameId, envelope]))
  const seen = new Set(envelopes.flatMap((envelope) => envelope.players ?? []))
  if (!seen.has(one) || !seen.has(other)) return undefined
  const both = [...games.values()].filter(
    (last) => last.players!.includes(one) && last.players!.includes(other),
  )
  const over = both.filter(({ final }) => final)
  const differences = over.flatMap(({ outcome }) => {
    const placeOf = (player: string) => outcome?.standings.find((each) => each.player === player)?.place
    return outcome ? [placeOf(one)! - placeOf(other)!] : []
  })
  return {
    games: over.length,
    wins: differences.filter((difference) => difference < 0).length,
    losses: differences.filter((difference) => difference > 0).length,
    draws: differences.filter((difference) => difference === 0).length,
    live: both.length - over.length,
    ...(both.length > 0 && { lastPlayedAt: Math.max(...both.map(({ recordedAt }) => recordedAt)) }),
  }
}

describe('head to head', () => {
  it('is seen from either side', () => {
    const { view, apply } = (() => {
      const index = start()
      return { view: index.view, apply: index.apply.bind(index) }
    })()
    const play = (position: number, ...places: string[][]) =>
      apply(envelopeAt(position, { players: places.flat(), final: true, outcome: resultOf(...places) }))
    play(1, ['ann'], ['bob'])
    play(2, ['ann', 'bob'])
    play(3, ['cid'], ['ann'], ['bob'])
    play(4, ['bob'], ['ann'])
    apply(envelopeAt(5, { players: ['bob', 'ann'] }))
    expect(view.headToHead('ann', 'bob')).toEqual({
      games: 4,
      wins: 2,
      losses: 1,
      draws: 1,
      live: 1,
      lastPlayedAt: 1005,
    })
    expect(view.headToHead('bob', 'ann')).toMatchObject({ games: 4, wins: 1, losses: 2, draws: 1, live: 1 })
    expect(view.headToHead('cid', 'bob')).toMatchObject({ games: 1, wins: 1 })
    expect(view.headToHead('ann', 'nobody')).toBeUndefined()
    expect(() => view.headToHead('ann', 'ann')).toThrow(/two players/)
  })

  it('says that two who are known never met', () => {
    const index = start()
    index.apply(envelopeAt(1, { players: ['ann'] }))
    index.apply(envelopeAt(2, { players: ['bob'] }))
    expect(index.view.headToHead('ann', 'bob')).toEqual({ games: 0, wins: 0, losses: 0, draws: 0, live: 0 })
  })

  it('leaves games of more than 16 players out', () => {
    const index = start()
    const crowd = (size: number) => Array.from({ length: size }, (_, at) => `p${at}`)
    index.apply(envelopeAt(1, { players: crowd(17), final: true, outcome: resultOf(crowd(17)) }))
    index.apply(envelopeAt(2, { players: crowd(16), final: true, outcome: resultOf(crowd(16)) }))
    expect(index.view.headToHead('p0', 'p15')).toMatchObject({ games: 1, draws: 1 })
    expect(index.view.headToHead('p0', 'p16')).toMatchObject({ games: 0 })
  })

  it('agrees with a count over all games, however the index came about', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.nat(60), (steps, cut) => {
        const envelopes = envelopesOf(steps)
        const live = start()
        let loaded = start()
        for (const [at, envelope] of envelopes.entries()) {
          live.apply(envelope)
          loaded.apply(envelope)
          if (at !== cut) continue
          const saved = loaded.save()
          loaded = start()
          loaded.load(saved)
        }
        for (const one of players)
          for (const other of players)
            if (one !== other) {
              const expected = modelOf(envelopes, one, other)
              expect(live.view.headToHead(one, other)).toEqual(expected)
              expect(loaded.view.headToHead(one, other)).toEqual(expected)
            }
      }),
      { numRuns: 150 },
    )
  })

  it('knows each of thousands of pairs', () => {
    const index = start()
    const pairs = Array.from({ length: 6000 }, (_, at) => [`p${at % 89}`, `q${at % 97}`] as const)
    for (const [at, [one, other]] of pairs.entries())
      index.apply(
        envelopeAt(at + 1, { players: [one, other], final: true, outcome: resultOf([one], [other]) }),
      )
    const loaded = start()
    loaded.load(index.save())
    const met = grouped(pairs)
    for (const games of met.values()) {
      const [one, other] = games[0]!
      for (const { view } of [index, loaded])
        expect(view.headToHead(one, other)).toMatchObject({ games: games.length, wins: games.length })
    }
    expect(index.view.headToHead('p0', 'p1')).toMatchObject({ games: 0 })
  })
})

const grouped = (pairs: readonly (readonly [string, string])[]) => {
  const groups = new Map<string, (readonly [string, string])[]>()
  for (const pair of pairs) groups.set(pair.join(), [...(groups.get(pair.join()) ?? []), pair])
  return groups
}
