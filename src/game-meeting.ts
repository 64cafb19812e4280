/**
 * Behind the opening, each game is looked at once, for what is due of it and for whose turn it is: those in memory, and
 * those asleep, which are read for it, where nothing was noted of them, and stay asleep. In slices of some milliseconds, and only the kinds that somebody
 * asks about: a ledger without deadlines and bots pays nothing. What fell due while the ledger was closed is sent at once.
 */
import type { Fault } from './events/fault.js'
import { partsOfStream, type Kind, type StreamId } from './events/ids.js'
import { TimeSlice } from './events/time-slice.js'
import { sleepNote } from './commands/sleep-note.js'
import type { AsleepGames } from './commands/asleep-games.js'
import type { BotPlay } from './commands/bots.js'
import type { Deadlines } from './commands/deadlines.js'
import type { LiveGame } from './commands/live-game.js'
import type { LiveGames } from './commands/live-games.js'

interface MeetingParts {
  readonly live: LiveGames
  readonly asleep: AsleepGames
  readonly deadlines: Deadlines
  readonly bots: BotPlay
  readonly meet: (game: LiveGame) => void
  readonly onFault: (fault: Fault) => void
}

/** Looks at all games. Never rejects: what cannot be read is told. */
export const meetGames = async (
  { live, asleep, deadlines, bots, meet, onFault }: MeetingParts,
  isOver: () => boolean,
): Promise<void> => {
  const isWanted = (kind: Kind): boolean => deadlines.has(kind) || bots.has(kind)
  const slice = new TimeSlice()
  const sleeping: StreamId[] = []
  for (const { stream, note } of asleep.values()) {
    const { kind } = partsOfStream(stream)
    const noted = isWanted(kind) && !bots.has(kind) ? sleepNote(note) : undefined
    if (noted) deadlines.sleeps(stream, noted.deadlineAt)
    else if (isWanted(kind)) sleeping.push(stream)
    if (slice.isOverAfterStep()) await slice.next()
  }
  for (const game of live.values()) {
    if (isOver()) return
    if (!isWanted(game.kind)) continue
    meet(game)
    if (slice.isOver()) await slice.next()
  }
  for (const stream of sleeping) {
    if (isOver()) return
    try {
      const game = live.get(stream) ?? (await asleep.read(stream))
      // Who woke meanwhile is looked at as it is now.
      meet(live.get(stream) ?? game)
    } catch (cause) {
      onFault(deadlineUnknown(stream, cause))
    }
    if (slice.isOver()) await slice.next()
  }
}

export const deadlineUnknown = (stream: StreamId, cause: unknown): Fault => ({
  code: 'deadline-unknown',
  message:
    `${stream} cannot be read: ${String(cause).replace(/\.?$/, '.')} So it is not known what is due of it, and nothing is ` +
    'sent before a command wakes it. See to the disk, and open the ledger again.',
  cause,
})
