/**
 * Takes in events that another ledger exported: the same games, under the same ids, recorded again as facts.
 *
 *     line --> upcast --> [ a command that the rules do not decide but find decided ] --> dispatcher --> journal, boards, archive
 *
 * Every event goes the way of a command, so nothing knows imports but this file: bounds, order, durability and the
 * folding of the state are those of play. What `decide` would say is not asked: it was said when the game was played.
 * Positions are new, in the order of the lines; when it happened stays, as `occurredAt`. Events that one command id joins
 * are recorded as one again.
 *
 * An import can be run again: what is there already is compared and passed over, and goes on behind it. `#through` says
 * up to which version a game is what the lines say; an event is recorded behind exactly that version, which is looked at
 * in the same synchronous stretch. So a game that differs from one of the same id, or that somebody plays meanwhile, is
 * left out and told, never mixed.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { isLeft, isRight, left, right } from 'fp-ts/lib/Either.js'
import { LRUCache } from 'lru-cache'
import type { Dispatcher } from './commands/dispatcher.js'
import { messageOf, RulesError, type Overloaded, type Unavailable } from './commands/dispatch-error.js'
import type { AnyGame, DecideContext, GameCommand } from './commands/game.js'
import { decidedByLedger } from './commands/ledger-rules.js'
import type { DispatchOptions } from './commands/command-options.js'
import type { Answered } from './commands/request.js'
import type { GameEvent } from './events/envelope.js'
import { checkGameId, streamIdOf, type Kind, type StreamId } from './events/ids.js'
import { SchemaTooNewError, upcast, UpcasterError } from './events/upcaster.js'
import { parseExported, type ExportedEvent } from './exported-line.js'
import type { GameReader } from './game-reader.js'

export interface ImportOptions {
  /** Hears of each window of lines that was taken in. */
  readonly onProgress?: (progress: { readonly events: number }) => void
}

/** What an import came to. */
export interface ImportReport {
  /** Events recorded now, and games that any of them belong to. */
  readonly events: number
  readonly games: number
  /** Events that were there already, the same. */
  readonly already: number
  /** Games of which something was left out, and why. */
  readonly skipped: readonly SkippedGame[]
}

export interface SkippedGame {
  readonly game: StreamId
  /** The line at which it was given up. */
  readonly line: number
  readonly reason: string
}

/** The ledger takes nothing any more. What was acknowledged is safe; import again to go on. */
export class ImportStoppedError extends Error {
  override readonly name = 'ImportStoppedError'
  readonly code = 'import-stopped'

  constructor(error: Unavailable | Overloaded) {
    super(
      `The import has stopped: ${messageOf(error)} Then import again: what is there is passed over.`,
      'cause' in error ? { cause: error.cause } : undefined,
    )
  }
}

/** Lines in hand: large groups in the journal, and a tenth of what may be in flight. */
const windowLines = 1_000
/** A bound that holds an import up is asked again after so long; that nothing goes on for half a minute is no peak of load. */
const heldUpMs = 20
const heldUpMax = 1_500
/** Games whose recorded events are held for comparison. */
const comparedGamesMax = 100

/** Events that were one command. */
interface Group {
  readonly stream: StreamId
  readonly game: AnyGame
  readonly first: ExportedEvent
  readonly events: GameEvent[]
}

interface Recorded extends GameCommand {
  readonly stream: StreamId
  readonly events: readonly GameEvent[]
}

const anotherGame = 'another game stands under its id, or somebody plays it'

export class EventsImport {
  readonly #games: ReadonlyMap<Kind, AnyGame>
  readonly #dispatcher: Dispatcher
  readonly #reader: GameReader
  readonly #recorders = new Map<Kind, AnyGame>()
  /** What was there before the import, of games that are being compared. */
  readonly #there = new LRUCache<StreamId, readonly GameEvent[]>({ max: comparedGamesMax })
  /** Through which version a game is what the lines say. An entry a game: what the index of a file would take, too. */
  readonly #through = new Map<StreamId, number>()
  readonly #skipped = new Map<StreamId, SkippedGame>()
  readonly #imported = new Set<StreamId>()
  #events = 0
  #already = 0

  constructor(games: ReadonlyMap<Kind, AnyGame>, dispatcher: Dispatcher, reader: GameReader) {
    this.#games = games
    this.#dispatcher = dispatcher
    this.#reader = reader
  }

  /** Whether a line of a game was taken. O(1) */
  hasTaken(stream: StreamId): boolean {
    return this.#through.has(stream)
  }

  /** The games of which a line was taken. */
  streams(): Iterable<StreamId> {
    return this.#through.keys()
  }

