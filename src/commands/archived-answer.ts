/** Commands to a game that left memory: a retry gets its first receipt, everything else learns that the game is over. */
import { left, right, type Either } from 'fp-ts/lib/Either.js'
import type { EventEnvelope } from '../events/envelope.js'
import type { StreamId } from '../events/ids.js'
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
}

/** The answer to a command whose game is archived with this log. */
export const archivedAnswer = (
  log: readonly EventEnvelope[],
  commandId: string | undefined,
): Either<DispatchError, Receipt> => {
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
