/**
 * The simple bot: a function of what its seat sees, `view(state, { as: 'player', player })`, and of chance. It cannot
 * cheat: no other hand is in there. When to act is not its business.
 */
import { chooseDeclaration, choosePlay } from './choices.js'
import type { LiapCommand } from './commands.js'
import type { Piece } from './pieces.js'
import { ringFrom } from './state.js'
import type { LiapView } from './view.js'

/** What a bot would do on this seat now; `undefined` where the seat is not to act. `view` is that of the seat. */
export const chooseCommand = (
  view: LiapView,
  seat: number,
  random: () => number,
): LiapCommand | undefined => {
  const own = view.seats[seat]
  if (!own?.hand || !view.toAct.includes(seat)) return undefined
  const { player, hand } = own
  if (view.phase === 'preparation') return { type: 'AcceptRedeal', player }
  if (view.phase === 'declaration') return { type: 'Declare', player, piles: declarationOf(view, seat, hand) }
  return { type: 'Play', player, pieces: choosePlay(hand, view.plays[0]?.pieces.length, random) }
}

const declarationOf = (view: LiapView, seat: number, hand: readonly Piece[]): number => {
  const declared = ringFrom(view.starter).flatMap((each) => view.seats[each]!.declared ?? [])
  return chooseDeclaration(hand, {
    position: declared.length,
    declared,
    zeroStreak: view.seats[seat]!.zeroStreak,
  })
}

/** The same, for seats that a bot plays: those of bots, and those of people who are away. The policy for who drives bots. */
export const botCommand = (view: LiapView, seat: number, random: () => number): LiapCommand | undefined =>
  view.seats[seat]?.playedBy === 'bot' ? chooseCommand(view, seat, random) : undefined
