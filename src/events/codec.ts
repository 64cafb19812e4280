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

/** An envelope whose place is not settled yet: a decided event gets its position from the journal. */
export type PlacedLater = { -readonly [key in keyof EventEnvelope]: EventEnvelope[key] }

/** What an envelope may have besides what every one has. */
export type EnvelopeExtras = {
  readonly [key in 'occurredAt' | 'commandId' | 'actor' | 'players' | 'outcome']?:
    EventEnvelope[key] | undefined
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

/** The line of one event, line feed included. `eventJson` is `JSON.stringify(envelope.event)`. */
export const encodeLine = (envelope: EventEnvelope, eventJson: string): string => {
  const { occurredAt, commandId, actor, schema, players, final, outcome } = envelope
  let line = `{"v":${envelope.version},"t":${envelope.recordedAt}`
  if (occurredAt !== undefined) line += `,"o":${occurredAt}`
  if (commandId !== undefined) line += `,"c":${JSON.stringify(commandId)}`
  if (actor !== undefined) line += `,"a":${JSON.stringify(actor)}`
  if (schema !== 1) line += `,"s":${schema}`
  if (players !== undefined) line += `,"p":${JSON.stringify(players)}`
  if (final) line += ',"f":1'
  if (outcome !== undefined) line += `,"r":${JSON.stringify(outcome)}`
  return `${line},"e":${eventJson}}\n`
}

/** The envelope of one event from its parts; absent parts are absent keys. */
export const envelopeOf = (
  kind: Kind,
  gameId: GameId,
  version: number,
  position: Position,
  recordedAt: number,
  schema: number,
  event: GameEvent,
  final: boolean,
  extras: EnvelopeExtras,
): PlacedLater => {
  const envelope: PlacedLater = {
    kind,
    gameId,
    version: version as Version,
    position,
    recordedAt,
    schema,
    event,
    final,
  }
  const { occurredAt, commandId, actor, players, outcome } = extras
  if (occurredAt !== undefined) envelope.occurredAt = occurredAt
  if (commandId !== undefined) envelope.commandId = commandId
  if (actor !== undefined) envelope.actor = actor
  if (players !== undefined) envelope.players = players
  if (outcome !== undefined) envelope.outcome = outcome
  return envelope
}

/** No number of a line has more digits: so it is exact. */
const digitsMax = 15
const zero = 0x30

/** Where the number that begins at a place of a text ends; the place itself where it is none that is written plainly. */
const numberEnd = (text: string, start: number): number => {
  let end = start
  for (let digit = text.charCodeAt(end) - zero; digit >= 0 && digit <= 9; digit = text.charCodeAt(end) - zero)
    end++
  const isPlain = end - start <= digitsMax && (end - start === 1 || text.charCodeAt(start) !== zero)
  return isPlain ? end : start
}

const numberAt = (text: string, start: number, end: number): number => {
  let number = 0
  for (let at = start; at < end; at++) number = 10 * number + text.charCodeAt(at) - zero
  return number
}

/**
 * A line that tells no more than each must, as nearly all do: `{"v":3,"t":1763900000000,"e":{...}}`. Only the event is left
 * to JSON.parse, which makes reading history a tenth cheaper. `undefined` where it is no such line.
 */
const plainLine = (text: string, start: number, end: number): Line | undefined => {
  if (!text.startsWith('{"v":', start)) return undefined
  const vStart = start + 5
  const vEnd = numberEnd(text, vStart)
  if (vEnd === vStart || !text.startsWith(',"t":', vEnd)) return undefined
  const tStart = vEnd + 5
  const tEnd = numberEnd(text, tStart)
  if (tEnd === tStart || !text.startsWith(',"e":', tEnd) || !text.startsWith('}', end - 1)) return undefined
  try {
    const e = JSON.parse(text.slice(tEnd + 5, end - 1)) as GameEvent
    return { v: numberAt(text, vStart, vEnd), t: numberAt(text, tStart, tEnd), e }
  } catch {
    // Whether it is a line at all is for JSON.parse to say, of the whole of it.
    return undefined
  }
}

/**
 * Reads one line back: `text`, or the piece of it at [start, end), line feed excluded. With a `shape` the event is lifted
 * to the schema of today; without one (a kind that this program does not know) it stays as it was written.
 * @throws SyntaxError where the text is no line, SchemaTooNewError
 */
export const decodeLine = (
  text: string,
  kind: Kind,
  gameId: GameId,
  position: Position,
  shape: EventShape | undefined,
  start = 0,
  end = text.length,
): EventEnvelope => {
  const line = plainLine(text, start, end) ?? (JSON.parse(text.slice(start, end)) as Line)
  const { v, t, o, c, a, s = 1, p, f, r, e } = line
  if (typeof v !== 'number' || typeof t !== 'number' || typeof e?.type !== 'string')
    throw new SyntaxError(`Not an event line: ${text.slice(start, Math.min(end, start + 80))}`)
  const extras = { occurredAt: o, commandId: c, actor: a, players: p, outcome: r }
  const isOld = shape !== undefined && s !== shape.schema
  const event = isOld ? upcast(e, s, shape) : e
  return envelopeOf(kind, gameId, v, position, t, isOld ? shape.schema : s, event, f === 1, extras)
}
