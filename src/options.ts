/** What a ledger is opened with, checked and filled in. Every bound has a default, and says what happens when it is met. */
import { join } from 'node:path'
import { memoryColdStore } from './archive/stores/memory-cold-store.js'
import { fileColdStore } from './archive/stores/file-cold-store.js'
import type { ColdStore } from './archive/cold-store.js'
import { checkRetention, type RetentionRule } from './archive/retention.js'
import { catalogBytesMaxDefault } from './archive/catalog.js'
import type { CatalogStore } from './archive/catalog/catalog-store.js'
import { fileCatalogStore } from './archive/catalog/file-catalog-store.js'
import { timeLimitedStore } from './archive/time-limited-store.js'
import type { Bots } from './commands/bots.js'
import type { AnyGame } from './commands/game.js'
import { idleMsByKind, type IdleRule } from './commands/idle-rule.js'
import { room } from './commands/rooms/room.js'
import { systemChance, type Chance } from './events/chance.js'
import { systemClock, type Clock } from './events/clock.js'
import type { Kind } from './events/ids.js'
import { fileJournal } from './events/journal/file-journal.js'
import { memoryJournal } from './events/journal/memory-journal.js'
import { strength, type Durability, type Journal } from './events/journal/journal.js'
import { fileCheckpointStore } from './projections/checkpoints/file-checkpoint-store.js'
import { playerIndex, type PlayerIndexView } from './projections/players/player-index.js'
import type { Reactor } from './reactor.js'
import type { CheckpointStore, Projection } from './projections/projection.js'

export interface LedgerOptions<Projections extends { readonly [name: string]: Projection }> {
  /** The games that can be played. One kind once. */
  readonly games: readonly AnyGame[]
  /** Short for a file journal, a file cold store, its catalog and read models under this directory. */
  readonly dir?: string
  /** Where live games survive a crash. @default under `dir`; without it memory alone, which survives nothing */
  readonly journal?: Journal
  /** Where completed games go. @default under `dir`; without it memory alone, which survives nothing */
  readonly archive?: ColdStore
  /** Where read models are saved. @default under `dir`; without it they are rebuilt at each opening */
  readonly checkpoints?: CheckpointStore
  /** Where the catalog of the archive is saved. @default under `dir`; without it each opening reads all manifests */
  readonly catalog?: CatalogStore
  /**
   * Memory that the catalog takes, in bytes, for some 36 a game with two players; beyond it the most of it is read from the
   * disk beside `catalog` when it is asked for. Without `catalog` all stays in memory. @default 256 MiB
   */
  readonly catalogBytesMax?: number
  /** The read models; each becomes `ledger.views[name]`. The names `players` and `rooms` are the ledger's own. */
  readonly projections?: Projections
  /** The player index. @default `playerIndex()`; one with `nameOf` finds players by name */
  readonly players?: Projection<PlayerIndexView>
  /** How safe an event is before anybody sees it. @default 'synced' */
  readonly durability?: Durability
  /** @default the machine's clock */
  readonly clock?: Clock
  /** @default the machine's chance */
  readonly chance?: Chance
  /**
   * What acts by itself: `bots(...)`, at most one a game, and `reactor(...)`. Where reactors stand is saved with the read
   * models; a ledger that saves none (`dir`, `checkpoints`) lets each begin anew at every opening.
   */
  readonly reactors?: readonly (Bots | Reactor)[]
  /**
   * Whether the deadlines of games are kept: their commands sent when they are due. `false` to look at a ledger without
   * time going on in it. @default true
   */
  readonly deadlines?: boolean
  /**
   * Commands that are not yet answered; beyond it `Overloaded`. A tenth is kept for the ledger's own: deadlines, bots,
   * reactors. @default 10 000
   */
  readonly commandsInFlightMax?: number
  /**
   * At the degrees `memory` and `written`: events that are accepted and not yet on the disk; from there on commands are
   * `Overloaded`. So many positions, and those of one more command, are left out after an unclean stop, since a crash
   * may have taken back what was published there. @default 100 000
   */
  readonly unsyncedEventsMax?: number
  /** Bytes of events that are not yet published, or not yet on the disk; beyond it `Overloaded`. @default 8 MiB, so that what is in flight when the disk is full finds its place in the log file */
  readonly bytesInFlightMax?: number
  /**
   * Games in memory, without rooms. From 95 % of it on those that are idle for longest hibernate; where none is, new games
   * are `Overloaded` at the bound. @default 200 000
   */
  readonly gamesLiveMax?: number
  /** The same of rooms. @default 200 000 */
  readonly roomsLiveMax?: number
  /** The same of bytes: logs, states and tables of games and rooms, as `stats().memory.liveBytes` estimates them. @default 1 GiB */
  readonly liveBytesMax?: number
  /**
   * A game or room without commands for so long, in ms of the ledger's clock, may hibernate: the next command or reading
   * finds it in the journal, as it was. @default 60 000
   */
  readonly idleAfterMs?: number
  /**
   * Ends what nobody plays any more: a game without events for so long, in ms of the ledger's clock, by the ledger's own
   * event `$closed`, without an outcome; a room by `Abandoned`, but not while its game goes on. In memory or asleep, and
   * behind an opening what came of age before it. A number is for games of all kinds and for rooms; else rules by kind
   * (`room` for rooms), of which the strictest goes. Let it be longer than the longest pause of play. Not where
   * `deadlines` is `false`. @default never
   */
  readonly idleCloseMs?: number | readonly IdleRule[]
  /** Published events kept for readers of `eventsFrom` that are nearly up to date. @default 4 096 */
  readonly recentEventsMax?: number
  /** A batch of the archive closes at so many games... @default 256 */
  readonly batchGamesMax?: number
  /** ...at so many bytes of events... @default 4 MiB */
  readonly batchBytesMax?: number
  /** ...or at this age, in ms. @default 1 000 */
  readonly batchAgeMaxMs?: number
  /**
   * Merge small batches of the archive in the background: a quiet server closes them by age, so that each holds a game or
   * two. @default true; with a memory journal false, which may be one of several that look at an archive
   */
  readonly compaction?: boolean
  /**
   * How long completed games are kept after their end; without it for ever. Games that are older are dropped in the
   * background, up to an hour late, and **cannot be had back**. Where several rules name a game, the strictest goes.
   */
  readonly retention?: readonly RetentionRule[]
  /** How often the archive is looked over in the background, in ms. @default 60 000 */
  readonly upkeepEveryMs?: number
  /** How long the store of the archive may take for an answer, in ms; one that hangs is one that failed. @default 30 000: 4 MiB at 1 Mbit/s */
  readonly storeAnswerMsMax?: number
  /** How long `close` waits for the archive, in ms; what is left is archived after the next opening. @default 10 000 */
  readonly closeDeadlineMs?: number
  /** How often moved read models and the catalog are saved, in ms. @default 30 000 */
  readonly checkpointEveryMs?: number
  /**
   * A read model without a saved one of its version is made anew: before `openLedger` resolves where the ledger has at
   * most so many positions, else in the background (`ledger.caughtUp()` waits for it). @default 100 000, about half a second
   */
  readonly rebuildAtOpenEventsMax?: number
  /** Take an archive that another journal filled: after that journal was lost. @default false */
  readonly adopt?: boolean
  /** Freeze states and events, and compare what is encoded with what was decided. @default true unless NODE_ENV is 'production' */
  readonly checks?: boolean
}

