import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TurnTable, type TurnTaker } from '../../src/archive/turn-table.js'

/** Stands at one position after the other. */
class Player implements TurnTaker<string> {
  readonly #name: string
  readonly #positions: readonly number[]
  #index = 0

  constructor(name: string, positions: readonly number[]) {
    this.#name = name
    this.#positions = positions
  }

  get position(): number {
    return this.#positions[this.#index] ?? Infinity
  }

  take(): string {
    return `${this.position} ${this.#name} ${this.#index++}`
  }

  skip(): void {
    this.#index++
  }
}

const rising = (steps: readonly number[]): number[] => {
  let position = 0
  return steps.map((step) => (position += step))
}

describe('a turn table', () => {
  it('gives each position once, in order, whoever comes in when, however far apart they stand', () => {
    // A block has 16 384 positions: some steps stay in it, some pass over several.
    const step = fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 70_000 }))
    const players = fc.array(fc.array(step, { minLength: 1, maxLength: 12 }).map(rising), { maxLength: 8 })
    const pauses = fc.array(fc.tuple(fc.integer({ min: 1, max: 40_000 }), fc.integer({ min: 1, max: 9 })))
    fc.assert(
      fc.property(players, pauses, fc.nat(100), (positions, turns, from) => {
        const table = new TurnTable<string, Player>(from)
        const given: string[] = []
        const waiting = positions.map((own, at) => new Player(`p${at}`, own))
        const enterUntil = (until: number): void => {
          for (const [at, player] of waiting.entries())
            if (player.position <= until) table.enter(waiting.splice(at, 1)[0]!)
        }
        for (const [distance, length] of turns) {
          // As the batches of an archive: nothing before the next one that waits is taken.
          enterUntil(table.at)
          const until = Math.min(table.at + distance, ...waiting.map(({ position }) => position))
          const before = given.length
          table.take(given, before + length, until)
          expect(given.length - before).toBeLessThanOrEqual(length)
          if (given.length < before + length) expect(table.at).toBe(Math.max(until, table.at))
        }
        for (const player of waiting) table.enter(player)
        table.take(given, Infinity, Number.MAX_SAFE_INTEGER)
        expect(table.isEmpty).toBe(true)
        const wanted = new Set(positions.flat().filter((position) => position >= from))
        const found = given.map((gift) => Number(gift.split(' ')[0]))
        expect(found).toEqual([...wanted].sort((one, other) => one - other))
      }),
      { numRuns: 300 },
    )
  })

  it('says whether somebody stands at the position that comes next, also at the begin of a block', () => {
    const table = new TurnTable<string, Player>(16_383)
    table.enter(new Player('a', [16_383, 16_384, 50_000]))
    expect(table.isTurn).toBe(true)
    table.take([], Infinity, 16_384)
    expect(table.at).toBe(16_384)
    expect(table.isTurn).toBe(true)
    table.take([], Infinity, 16_385)
    expect(table.isTurn).toBe(false)
    table.take([], Infinity, 50_000)
    expect(table.isTurn).toBe(true)
  })
})
