/** Commands to a game that left memory: a retry gets its first receipt, everything else learns that the game is over. */
import { left, right, type Either } from 'fp-ts/lib/Either.js'
import type { EventEnvelope } from '../events/envelope.js'
import { partsOfStream, type StreamId, type Version } from '../events/ids.js'
import type { DispatchError } from './dispatch-error.js'
import type { Receipt } from './receipt.js'

/**
 * Port: the logs of archived games. `mayHave` answers from memory, and a "no" is exact, so a new game never waits for
 * a disk; a "yes" is confirmed by `read`, which gives the whole log, `undefined` where there is none, and rejects
 * where the store fails.
 */
export interface ArchivedLogs {
  mayHave(stream: StreamId): boolean
  read(stream: StreamId): Promise<readonly EventEnvelope[] | undefined>
  /** The version at which a game ended that was dropped from the archive; its id stays taken. `undefined` where none was. */
  goneVersion(stream: StreamId): Promise<Version | undefined>
}

/** What the archive has of a game: its log, or, where it was dropped, at which version it ended. */
export type Archived = readonly EventEnvelope[] | GoneGame

/** A game that was dropped from the archive. */
export interface GoneGame {
  readonly stream: StreamId
  readonly goneAt: Version
}

/** Looks a game up that the archive may have. */
export const archivedOf = async (logs: ArchivedLogs, stream: StreamId): Promise<Archived | undefined> => {
  const log = await logs.read(stream)
  if (log) return log
  const goneAt = await logs.goneVersion(stream)
  return goneAt === undefined ? undefined : { stream, goneAt }
}

/** The answer to a command whose game is archived, or was. */
export const archivedAnswer = (
  log: Archived,
  commandId: string | undefined,
): Either<DispatchError, Receipt> => {
  if ('goneAt' in log)
    return left({ _tag: 'GameCompleted', ...partsOfStream(log.stream), version: log.goneAt })
  const recorded = commandId === undefined ? [] : log.filter((envelope) => envelope.commandId === commandId)
  const { kind, gameId, version, outcome } = log[log.length - 1]!
  const last = recorded[recorded.length - 1]
  if (!last)
    return left(
      outcome
        ? { _tag: 'GameCompleted', kind, gameId, version, outcome }
        : { _tag: 'GameCompleted', kind, gameId, version },
    )
  const events = recorded.map(({ event }) => event)
  return right({ kind, gameId, version: last.version, position: last.position, events, duplicate: true })
}
