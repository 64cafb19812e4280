/**
 * The rules of a game, but that the ledger decides: what was decided long ago (an import), or that nobody plays any more. By
 * such rules alone `$closed` is recorded, so no game and no player can end a game by it.
 */
import type { AnyGame } from './game.js'

const ledgerRules = new WeakSet<AnyGame>()

/** Commands are not validated: they are the ledger's own. */
export const decidedByLedger = (game: AnyGame, decide: AnyGame['decide']): AnyGame => {
  const { validate, ...rules } = game
  const decided: AnyGame = {
    ...rules,
    ...(validate?.event && { validate: { event: validate.event } }),
    decide,
  }
  ledgerRules.add(decided)
  return decided
}

export const isDecidedByLedger = (game: AnyGame): boolean => ledgerRules.has(game)
