/**
 * Erasing a player from a ledger: pseudonymisation of everything that is kept, in the order in which it is used.
 *
 *     number    in the archive: which `erased:<n>`; one that was interrupted goes on under its own
 *     refuse    commands that name the player
 *     live      games that are not archived: journal and memory (live-erasure.ts)
 *     archive   batches that name the player, rewritten (archive/erasing.ts)
 *     models    every read model made anew, everything that was saved of them forgotten
 *     number    is done: nothing tells any more whose it was
 *
 * Each step is whole by itself and finds nothing to do a second time; so one that was interrupted, by a crash, a close
 * or a store that failed, is run again. Games, positions and the scores of all others stay what they are.
 */
import { eraseFromArchive, type ErasedArchive } from './archive/erasing.js'
import { Erasures } from './archive/erasures.js'
import type { GameCommand } from './commands/game.js'
import { erasedPlayer, isErased } from './events/erased-player.js'
import { checkPlayerId, type Kind, type PlayerId, type Position, type StreamId } from './events/ids.js'
import { orAborted } from './events/or-aborted.js'
import { isOfLedger } from './events/ledger-event.js'
import { Pseudonym, type GameEraser } from './events/pseudonym.js'
import { HistoryShortenedError } from './history-shortened.js'
import type { LedgerParts } from './ledger-parts.js'
import { eraseLive, namedLive } from './live-erasure.js'
import type { ResolvedOptions } from './options.js'

/** How far an erasure is. */
export interface ErasureProgress {
  readonly stage: 'live' | 'archive' | 'models'
  /** Batches of the archive read, or positions applied by the read models, of so many; 0 of 0 while that is not known. */
  readonly done: number
  readonly of: number
}

export interface ErasureOptions {
  /** Only counts what names the player; changes nothing. @default false */
  readonly dryRun?: boolean
  /**
   * Reads every game of the archive: a player may be named in one that they were not in. With `false` only their own
   * games are read, which costs the less the fewer they are. @default true
   */
  readonly everywhere?: boolean
  /**
   * Go on where games were dropped from the archive: read models are made anew, and cannot count those again.
   * @default false
   */
  readonly shortened?: boolean
  /** Gives up between two steps; run it again to go on. */
  readonly signal?: AbortSignal
  /** Often; must be quick. */
  readonly onProgress?: (progress: ErasureProgress) => void
}

/** What was erased, or would be (dry run). */
export interface ErasureReport {
  /** What stands for the player from now on; absent in a dry run, and where nothing named them. */
  readonly alias?: PlayerId
  /** Games in memory or asleep, and archived games, that named the player. */
  readonly liveGames: number
  readonly archivedGames: number
  /** Batches of the archive that were rewritten, of so many that were read. */
  readonly batches: number
  readonly batchesRead: number
  /** Read models that were made anew, and those among them that threw: they answer no more. */
  readonly readModels: readonly string[]
  readonly faulted: readonly string[]
  /** Event lines that have the id as a part of a longer string, and keep it: only the game's `erase` reaches those. */
  readonly mentions: number
  /** Games whose own id has the player's in it, the first hundred: a game's id never changes. */
  readonly namedIds: readonly StreamId[]
  /** What is damaged in the archive, and so could not be read. While there is some the erasure has not ended. */
  readonly unread: readonly string[]
}

/** This player was erased already, or is none. */
const checkErasable = (player: PlayerId): PlayerId => {
  checkPlayerId(player)
  if (isErased(player)) throw new TypeError(`${player} stands for a player who was erased already.`)
  return player
}

const namedIdsMax = 100

