/**
 * One event as one line of JSON: the same bytes in a live game's log, in the journal and in the archive.
 *
 *     {"v":3,"t":1763900000000,"e":{"type":"Marked","player":"ann","cell":4}}
 *
 *     v  version in the game         t  recordedAt, ms since 1970     o  occurredAt, ms (if told)
 *     c  command id (if any)         a  actor (if any)                s  schema (if not 1)
 *     p  players (if they changed)   f  1 on the final event          r  outcome (final, if told)
 *     e  the event itself, last
 *
 * Kind, game and position are not in the line: the record or segment around it holds them, so the bytes of an
 * event do not depend on where it ends up. A line holds no line feed (JSON escapes them) and ends with one.
 * The order of keys is fixed; `test/golden` keeps the bytes. docs/formats/event-line.md is the public description.
 */
import type { EventEnvelope, GameEvent, GameResult } from './envelope.js'
import type { GameId, Kind, PlayerId, Position, Version } from './ids.js'
import { upcast, type EventShape } from './upcaster.js'

/** What a line says around its event. */
export interface LineHead {
  readonly version: number
  readonly recordedAt: number
  readonly occurredAt?: number | undefined
  readonly commandId?: string | undefined
  readonly actor?: string | undefined
  readonly schema: number
  readonly players?: readonly PlayerId[] | undefined
  readonly final: boolean
  readonly outcome?: GameResult | undefined
}

interface Line {
  readonly v: number
  readonly t: number
  readonly o?: number
  readonly c?: string
  readonly a?: string
  readonly s?: number
  readonly p?: PlayerId[]
  readonly f?: 1
  readonly r?: GameResult
  readonly e: GameEvent
}

/** The line of one event, line feed included. `eventJson` is `JSON.stringify(event)`. */
export const encodeLine = (head: LineHead, eventJson: string): string => {
  let line = `{"v":${head.version},"t":${head.recordedAt}`
  if (head.occurredAt !== undefined) line += `,"o":${head.occurredAt}`
  if (head.commandId !== undefined) line += `,"c":${JSON.stringify(head.commandId)}`
  if (head.actor !== undefined) line += `,"a":${JSON.stringify(head.actor)}`
  if (head.schema !== 1) line += `,"s":${head.schema}`
  if (head.players !== undefined) line += `,"p":${JSON.stringify(head.players)}`
  if (head.final) line += ',"f":1'
  if (head.outcome !== undefined) line += `,"r":${JSON.stringify(head.outcome)}`
  return `${line},"e":${eventJson}}\n`
}

/** The envelope of one event from its parts; absent parts are absent keys. */
export const envelopeOf = (
  kind: Kind,
  gameId: GameId,
  position: Position,
  head: LineHead,
  event: GameEvent,
): EventEnvelope => {
  const envelope: { -readonly [key in keyof EventEnvelope]: EventEnvelope[key] } = {
    kind,
    gameId,
    version: head.version as Version,
    position,
    recordedAt: head.recordedAt,
    schema: head.schema,
    event,
    final: head.final,
  }
  if (head.occurredAt !== undefined) envelope.occurredAt = head.occurredAt
  if (head.commandId !== undefined) envelope.commandId = head.commandId
  if (head.actor !== undefined) envelope.actor = head.actor
  if (head.players !== undefined) envelope.players = head.players
  if (head.outcome !== undefined) envelope.outcome = head.outcome
  return envelope
}

/**
 * Reads one line back. With a `shape` the event is lifted to the schema of today; without one (a kind that this
 * program does not know) it stays as it was written.
 * @throws SyntaxError where the text is no line, SchemaTooNewError
 */
export const decodeLine = (
  line: string,
  kind: Kind,
  gameId: GameId,
  position: Position,
  shape: EventShape | undefined,
): EventEnvelope => {
  const { v, t, o, c, a, s = 1, p, f, r, e } = JSON.parse(line) as Line
  if (typeof v !== 'number' || typeof t !== 'number' || typeof e?.type !== 'string')
    throw new SyntaxError(`Not an event line: ${line.slice(0, 80)}`)
  const isOld = shape !== undefined && s !== shape.schema
  const head = {
    version: v,
    recordedAt: t,
    occurredAt: o,
    commandId: c,
    actor: a,
    schema: isOld ? shape.schema : s,
    players: p,
    final: f === 1,
    outcome: r,
  }
  return envelopeOf(kind, gameId, position, head, isOld ? upcast(e, s, shape) : e)
}
