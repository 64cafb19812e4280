/**
 * The first line of a game in a segment: what can be known of the game without its rules.
 *
 *     {"format":1,"kind":"tic-tac-toe","gameId":"g1","players":["ann","bob"],"outcome":{"standings":[...]},
 *      "versions":3,"firstAt":1763900000000,"lastAt":1763900005000,"positions":[17,1,4],
 *      "hash":"<sha256 of the event lines>","stateHash":"<sha256 of the final state>","schema":1,"rules":2}
 *
 * `positions` is the position of the first event followed by differences: the position of event n is the sum of
 * the first n numbers. `stateHash` is there where the rules were known; it can be compared only by rules of the same
 * `schema` and, where given, the same `rules` number.
 */
import type { GameResult } from '../events/envelope.js'
import type { GameId, Kind, PlayerId } from '../events/ids.js'
import { ArchiveTooNewError, CorruptSegmentError } from './archive-error.js'
import * as check from './shape-check.js'
import type { RecordedState } from './state-hash.js'

export const gameFormat = 1

export interface GameHeader extends RecordedState {
  readonly format: number
  readonly kind: Kind
  readonly gameId: GameId
  /** In order of seats, as last told. */
  readonly players: readonly PlayerId[]
  readonly outcome?: GameResult
  /** How many events there are. */
  readonly versions: number
  /** `recordedAt` of the first and the last event. */
  readonly firstAt: number
  readonly lastAt: number
  /** `occurredAt` of the final event, where it was told. */
  readonly occurredAt?: number
  /** The position of the first event, then differences. */
  readonly positions: readonly number[]
  /** sha256 of the event lines, in hex. */
  readonly hash: string
}

const checks = {
  kind: check.isText,
  gameId: check.isText,
  players: check.isTexts,
  outcome: check.orAbsent(check.isOutcome),
  versions: check.isOrdinal,
  firstAt: check.isNumber,
  lastAt: check.isNumber,
  occurredAt: check.orAbsent(check.isNumber),
  positions: check.isOrdinals,
  hash: check.isHash,
  stateHash: check.orAbsent(check.isHash),
  schema: check.orAbsent(check.isOrdinal),
  rules: check.orAbsent(check.isNumber),
}

/** Reads a header line. @throws CorruptSegmentError, ArchiveTooNewError */
export const parseHeader = (line: string, key: string, offset: number): GameHeader => {
  const parsed = check.parseObject(line)
  if (!parsed) throw new CorruptSegmentError(key, offset, 'the header line of a game is not JSON')
  const { format } = parsed
  if (typeof format === 'number' && format > gameFormat) throw new ArchiveTooNewError(key, format, gameFormat)
  const flaw = format === gameFormat ? check.firstFlaw(parsed, checks) : 'format'
  if (flaw !== undefined)
    throw new CorruptSegmentError(key, offset, `a game's header has a wrong \`${flaw}\``)
  const header = parsed as unknown as GameHeader
  if (header.positions.length !== header.versions)
    throw new CorruptSegmentError(
      key,
      offset,
      `${header.versions} events have ${header.positions.length} positions`,
    )
  return header
}
