/**
 * What projections that are behind are fed from: the newest events from memory, older ones from archive and journal; how
 * games ended from the index of the archive, and from the games that wait for it.
 */
import type { Catalog } from './archive/catalog.js'
import type { History } from './archive/history.js'
import { Outcomes } from './archive/outcomes.js'
import type { AsleepGames } from './commands/asleep-games.js'
import type { LiveGame } from './commands/live-game.js'
import type { LiveGames } from './commands/live-games.js'
import type { EventEnvelope } from './events/envelope.js'
import type { GameEnd } from './events/final-summary.js'
import type { RecentEvents } from './events/recent-events.js'
import type { EventRange, ProjectionHistory } from './projections/history-pass.js'

export interface LedgerHistoryPorts {
  readonly history: History
  readonly recent: RecentEvents
  readonly catalog: Catalog
  readonly live: LiveGames
  readonly asleep: AsleepGames
}

/** The history of a ledger, as projections read it. */
export const ledgerHistory = ({
  history,
  recent,
  catalog,
  live,
  asleep,
}: LedgerHistoryPorts): ProjectionHistory => {
  const outcomes = new Outcomes({ catalog, waiting: (range) => endsOf(live, asleep, range) })
  return {
    events: (range, slice) => {
      const newest = recent.after(range.after)
      return newest
        ? inOneChunk(newest.filter(({ position }) => position <= range.through))
        : history.chunks(slice ? { ...range, slice } : range)
    },
    finals: (range) => outcomes.chunks(range),
  }
}

async function* inOneChunk(
  envelopes: readonly EventEnvelope[],
): AsyncGenerator<readonly EventEnvelope[], void, undefined> {
  yield envelopes
}

/** Games that are over and published, and not archived, in order of their end. O(games in memory, and asleep) */
const endsOf = async (
  live: LiveGames,
  asleep: AsleepGames,
  { after, through }: EventRange,
): Promise<readonly GameEnd[]> => {
  const over = [...live.values()].filter(
    ({ isFinal, publishedVersion, version }) => isFinal && publishedVersion === version,
  )
  for (const { stream, lastPosition } of asleep.values())
    // One that the archive has taken meanwhile is found there: its batches are listed afterwards.
    if (lastPosition > after && asleep.isOver(stream))
      await asleep.read(stream).then(
        (game) => over.push(game),
        (cause: unknown) => {
          if (asleep.has(stream)) throw cause
        },
      )
  return over
    .filter(({ publishedPosition }) => publishedPosition > after && publishedPosition <= through)
    .sort((one, other) => one.publishedPosition - other.publishedPosition)
    .flatMap((game) => [...lastOf(game)])
}

function* lastOf({ log, kind, gameId, version, players }: LiveGame): Generator<GameEnd, void, undefined> {
  for (const envelope of log.envelopes(kind, gameId, undefined, version)) yield { ...envelope, players }
}
