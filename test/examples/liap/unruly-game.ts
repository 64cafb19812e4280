/**
 * Whole games of Liap by people who do whatever is legal, and now and then what is not: they lead any play, follow with
 * any pieces, decline redeals, fall silent, leave and come back. A seed gives the same game again.
 */
import { isLeft } from 'fp-ts/lib/Either.js'
import type { Refusal } from 'gameledger'
import { seededRandom } from 'gameledger/testing'
import type { LiapCommand, LiapOptions } from '../../../examples/liap/commands.js'
import type { LiapEvent } from '../../../examples/liap/events.js'
import { liap, type LiapState } from '../../../examples/liap/index.js'
import { playsIn } from '../../../examples/liap/plays.js'
import { deck, legalDeclarations } from '../../../examples/liap/rules.js'
import { declaringOf } from '../../../examples/liap/declaration.js'
import { declaredSoFar, seatsToAct } from '../../../examples/liap/state.js'
import { foldOnDraft } from '../../../src/commands/fold.js'
import { names } from './table.js'

/** One command of the game, and what it came to. */
export interface Step {
  readonly command: LiapCommand
  readonly before: LiapState
  /** Why it was refused. */
  readonly refusal?: string
  readonly events: readonly LiapEvent[]
  readonly after: LiapState
  /** The states after each event. */
  readonly states: readonly LiapState[]
}

type Random = () => number

const pick = <Value>(values: readonly Value[], random: Random): Value =>
  values[Math.floor(random() * values.length)]!

const shuffled = <Value>(values: readonly Value[], random: Random): Value[] =>
  values
    .map((value) => [random(), value] as const)
    .sort(([one], [other]) => one - other)
    .map(([, value]) => value)

const reasonOf = (refusal: Refusal<string>): string =>
  typeof refusal === 'string' ? refusal : refusal.reason

/** What the seat may do, drawn by lot. */
const legal = (state: LiapState, seat: number, random: Random): LiapCommand => {
  const { player, hand } = state.seats[seat]!
  if (state.phase === 'preparation')
    return { type: random() < 0.4 ? 'AcceptRedeal' : 'DeclineRedeal', player }
  if (state.phase === 'declaration') {
    const piles = pick(legalDeclarations(declaringOf(state, seat, declaredSoFar(state))), random)
    return { type: 'Declare', player, piles }
  }
  const size = state.plays[0]?.pieces.length
  const pieces =
    size === undefined ? pick(playsIn(hand), random).pieces : shuffled(hand, random).slice(0, size)
  return { type: 'Play', player, pieces }
}

/** What may be refused. */
const odd = (state: LiapState, random: Random): readonly LiapCommand[] => {
  const player = ''
  const some = 1 + Math.floor(random() * 7)
  return [
    legal(state, pick(seatsToAct(state), random), random),
    { type: 'AcceptRedeal', player },
    { type: 'Declare', player, piles: pick([-1, 0, 0, 0, 4, 8, 9], random) },
    { type: 'Play', player, pieces: shuffled(deck(), random).slice(0, some) },
    { type: 'Play', player, pieces: shuffled(pick(state.seats, random).hand, random).slice(0, some) },
  ]
}

const next = (state: LiapState, random: Random): LiapCommand => {
  const lot = random()
  const anybody = pick(names, random)
  if (lot < 0.02) return { type: 'TimeOut' }
  if (lot < 0.04) return { type: 'TakeOver', player: anybody }
  if (lot < 0.06) return { type: 'Return', player: anybody }
  // Out of turn, of another phase, of no type, of too many pieces, or of a hand of somebody else.
  if (lot < 0.12)
    return {
      ...pick(odd(state, random), random),
      player: random() < 0.5 ? anybody : state.seats[seatsToAct(state)[0]!]!.player,
    } as LiapCommand
  return legal(state, pick(seatsToAct(state), random), random)
}

/** The game, command by command, from `Start` to its end. States are frozen. */
export function* unrulyGame(seed: number, options: LiapOptions = { roundLimit: 6 }): Generator<Step> {
  const { next: random } = seededRandom(seed)
  let before: LiapState = liap.initialState
  let command: LiapCommand = {
    type: 'Start',
    seats: names.map((player) => ({ player, isBot: player === 'dot' && seed % 2 === 0 })),
    options,
  }
  for (let version = 0; !liap.isTerminal(before);) {
    const now = command.type === 'TimeOut' && random() < 0.5 ? before.dueAt : version
    const decision = liap.decide(command, before, { now, random, version })
    const events = isLeft(decision) ? [] : decision.right
    const states: LiapState[] = []
    for (const event of events)
      states.push(foldOnDraft(liap, states.at(-1) ?? before, [event], true) as LiapState)
    const after = states.at(-1) ?? before
    version += events.length
    const refusal = isLeft(decision) ? { refusal: reasonOf(decision.left) } : {}
    yield { command, before, events, after, states, ...refusal }
    before = after
    if (!liap.isTerminal(after)) command = next(after, random)
  }
}
