/** Chance, handed in, so that a seed reproduces a game. What chance decides goes into the events; replay needs none. */
export interface Chance {
  /** An evenly drawn number in [0, 1). */
  next(): number
}

/** The machine's chance: fit for dealing cards among friends, not for cryptography. */
export const systemChance: Chance = { next: () => Math.random() }