export interface ResolvedOptions {
  readonly games: ReadonlyMap<Kind, AnyGame>
  readonly journal: Journal
  readonly archive: ColdStore
  readonly checkpoints: CheckpointStore | undefined
  readonly catalog: CatalogStore | undefined
  readonly projections: { readonly [name: string]: Projection }
  readonly players: Projection<PlayerIndexView>
  readonly durability: Durability
  readonly clock: Clock
  readonly chance: Chance
  readonly deadlines: boolean
  /** After how long what is idle ends, by kind. */
  readonly idleMs: ReadonlyMap<Kind, number>
  readonly bots: readonly Bots[]
  readonly reactors: readonly Reactor[]
  readonly commandsInFlightMax: number
  readonly bytesInFlightMax: number
  readonly unsyncedEventsMax: number
  readonly gamesLiveMax: number
  readonly roomsLiveMax: number
  readonly liveBytesMax: number
  readonly idleAfterMs: number
  readonly recentEventsMax: number
  readonly batchGamesMax: number
  readonly batchBytesMax: number
  readonly batchAgeMaxMs: number
  readonly compaction: boolean
  readonly retention: readonly RetentionRule[]
  readonly upkeepEveryMs: number
  readonly storeAnswerMsMax: number
  readonly closeDeadlineMs: number
  readonly checkpointEveryMs: number
  readonly catalogBytesMax: number
  readonly rebuildAtOpenEventsMax: number
  readonly adopt: boolean
  readonly checks: boolean
}

