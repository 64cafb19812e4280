/** A table of Liap for tests: pieces by letters, hands that are chosen, and the events that lead to them. */
import { isLeft } from 'fp-ts/lib/Either.js'
import { given, seededRandom } from 'gameledger/testing'
import type { LiapCommand } from '../../../examples/liap/commands.js'
import type { EventOf, LiapEvent } from '../../../examples/liap/events.js'
import { liap } from '../../../examples/liap/index.js'
import type { Kind, Piece } from '../../../examples/liap/pieces.js'

export const names = ['ann', 'bob', 'cid', 'dot'] as const

const kindOf: Readonly<Record<string, Kind>> = {
  G: 'GENERAL',
  A: 'ADVISOR',
  E: 'ELEPHANT',
  C: 'CHARIOT',
  H: 'HORSE',
  N: 'CANNON',
  S: 'SOLDIER',
}

/** `'GAe'`: the red general, a red advisor, a black elephant. */
export const pieces = (letters: string): Piece[] =>
  letters.split('').map((letter) => ({
    kind: kindOf[letter.toUpperCase()]!,
    colour: letter === letter.toUpperCase() ? 'red' : 'black',
  }))

export const started = (options: { target?: number; roundLimit?: number | null; bots?: string[] } = {}) =>
  ({
    type: 'Started',
    seats: names.map((player) => ({ player, isBot: options.bots?.includes(player) ?? false })),
    target: options.target ?? 50,
    roundLimit: options.roundLimit === undefined ? 20 : options.roundLimit,
  }) satisfies EventOf<'Started'>

/** All 32 pieces: no hand is weak, and ann has the red general. */
export const strongHands = ['GCHNSSSS', 'gAachnss', 'AaECHNSs', 'Eeechnss'] as const

/** All 32 pieces: bob and dot have weak hands. */
export const weakHands = ['GgAASSSS', 'eCCHHNNs', 'aaEESsss', 'ecchhnns'] as const

export const dealt = (hands: readonly string[], deal: Partial<EventOf<'Dealt'>> = {}): EventOf<'Dealt'> => ({
  type: 'Dealt',
  round: 1,
  multiplier: 1,
  starter: 'ann',
  hands: hands.map((letters, seat) => ({ player: names[seat]!, pieces: pieces(letters) })),
  at: 1_000,
  ...deal,
})

export const declared = (...numbers: number[]): LiapEvent[] => declaredFrom(0, ...numbers)

export const declaredFrom = (first: number, ...numbers: number[]): LiapEvent[] =>
  numbers.map((piles, step) => ({
    type: 'Declared',
    player: names[(first + step) % 4]!,
    piles,
    at: 2_000,
  }))

export const played = (player: string, letters: string): LiapEvent => ({
  type: 'Played',
  player,
  pieces: pieces(letters),
})

export const turnWon = (player: string, piles: number): LiapEvent => ({
  type: 'TurnWon',
  player,
  piles,
  at: 3_000,
})

/** Bob and dot are asked about a redeal. */
export const weak = [started(), dealt(weakHands)]
/** ann is to declare. */
export const declaring = [started(), dealt(strongHands)]
/** ann leads. */
export const turning = [...declaring, ...declared(1, 2, 3, 4)]

export const declare = (player: string, piles: number): LiapCommand => ({ type: 'Declare', player, piles })
export const play = (player: string, letters: string): LiapCommand => ({
  type: 'Play',
  player,
  pieces: pieces(letters),
})
export const accept = (player: string): LiapCommand => ({ type: 'AcceptRedeal', player })
export const decline = (player: string): LiapCommand => ({ type: 'DeclineRedeal', player })

/** What happens when a command that is accepted comes after these events. */
export const eventsAfter = (events: readonly LiapEvent[], command: LiapCommand): readonly LiapEvent[] => {
  const { next } = seededRandom(1)
  const decision = liap.decide(command, given(liap, events).state, {
    now: 1,
    random: next,
    version: events.length,
  })
  if (isLeft(decision)) throw new Error(JSON.stringify(decision.left))
  return decision.right
}

/** Hands of one piece, all above 9 points: one turn makes the round. Three have played, dot is to. */
export const lastTurnOf = (
  deal: { readonly multiplier?: number; readonly round?: number },
  numbers: readonly number[],
  before: readonly LiapEvent[] = [started()],
): readonly LiapEvent[] => [
  ...before,
  dealt(['G', 'g', 'A', 'a'], deal),
  ...declared(...numbers),
  ...['G', 'g', 'A'].map((letter, seat) => played(names[seat]!, letter)),
]
