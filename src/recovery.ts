/**
 * From the journal back into memory: what is durable was published, and goes on from there.
 *
 * Records become logs, but for those of games that the journal has carried: they are left asleep. No rule is run, and
 * states are folded when they are first needed. A game that the archive holds is dropped: the crash came between the
 * manifest and the release, and the archive wins. Completed games that it does not hold go to the archiver, in order
 * of their final position.
 */
import type { Catalog } from './archive/catalog.js'
import type { AnyGame } from './commands/game.js'
import type { LiveGame } from './commands/live-game.js'
import type { LiveGames } from './commands/live-games.js'
import type { Kind, Position, StreamId } from './events/ids.js'
import type { LostGap } from './events/lost-gap.js'
import type { AsleepGame, IntentRecord, OpenJournal } from './events/journal/journal.js'
import { RecoveredLogs } from './events/recovered-logs.js'
import type { Sequencer } from './events/sequencer.js'
import { SchemaTooNewError } from './events/upcaster.js'

export interface Recovered {
  readonly lastPosition: Position
  /** Positions that crashes took back. */
  readonly lost: readonly LostGap[]
  /** Games that are over and not yet archived, in order of final position. */
  readonly completed: readonly LiveGame[]
  /** Games that are not over and were left in the journal. */
  readonly asleep: readonly AsleepGame[]
  /** Games that a repair of the journal set aside, and that the archive does not hold. */
  readonly quarantined: ReadonlySet<StreamId>
  /** Of the events up to this position a repair set some aside; 0 where there was none. */
  readonly repairedThrough: Position
  /** Batches that were begun, by number, without their `committed`. */
  readonly openIntents: readonly IntentRecord[]
}

/** Fills `live`. @throws CorruptLogError, SchemaTooNewError */
export const recover = async (
  journal: OpenJournal,
  catalog: Catalog,
  live: LiveGames,
  games: ReadonlyMap<Kind, AnyGame>,
  sequencer: Sequencer,
): Promise<Recovered> => {
  const intents = new Map<number, IntentRecord>()
  const logs = new RecoveredLogs()
  const {
    lastPosition,
    lost,
    asleep,
    quarantined = [],
    repairedThrough = 0 as Position,
  } = await journal.recover((record) => {
    switch (record.type) {
      case 'events':
        logs.add(record)
        break
      case 'intent':
        intents.set(record.batch, record)
        break
      case 'committed':
        intents.delete(record.batch)
        break
    }
  }, catalog.lastPosition)
  for (const recovered of logs.take()) {
    const game = live.recovered(recovered)
    readLastLine(game, games, sequencer)
    live.add(game)
  }
  for (const { lastAt } of asleep) sequencer.resumeAfter(lastAt)
  const completed = [...live.values()].filter((game) => game.isFinal)
  const archived = await inArchive([...live.values(), ...asleep], catalog)
  for (const stream of archived) live.remove(stream)
  journal.release([...archived])
  const aside = new Set(quarantined)
  for (const held of await inArchive(
    quarantined.map((one) => ({ stream: one })),
    catalog,
  ))
    aside.delete(held)
  return {
    lastPosition,
    // Whoever stands there has seen what is no more, like those who stand in a gap.
    lost: repairedThrough > 0 ? [...lost, { after: 0, through: repairedThrough }] : lost,
    quarantined: aside,
    repairedThrough,
    completed: completed
      .filter(({ stream }) => !archived.has(stream))
      .sort((one, other) => one.publishedPosition - other.publishedPosition),
    asleep: asleep.filter(({ stream }) => !archived.has(stream)),
    openIntents: [...intents.values()],
  }
}

/** The last line of a log tells whether the game is over, when it was, and whether these rules can read it. */
export const readLastLine = (
  live: LiveGame,
  games: ReadonlyMap<Kind, AnyGame>,
  sequencer: Sequencer,
): void => {
  const { version, log, kind, gameId } = live
  for (const { final, recordedAt, schema, event } of log.envelopes(kind, gameId, undefined, version)) {
    const known = games.get(kind)?.schema
    if (known !== undefined && schema > known) throw new SchemaTooNewError(event.type, schema, known)
    live.isFinal = final
    live.usedAt = recordedAt
    sequencer.resumeAfter(recordedAt)
  }
}

const inArchive = async (
  games: readonly { readonly stream: StreamId }[],
  catalog: Catalog,
): Promise<Set<StreamId>> => {
  const archived = new Set<StreamId>()
  for (const { stream } of games) if (await catalog.had(stream)) archived.add(stream)
  return archived
}