const bounds = {
  commandsInFlightMax: 10_000,
  bytesInFlightMax: 8 * 1024 * 1024,
  unsyncedEventsMax: 100_000,
  gamesLiveMax: 200_000,
  roomsLiveMax: 200_000,
  liveBytesMax: 1024 * 1024 * 1024,
  idleAfterMs: 60_000,
  recentEventsMax: 4_096,
  batchGamesMax: 256,
  batchBytesMax: 4 * 1024 * 1024,
  batchAgeMaxMs: 1_000,
  upkeepEveryMs: 60_000,
  storeAnswerMsMax: 30_000,
  closeDeadlineMs: 10_000,
  checkpointEveryMs: 30_000,
  catalogBytesMax: catalogBytesMaxDefault,
  rebuildAtOpenEventsMax: 100_000,
} as const

type Bounds = { -readonly [name in keyof typeof bounds]: number }

/** Checks the options and fills in the defaults. @throws TypeError that says what was got */
export const resolveOptions = <Projections extends { readonly [name: string]: Projection }>(
  options: LedgerOptions<Projections>,
): ResolvedOptions => {
  const { dir, projections = {}, durability = 'synced' } = options
  if (!(durability in strength))
    throw new TypeError(`durability is 'memory', 'written' or 'synced'; got ${String(durability)}.`)
  for (const own of ['players', 'rooms'])
    if (own in projections)
      throw new TypeError(`\`${own}\` is the ledger's own view; name your projection otherwise.`)
  const checkpoints =
    options.checkpoints ?? (dir === undefined ? undefined : fileCheckpointStore(join(dir, 'projections')))
  const resolved = resolveBounds(options)
  const games = gamesByKind(options.games)
  const acting = options.reactors ?? []
  const deadlines = options.deadlines ?? true
  const idleMs = idleMsByKind(options.idleCloseMs ?? [], games)
  const journal = options.journal ?? (dir === undefined ? memoryJournal() : fileJournal(join(dir, 'journal')))
  return {
    ...resolved,
    games,
    journal,
    compaction: options.compaction ?? !journal.isEphemeral,
    retention: checkRetention(options.retention ?? []),
    archive: timeLimitedStore(
      options.archive ?? (dir === undefined ? memoryColdStore() : fileColdStore(join(dir, 'archive'))),
      resolved.storeAnswerMsMax,
    ),
    checkpoints,
    catalog: options.catalog ?? (dir === undefined ? undefined : fileCatalogStore(join(dir, 'catalog'))),
    projections,
    players: options.players ?? playerIndex(),
    durability,
    clock: options.clock ?? systemClock,
    chance: options.chance ?? systemChance,
    deadlines,
    idleMs: deadlines ? idleMs : new Map(),
    bots: checkBots(
      acting.filter((each) => each.type === 'bots'),
      games,
    ),
    reactors: checkReactors(acting.filter((each) => each.type === 'reactor')),
    adopt: options.adopt ?? false,
    checks: options.checks ?? process.env['NODE_ENV'] !== 'production',
  }
}

const resolveBounds = (options: Partial<Readonly<Bounds>>): Readonly<Bounds> => {
  const resolved: Bounds = { ...bounds }
  for (const name of Object.keys(bounds) as (keyof Bounds)[]) {
    const value = options[name] ?? bounds[name]
    if (!Number.isSafeInteger(value) || value < 1)
      throw new TypeError(`${name} must be a whole number from 1; got ${String(value)}.`)
    resolved[name] = value
  }
  return resolved
}

const checkBots = (bots: readonly Bots[], games: ReadonlyMap<Kind, AnyGame>): readonly Bots[] => {
  const kinds = new Set<Kind>()
  for (const { game } of bots) {
    if (games.get(game.kind) !== game)
      throw new TypeError(`Bots play ${game.kind}, which is not among \`games\`. Add it, the same object.`)
    if (kinds.has(game.kind))
      throw new TypeError(`Two \`bots\` play ${game.kind}. One policy plays all bots of a game.`)
    kinds.add(game.kind)
  }
  return bots
}

const checkReactors = (reactors: readonly Reactor[]): readonly Reactor[] => {
  const names = new Set<string>()
  for (const { name } of reactors) {
    if (names.has(name)) throw new TypeError(`Two reactors have the name ${name}. Give each its own.`)
    names.add(name)
  }
  return reactors
}

const gamesByKind = (games: readonly AnyGame[]): ReadonlyMap<Kind, AnyGame> => {
  if (!Array.isArray(games))
    throw new TypeError(`\`games\` must be a list of defined games; got ${typeof games}.`)
  const byKind = new Map<Kind, AnyGame>([[room.kind, room]])
  for (const game of games) {
    if (byKind.has(game.kind))
      throw new TypeError(
        game.kind === room.kind
          ? 'The kind "room" is the ledger\'s own. Give your game another.'
          : `Two games have the kind "${game.kind}". Give each its own.`,
      )
    byKind.set(game.kind, game)
  }
  return byKind
}