  /** @throws ExportedLineError, ImportStoppedError, what reading the lines throws */
  async run(
    lines: AsyncIterable<string> | Iterable<string>,
    { onProgress }: ImportOptions,
  ): Promise<ImportReport> {
    let line = 0
    let groups: Group[] = []
    for await (const text of lines) {
      line++
      if (text.trim() === '') continue
      this.#take(parseExported(text, line), groups)
      // The newest group may still grow.
      if (groups.length <= windowLines) continue
      await this.#record(groups.slice(0, -1))
      groups = groups.slice(-1)
      onProgress?.({ events: this.#events + this.#already })
    }
    await this.#record(groups)
    const skipped = [...this.#skipped.values()]
    return { events: this.#events, games: this.#imported.size, already: this.#already, skipped }
  }

  #take(exported: ExportedEvent, groups: Group[]): void {
    const { kind, gameId, commandId, version } = exported
    const stream = streamIdOf(kind, gameId)
    if (this.#skipped.has(stream)) return
    if (!this.#through.has(stream)) {
      if (version !== 1)
        return this.#skip(stream, exported, `its events before version ${version} are missing`)
      this.#through.set(stream, 0)
    }
    const game = this.#games.get(kind)
    if (!game) return this.#skip(stream, exported, `the rules of ${kind} were not given`)
    const last = groups.at(-1)
    const isNext = last?.stream === stream && version === last.first.version + last.events.length
    try {
      const event = upcast(exported.event, exported.schema, game)
      if (isNext && commandId !== undefined && commandId === last.first.commandId) last.events.push(event)
      else
        groups.push({ stream: streamIdOf(kind, checkGameId(gameId)), game, first: exported, events: [event] })
    } catch (cause) {
      const isOfTheLine =
        cause instanceof SchemaTooNewError || cause instanceof UpcasterError || cause instanceof TypeError
      if (!isOfTheLine) throw cause
      this.#skip(stream, exported, cause.message)
    }
  }

  /** Dispatches groups in their order, and those that a bound refused again, until all are through. */
  async #record(groups: readonly Group[]): Promise<void> {
    let heldUp = 0
    for (let open = groups; open.length > 0;) {
      const answers: Promise<Answered | Error | undefined>[] = []
      for (const group of open) {
        const there = await this.#recordedOf(group)
        answers.push(there ? this.#compare(group, there) : this.#dispatch(group))
      }
      const again: Group[] = []
      let bound: Overloaded | undefined
      for (const [at, group] of open.entries()) {
        const answer = await answers[at]
        if (!answer) continue
        const refused = overloadOf(answer)
        bound ??= refused
        // Behind a group that a bound refused, the later ones of its game find a version too low.
        if (refused || (bound && isAhead(answer))) again.push(group)
        else this.#settle(group, answer)
      }
      heldUp = again.length < open.length ? 0 : heldUp + 1
      if (bound && heldUp > heldUpMax) throw new ImportStoppedError(bound)
      if (bound) await sleep(heldUpMs)
      open = again
    }
  }

  async #dispatch({ stream, game, first, events }: Group): Promise<Answered | Error> {
    const { commandId, actor, occurredAt, recordedAt, version } = first
    const command: Recorded = { type: '$recorded', stream, events }
    const options: DispatchOptions = {
      expectedVersion: version - 1,
      occurredAt: occurredAt ?? recordedAt,
      ...(commandId !== undefined && { commandId }),
      ...(actor !== undefined && { actor }),
    }
    try {
      return await this.#dispatcher.dispatch(this.#recorderOf(game), stream, command, options)
    } catch (cause) {
      if (cause instanceof RulesError || cause instanceof TypeError) return cause
      throw cause
    }
  }

  /** The rules of a game, but that what was decided long ago is decided again. */
  #recorderOf(game: AnyGame): AnyGame {
    const known = this.#recorders.get(game.kind)
    if (known) return known
    const decide = ({ stream, events }: Recorded, _: unknown, { version }: DecideContext) => {
      if (this.#through.get(stream) !== version) return left(anotherGame)
      this.#through.set(stream, version + events.length)
      return right(events)
    }
    const recorder = decidedByLedger(game, decide as AnyGame['decide'])
    this.#recorders.set(game.kind, recorder)
    return recorder
  }

  #settle({ stream, first, events }: Group, answer: Answered | Error): void {
    if (answer instanceof Error) return this.#skip(stream, first, answer.message)
    if (isRight(answer)) {
      this.#imported.add(stream)
      this.#events += events.length
      return
    }
    const error = answer.left
    if (error._tag === 'Unavailable' && error.code !== 'game-quarantined') throw new ImportStoppedError(error)
    if (isAhead(answer)) this.#skip(stream, first, `its events before version ${first.version} are missing`)
    else if (error._tag === 'Unavailable') this.#skip(stream, first, messageOf(error))
    else this.#skip(stream, first, anotherGame)
  }

  /** What was there under a group's versions before the import; `undefined` where they are to be recorded. */
  async #recordedOf({ stream, first }: Group): Promise<readonly GameEvent[] | undefined> {
    const isNew = this.#through.get(stream) === 0 && this.#reader.versionInMemory(stream) === 0
    if (isNew || this.#imported.has(stream)) return undefined
    let recorded = this.#there.get(stream)
    if (!recorded) {
      const all: GameEvent[] = []
      for await (const { event } of this.#reader.events(stream)) all.push(event)
      this.#there.set(stream, (recorded = all))
    }
    return first.version <= recorded.length ? recorded : undefined
  }

  /** What is there already has to be the same. */
  async #compare({ stream, first, events }: Group, recorded: readonly GameEvent[]): Promise<undefined> {
    const end = first.version - 1 + events.length
    const isSame =
      this.#through.get(stream) === first.version - 1 &&
      isDeepStrictEqual(recorded.slice(first.version - 1, end), JSON.parse(JSON.stringify(events)))
    if (!isSame) return this.#skip(stream, first, anotherGame)
    this.#through.set(stream, end)
    this.#already += events.length
  }

  #skip(game: StreamId, { line }: ExportedEvent, reason: string): undefined {
    if (!this.#skipped.has(game)) this.#skipped.set(game, { game, line, reason })
  }
}

const overloadOf = (answer: Answered | Error): Overloaded | undefined =>
  !(answer instanceof Error) && isLeft(answer) && answer.left._tag === 'Overloaded' ? answer.left : undefined

/** The game has not come as far as the group expects. */
const isAhead = (answer: Answered | Error): boolean =>
  !(answer instanceof Error) &&
  isLeft(answer) &&
  answer.left._tag === 'VersionConflict' &&
  answer.left.actual < answer.left.expected
