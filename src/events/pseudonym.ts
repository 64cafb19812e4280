/**
 * Erasing a player from what is recorded: pseudonymisation, line by line.
 *
 *     {"v":3,"t":17639,"a":"ann","e":{"type":"Marked","player":"ann","scores":{"ann":4},"text":"ann won"}}
 *     {"v":3,"t":17639,"a":"erased:7","e":{"type":"Marked","player":"erased:7","scores":{"erased:7":4},"text":"ann won"}}
 *
 * Every string that equals the id becomes the alias: values and keys of the event, and the values of the envelope around
 * it. What the ledger itself reads stays: the envelope's keys, those of the outcome, and the event's `type`. Nothing is
 * searched for inside a string: what else names the player there is the game's own to erase (`erase` of its
 * definition), which sees every event of a game that names them. Versions, times and the number of lines stay.
 *
 * A line is parsed only where it may name the player: where the id stands in it as JSON writes it, or a backslash does,
 * which might spell it otherwise.
 */
import { decodeLine, encodeLine } from './codec.js'
import type { EventEnvelope, GameEvent } from './envelope.js'
import type { EventLog } from './event-log.js'
import { linesOf } from './event-log.js'
import type { Kind, PlayerId } from './ids.js'
import { upcast, type EventShape } from './upcaster.js'

/** What a game adds to the erasure of a player from its events. */
export interface GameEraser {
  readonly shape: EventShape
  /** The event without the player, where it has more of them than their id; `undefined` where it has not. Pure. */
  erase(event: GameEvent, player: PlayerId, alias: PlayerId): GameEvent | undefined
}

interface Line {
  readonly s?: number
  readonly e: GameEvent
  readonly [key: string]: unknown
}

const backslash = '\\'

export class Pseudonym {
  readonly player: PlayerId
  readonly alias: PlayerId
  readonly #eraserOf: (kind: Kind) => GameEraser | undefined
  /** As JSON writes it. */
  readonly #quoted: string
  /** The same without the quotes: as a part of a longer string. */
  readonly #part: string
  /** Strings that were replaced so far. */
  #replaced = 0

  constructor(
    player: PlayerId,
    alias: PlayerId,
    eraserOf: (kind: Kind) => GameEraser | undefined = () => undefined,
  ) {
    this.player = player
    this.alias = alias
    this.#eraserOf = eraserOf
    this.#quoted = JSON.stringify(player)
    this.#part = this.#quoted.slice(1, -1)
  }

  /**
   * Whether lines of events name the player: hold a string that equals the id, or what the game has to erase besides.
   * O(length), hardly ever with parsing. @throws as `lines`
   */
  isIn(kind: Kind, bytes: Buffer, start = 0, end = bytes.length): boolean {
    const range = bytes.subarray(start, end)
    if (!range.includes(this.#part) && !range.includes(backslash)) return false
    return this.lines(kind, bytes, start, end) !== undefined
  }

  /**
   * Lines of a game that names the player, without the player; `undefined` where they stay as they are.
   * @throws SchemaTooNewError, what the game's `erase` throws
   */
  lines(kind: Kind, bytes: Buffer, start = 0, end = bytes.length): string | undefined {
    const eraser = this.#eraserOf(kind)
    let text = ''
    let isChanged = false
    for (const line of linesOf(bytes, start, end)) {
      const changed = eraser ? this.#byGame(line, eraser) : this.#plainly(line)
      if (changed !== undefined) isChanged = true
      text += `${changed ?? line}\n`
    }
    return isChanged ? text : undefined
  }

  /** The log of a game that names the player, without the player; `undefined` where it stays as it is. */
  log(kind: Kind, log: EventLog): EventLog | undefined {
    return log.rewritten((bytes, start, end) => this.lines(kind, bytes, start, end))
  }

  /** An envelope of such a game. */
  envelope(envelope: EventEnvelope): EventEnvelope {
    const { kind, gameId, position, event } = envelope
    const line = Buffer.from(encodeLine(envelope, JSON.stringify(event)))
    const changed = this.lines(kind, line)
    return changed === undefined ? envelope : decodeLine(changed, kind, gameId, position, undefined)
  }

  /** Whether any of it names the player: a JSON value, or text beside it. */
  isNamedBy(value: unknown): boolean {
    if (typeof value === 'string') return value === this.player
    if (typeof value !== 'object' || value === null) return false
    if (Array.isArray(value)) return value.some((item) => this.isNamedBy(item))
    return Object.entries(value).some(([key, member]) => key === this.player || this.isNamedBy(member))
  }

  /** How many lines have the id as a part of a longer string: nothing but the game's `erase` reaches those. */
  remainsIn(bytes: Buffer, start = 0, end = bytes.length): number {
    if (!bytes.subarray(start, end).includes(this.#part)) return 0
    let lines = 0
    for (const line of linesOf(bytes, start, end)) if (line.includes(this.#part)) lines++
    return lines
  }

  #plainly(line: string): string | undefined {
    if (!line.includes(this.#quoted) && !line.includes(backslash)) return undefined
    return this.#replacedIn(JSON.parse(line) as Line)
  }

  #byGame(line: string, { shape, erase }: GameEraser): string | undefined {
    const parsed = JSON.parse(line) as Line
    const { e, s = 1, ...head } = parsed
    const event = s === shape.schema ? e : upcast(e, s, shape)
    const erased = erase(event, this.player, this.alias)
    if (erased === undefined) return this.#replacedIn(parsed)
    if (erased.type !== event.type)
      throw new TypeError(`\`erase\` made a ${erased.type} of a ${event.type}. It must keep the type.`)
    const text = JSON.stringify(this.#erased(withSchema(head, shape.schema, erased)))
    return text === line ? undefined : text
  }

  /** Only where a string was replaced: however else a line is spelt, it stays. */
  #replacedIn(line: Line): string | undefined {
    const before = this.#replaced
    const erased = this.#erased(line)
    return this.#replaced > before ? JSON.stringify(erased) : undefined
  }

  /** In the order of keys that it has. */
  #erased({ e, ...head }: Line): unknown {
    const renamed = Object.fromEntries(Object.entries(head).map(([key, value]) => [key, this.#value(value)]))
    const event = Object.entries(e).map(([key, value]) =>
      key === 'type' ? [key, value] : [this.#text(key), this.#deep(value)],
    )
    return { ...renamed, e: Object.fromEntries(event) as GameEvent }
  }

  #text(text: string): string {
    if (text !== this.player) return text
    this.#replaced++
    return this.alias
  }

  /** Values alone. */
  #value(value: unknown): unknown {
    return this.#walked(value, (key) => key)
  }

  /** Values and keys. */
  #deep(value: unknown): unknown {
    return this.#walked(value, (key) => this.#text(key))
  }

  #walked(value: unknown, keyOf: (key: string) => string): unknown {
    if (typeof value === 'string') return this.#text(value)
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return value.map((item) => this.#walked(item, keyOf))
    // `fromEntries` makes own properties of all keys, also of `__proto__`.
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [keyOf(key), this.#walked(member, keyOf)]),
    )
  }
}

/** The keys in their order (codec.ts): the schema stands before players, final and outcome. */
const withSchema = (head: Omit<Line, 'e'>, schema: number, event: GameEvent): Line => {
  const { p, f, r, ...before } = head
  return {
    ...before,
    ...(schema !== 1 && { s: schema }),
    ...(p !== undefined && { p }),
    ...(f !== undefined && { f }),
    ...(r !== undefined && { r }),
    e: event,
  }
}
