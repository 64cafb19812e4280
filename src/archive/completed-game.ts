/**
 * A completed game on its way into a segment: its header and its event lines, still unpacked.
 *
 * The lines are the bytes of the live game's log, so nothing is encoded again, and hardly anything is read: the first
 * line tells when the game began, the last one when and how it ended, those with `p` who plays. The others are only
 * looked through for that key. In front of `,"e":` a line has keys of ours alone, and within a JSON string every quote
 * is escaped, so neither can be mistaken (docs/formats/event-line.md).
 *
 * The state hash is that of the state in memory, where the game still has it: so replaying the archive years later is
 * compared with what was really played on. After a crash it is folded from the log, in slices.
 */
import type { AnyGame } from '../commands/game.js'
import { decodeLine } from '../events/codec.js'
import type { EventEnvelope, GameEvent } from '../events/envelope.js'
import type { EventLog } from '../events/event-log.js'
import { partsOfStream, type Kind, type PlayerId, type Position, type StreamId } from '../events/ids.js'
import type { TimeSlice } from '../events/time-slice.js'
import type { EventShape } from '../events/upcaster.js'
import { gameFormat, type GameHeader } from './game-header.js'
import { foldInSlices, sha256Of, stateHashOf, type RecordedState } from './state-hash.js'

/** A completed game as the ledger lends it. */
export interface CompletedGame {
  readonly stream: StreamId
  readonly log: EventLog
  /** The final state, where it is in memory. Only read. */
  readonly final?: { readonly state: unknown }
}

/** Rules by kind; those of other kinds are not needed to keep their games. */
export type Rules = ReadonlyMap<Kind, AnyGame>

/** A game as a segment packs it. */
export interface UnpackedMember {
  readonly header: GameHeader
  /** Header line and event lines, end to end. */
  readonly parts: readonly [header: Buffer, lines: Buffer]
  readonly rawBytes: number
}

const lineFeed = 0x0a
const eventKey = Buffer.from(',"e":')
const playersKey = Buffer.from(',"p":')

/** Event lines and their positions: what a member is made of, wherever they come from. */
export interface PlacedLines {
  readonly stream: StreamId
  /** Each ending in a line feed. */
  readonly lines: Buffer
  /** The position of the first event, then differences. */
  readonly positions: readonly number[]
  /** The final state, where it is in memory. Only read. */
  readonly final?: { readonly state: unknown }
}

/**
 * O(bytes). @throws TypeError where the game is not over
 * @param room where its lines are copied to, and stay: as many bytes as its log has, or more
 */
export const unpackedMemberOf = (
  { stream, log, final }: CompletedGame,
  rules: Rules,
  slice: TimeSlice,
  room = Buffer.allocUnsafeSlow(log.byteLength),
): Promise<UnpackedMember> =>
  memberOfLines({ stream, ...contentOf(log, room), ...(final && { final }) }, rules, slice)

/** The same of lines. O(bytes). @throws TypeError where the game is not over */
export const memberOfLines = async (
  { stream, lines, positions, final }: PlacedLines,
  rules: Rules,
  slice: TimeSlice,
): Promise<UnpackedMember> => {
  const { kind, gameId } = partsOfStream(stream)
  const { first, last, players } = tellingLines(lines, kind, gameId)
  if (!first || !last?.final) throw new TypeError(`${stream} is not over: only completed games are archived.`)
  const game = rules.get(kind)
  const stateHash =
    game && (await stateHashFor(game, final, () => eventsOf(lines, kind, gameId, game), slice))
  const header: GameHeader = {
    format: gameFormat,
    kind,
    gameId,
    players,
    ...(last.outcome && { outcome: last.outcome }),
    versions: positions.length,
    firstAt: first.recordedAt,
    lastAt: last.recordedAt,
    ...(last.occurredAt !== undefined && { occurredAt: last.occurredAt }),
    positions,
    hash: sha256Of(lines),
    ...(game && stateHash !== undefined && recordedBy(game, stateHash)),
  }
  const head = Buffer.from(`${JSON.stringify(header)}\n`)
  return { header, parts: [head, lines], rawBytes: head.length + lines.length }
}

const recordedBy = ({ schema, rules }: AnyGame, stateHash: string): RecordedState => ({
  stateHash,
  schema,
  ...(rules !== undefined && { rules }),
})

interface Told {
  readonly first: EventEnvelope | undefined
  readonly last: EventEnvelope | undefined
  /** As last told. */
  readonly players: readonly PlayerId[]
}

/** Reads the lines that tell something. The others are passed over: O(lines that tell), but for the search. */
const tellingLines = (lines: Buffer, kind: Kind, gameId: string): Told => {
  const lineAt = (start: number): EventEnvelope => {
    const end = lines.indexOf(lineFeed, start)
    return decodeLine(lines.toString('utf8', start, end), kind, gameId, 0 as Position, undefined)
  }
  if (lines.length === 0) return { first: undefined, last: undefined, players: [] }
  const first = lineAt(0)
  let players: readonly PlayerId[] = []
  for (let at = lines.indexOf(playersKey); at >= 0;) {
    const start = lines.lastIndexOf(lineFeed, at) + 1
    // Behind `,"e":` it is the event's own.
    if (lines.indexOf(eventKey, start) > at)
      players = (start === 0 ? first : lineAt(start)).players ?? players
    at = lines.indexOf(playersKey, lines.indexOf(lineFeed, at))
  }
  return { first, last: lineAt(lines.lastIndexOf(lineFeed, lines.length - 2) + 1), players }
}

function* eventsOf(
  lines: Buffer,
  kind: Kind,
  gameId: string,
  shape: EventShape,
): Generator<GameEvent, void, undefined> {
  for (let start = 0; start < lines.length;) {
    const end = lines.indexOf(lineFeed, start)
    yield decodeLine(lines.toString('utf8', start, end), kind, gameId, 0 as Position, shape).event
    start = end + 1
  }
}

/** `undefined` where the rules of today cannot fold the game: it is kept all the same, and never compared. */
const stateHashFor = async (
  game: AnyGame,
  final: CompletedGame['final'],
  events: () => Iterable<GameEvent>,
  slice: TimeSlice,
): Promise<string | undefined> => {
  try {
    return stateHashOf(final ? final.state : await foldInSlices(game, events, slice))
  } catch {
    return undefined
  }
}

/** The event lines, and the position of the first event, then differences. */
const contentOf = (
  log: EventLog,
  room: Buffer,
): { readonly lines: Buffer; readonly positions: readonly number[] } => {
  const positions: number[] = []
  let last = 0
  log.visit((firstPosition, count) => {
    positions.push(firstPosition - last)
    for (let more = 1; more < count; more++) positions.push(1)
    last = firstPosition + count - 1
  })
  return { lines: room.subarray(0, log.copyLines(room)), positions }
}
