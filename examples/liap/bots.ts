/** Bots at the tables of Liap: they act half a second to one and a half after their turn has come, on what their seat sees. */
import { bots, type Bots } from 'gameledger'
import { botCommand } from './bot.js'
import { liap } from './game.js'
import type { LiapView } from './view.js'

/** For `openLedger({ reactors: [liapBots()] })`. `delayMs` as in `bots`. */
export const liapBots = (delayMs?: readonly [from: number, to: number]): Bots =>
  bots({
    game: liap,
    policy: (view: LiapView, _player, random) =>
      view.seat === null ? undefined : botCommand(view, view.seat, random),
    ...(delayMs && { delayMs }),
  })