export class Erasure {
  readonly #options: Pick<ResolvedOptions, 'games' | 'archive'>
  readonly #parts: LedgerParts
  readonly #erasures: Erasures
  readonly #closing = new AbortController()
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: Pick<ResolvedOptions, 'games' | 'archive'>, parts: LedgerParts) {
    this.#options = options
    this.#parts = parts
    this.#erasures = new Erasures(options.archive)
  }

  /** Those that were begun and have not ended. */
  unfinished(): Promise<readonly number[]> {
    return this.#erasures.unfinished()
  }

  /** See `Ledger.erase`. One at a time; others wait. */
  run(player: PlayerId, options: ErasureOptions = {}): Promise<ErasureReport> {
    checkErasable(player)
    const running = this.#last.then(() => this.#run(player, options))
    this.#last = running.catch(() => undefined)
    return running
  }

  /** Ends what is under way, and begins nothing more. */
  async close(): Promise<void> {
    this.#closing.abort(new ErasureStoppedError())
    await this.#last
  }

  async #run(player: PlayerId, options: ErasureOptions): Promise<ErasureReport> {
    const { dryRun = false, everywhere = true, onProgress } = options
    const signal = AbortSignal.any([this.#closing.signal, ...(options.signal ? [options.signal] : [])])
    signal.throwIfAborted()
    const tell = (stage: ErasureProgress['stage'], done: number, of: number): void =>
      onProgress?.({ stage, done, of })
    if (dryRun) return this.#look(player, { everywhere, signal, tell })
    if (options.shortened !== true) this.#checkHistory()
    const n = await this.#erasures.begin(player)
    const pseudonym = this.#pseudonym(player, erasedPlayer(n))
    const { dispatcher, recent, saving } = this.#parts
    dispatcher.refuse(namesIn(pseudonym))
    await saving?.suspend()
    try {
      tell('live', 0, 0)
      const live = await namedLive(this.#parts, pseudonym, signal)
      const { vanished } = await eraseLive(this.#parts, pseudonym, live.streams, signal)
      const archive = await this.#archive(pseudonym, { isDry: false, everywhere, signal, tell })
      recent.clear()
      const { faulted, names } = await this.#models(signal, tell)
      await orAborted(vanished(), signal)
      if (archive.unread.length === 0) await this.#erasures.end(n)
      return { alias: pseudonym.alias, ...reportOf(live, archive), readModels: names, faulted }
    } finally {
      saving?.resume()
      dispatcher.refuse(undefined)
    }
  }

  /** @throws HistoryShortenedError where a read model would forget what it has counted of games that are gone */
  #checkHistory(): void {
    const { models } = this.#parts
    const names = Object.keys(models.projector.views).filter((name) => models.shortenedThrough(name) > 0)
    const through = Math.max(...names.map((name) => models.shortenedThrough(name))) as Position
    if (names.length > 0) throw new HistoryShortenedError(names.join(', '), through, 'erase')
  }

  async #look(
    player: PlayerId,
    { everywhere, signal, tell }: Pick<Work, 'everywhere' | 'signal' | 'tell'>,
  ): Promise<ErasureReport> {
    const pseudonym = this.#pseudonym(player, erasedPlayer(0))
    tell('live', 0, 0)
    const live = await namedLive(this.#parts, pseudonym, signal)
    const archive = await this.#archive(pseudonym, { isDry: true, everywhere, signal, tell })
    return {
      ...reportOf(live, archive),
      readModels: Object.keys(this.#parts.models.projector.views),
      faulted: [],
    }
  }

  #archive(pseudonym: Pseudonym, { isDry, everywhere, signal, tell }: Work): Promise<ErasedArchive> {
    const { catalog } = this.#parts
    const { rewriter } = this.#parts.keeping
    const { archive: store, games: rules } = this.#options
    return eraseFromArchive({ store, catalog, rewriter, rules }, pseudonym, {
      isDry,
      isEverywhere: everywhere,
      signal,
      onBatch: (done, of) => tell('archive', done, of),
    })
  }

  async #models(
    signal: AbortSignal,
    tell: Work['tell'],
  ): Promise<{ readonly names: readonly string[]; readonly faulted: readonly string[] }> {
    const { models, saving } = this.#parts
    const faulted = await models.remake({
      signal,
      onProgress: ({ position, head }) => tell('models', position, head),
    })
    saving?.resume()
    await saving?.save()
    return { names: Object.keys(models.projector.views), faulted }
  }

  #pseudonym(player: PlayerId, alias: PlayerId): Pseudonym {
    const { games } = this.#options
    return new Pseudonym(player, alias, (kind: Kind): GameEraser | undefined => {
      const game = games.get(kind)
      return (
        game?.erase && {
          shape: game,
          erase: (event, erased, other) =>
            isOfLedger(event) ? undefined : game.erase!(event, erased, other),
        }
      )
    })
  }
}

interface Work {
  readonly isDry: boolean
  readonly everywhere: boolean
  readonly signal: AbortSignal
  readonly tell: (stage: ErasureProgress['stage'], done: number, of: number) => void
}

/** The ledger was closed before the erasure had ended. */
export class ErasureStoppedError extends Error {
  override readonly name = 'ErasureStoppedError'
  readonly code = 'erasure-stopped'

  constructor() {
    super(
      'The ledger was closed before the erasure had ended. Open it again, and erase the player once more: it goes on.',
    )
  }
}

const namesIn =
  (pseudonym: Pseudonym) =>
  (
    command: GameCommand,
    { actor, commandId }: { readonly actor: string | undefined; readonly commandId: string | undefined },
  ): boolean =>
    actor === pseudonym.player || commandId === pseudonym.player || pseudonym.isNamedBy(command)

const reportOf = (
  live: Awaited<ReturnType<typeof namedLive>>,
  { games, batches, batchesRead, mentions, namedIds, unread }: ErasedArchive,
): Omit<ErasureReport, 'alias' | 'readModels' | 'faulted'> => ({
  liveGames: live.streams.size,
  archivedGames: games,
  batches,
  batchesRead,
  mentions: live.mentions + mentions,
  namedIds: [...live.ids, ...namedIds].slice(0, namedIdsMax),
  unread,
})
