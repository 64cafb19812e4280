/** Chance from a seed: the same seed, the same game. The generator is mulberry32, by Tommy Ettinger. */
import type { Chance } from './chance.js'

export const seededRandom = (seed: number): Chance => {
  let state = seed >>> 0
  return {
    next: () => {
      state = (state + 0x6d2b79f5) >>> 0
      let mixed = Math.imul(state ^ (state >>> 15), state | 1)
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
    },
  }
}
