/** The public door of gameledger: re-exports only, kept by hand. */
export { accept, defineGame, reject } from './commands/game.js'
export type {
  AnyGame,
  Decision,
  DecideContext,
  Game,
  GameCommand,
  GameDefinition,
  Refusal,
  Viewer,
} from './commands/game.js'
export type { EventEnvelope, GameEvent, GameResult, Standing } from './events/envelope.js'
