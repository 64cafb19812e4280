/**
 * What happens under a seed: how the ledger is set up, and a list of steps. The list is made beforehand, so that a
 * failure can be told by the fewest steps that still show it. Whatever chance decides while the steps are taken
 * (latencies, the fate of sectors) comes from the same seed.
 */
import type { Durability } from 'gameledger'
import { seededRandom } from '../../dist/events/seeded-random.js'
import type { TallyCommand } from '../ledger/tally-game.js'
import type { StoreSettings } from './simulated-store.js'

export interface Settings {
  readonly durability: Durability
  readonly logFileBytesMax: number
  readonly journalBatchBytesMax: number
  readonly batchGamesMax: number
  readonly batchAgeMaxMs: number
  readonly recentEventsMax: number
  readonly unsyncedEventsMax: number
  readonly commandsInFlightMax: number
  readonly gamesLiveMax: number
  readonly roomsLiveMax: number
  readonly liveBytesMax: number
  readonly idleAfterMs: number
  readonly checkpointEveryMs: number
  readonly upkeepEveryMs: number
  readonly checks: boolean
  /** Absent: games and rooms may be idle for ever. */
  readonly idleCloseMs?: number
  readonly diskDelayMsMax: number
  readonly shortWritesPerMille: number
  readonly store: StoreSettings
}

export type Step = { readonly afterMs: number } & (
  | {
      readonly type: 'command'
      readonly game: string
      readonly command: TallyCommand
      readonly commandId?: string
      /** Expect the version that was last seen published, less so many. */
      readonly expectLess?: number
      readonly durability?: Durability
    }
  | {
      /** In each game the player sits down, where they do not sit yet, and counts; all of it, or nothing. */
      readonly type: 'unit'
      readonly games: readonly string[]
      readonly player: string
      readonly amounts: readonly number[]
      /** What the last game is sent besides. `Explode` makes `build` throw, `Strange` has the unit refused. */
      readonly last?: 'Finish' | 'Explode' | 'Strange'
      readonly commandId?: string
      readonly durability?: Durability
    }
  | {
      readonly type: 'room'
      readonly act: 'create' | 'join' | 'leave' | 'start' | 'close'
      readonly room: string
      readonly player: string
      readonly commandId?: string
      readonly durability?: Durability
    }
  | {
      readonly type: 'disk-fault'
      readonly operation: 'write' | 'sync' | 'read' | 'name'
      readonly code: string
    }
  | { readonly type: 'disk-full'; readonly forMs: number; readonly roomBytes: number }
  | { readonly type: 'store-down'; readonly forMs: number }
  | { readonly type: 'compact' }
  | { readonly type: 'retain'; readonly olderThanMs: number; readonly kind?: string }
  | { readonly type: 'kill' }
  | { readonly type: 'power-loss' }
  | { readonly type: 'close' }
)

/** What players do. */
export type Act = Extract<Step, { readonly type: 'command' | 'unit' | 'room' }>

export type FaultName = 'disk' | 'full' | 'store' | 'kill' | 'power'
export const faultNames: readonly FaultName[] = ['disk', 'full', 'store', 'kill', 'power']

export interface Plan {
  readonly seed: number
  readonly settings: Settings
  readonly steps: readonly Step[]
}

const players = ['ann', 'bob', 'cyd', 'dan']

/** The plan of a seed, with faults of these sorts. */
export const planOf = (seed: number, faults: ReadonlySet<FaultName>): Plan => {
  const chance = seededRandom(seed * 2 + 1)
  const whole = (below: number): number => Math.floor(chance.next() * below)
  const one = <Value>(...values: readonly Value[]): Value => values[whole(values.length)]!
  /** Long lives, and a few games that last: then the journal has something to carry. */
  const isBusy = chance.next() < 0.25
  /** Long lives of short games: then log files are dropped, and used again. */
  const isBrisk = !isBusy && chance.next() < 0.25
  /** Many units of work, so large that a journal that took their parts apart would write them in several frames. */
  const isTied = chance.next() < 0.2
  /** Much happens in rooms. */
  const isSocial = chance.next() < 0.15
  /** The archive is compacted often, and games are dropped from it. */
  const isKept = chance.next() < 0.2
  /** Few find a place in memory: games and rooms hibernate, and are woken, all the time. */
  const isCrowded = chance.next() < 0.3
  /** Games and rooms that nobody plays end by themselves. Of another chance, so that all other seeds stay what they were. */
  const idling = seededRandom(seed * 2)
  const isPoliced = idling.next() < 0.1
  const settings: Settings = {
    durability: one('synced', 'synced', 'written', 'memory'),
    logFileBytesMax: isBusy || isBrisk ? one(1_024, 2_048) : one(1_024, 2_048, 4_096, 16_384),
    journalBatchBytesMax: isTied ? 1_024 : one(1_024, 4_096),
    batchGamesMax: 1 + whole(3),
    batchAgeMaxMs: one(1, 20, 200),
    recentEventsMax: one(1, 8, 4_096),
    unsyncedEventsMax: one(3, 20, 100),
    commandsInFlightMax: one(5, 1_000),
    gamesLiveMax: isCrowded ? one(2, 3, 4) : one(4, 1_000),
    roomsLiveMax: isCrowded ? one(1, 2) : 1_000,
    liveBytesMax: isCrowded ? one(4_096, 1_000_000) : 1_000_000,
    idleAfterMs: isCrowded ? one(1, 10, 100) : 60_000,
    checkpointEveryMs: one(20, 100, 10_000),
    upkeepEveryMs: isKept ? one(200, 2_000) : 60_000,
    checks: chance.next() < 0.3,
    ...(isPoliced && { idleCloseMs: 5 + Math.floor(idling.next() * 600) }),
    diskDelayMsMax: isTied ? 10 : one(0.1, 1, 10),
    shortWritesPerMille: faults.has('disk') ? one(0, 50, 300) : 0,
    store: {
      failuresPerMille: faults.has('store') ? one(0, 30, 200) : 0,
      delayMsMax: one(0.5, 10, 50),
    },
  }
  const gameOf = (commands: number): string => {
    if (isBusy && chance.next() < 0.15) return `long${whole(5)}`
    return `g${whole(5) + 3 * Math.floor(commands / 30)}`
  }
  const commandOf = (game: string): TallyCommand => {
    const player = one(...players)
    const draw = whole(game.startsWith('long') ? 80 : 100)
    if (draw < 30) return { type: 'Sit', player }
    if (draw < (isBrisk ? 50 : 82))
      return { type: 'Count', player, amounts: Array.from({ length: whole(4) }, () => whole(9)) }
    if (draw < 94) return { type: 'Finish' }
    return { type: one('Idle', 'Explode', 'Poison') }
  }
  const commands: (Step & { readonly type: 'command' })[] = []
  const commandStep = (afterMs: number): Step => {
    const again = commands.length > 0 && chance.next() < 0.15 ? one(...commands.slice(-10)) : undefined
    if (again?.commandId !== undefined) return { ...again, afterMs }
    const game = gameOf(commands.length)
    const step = {
      type: 'command' as const,
      afterMs,
      game,
      command: commandOf(game),
      ...(chance.next() < 0.6 && { commandId: `c${commands.length}` }),
      ...(chance.next() < 0.15 && { expectLess: one(0, 0, 1) }),
      ...(chance.next() < 0.1 && { durability: 'synced' as const }),
    }
    commands.push(step)
    return step
  }
  const units: (Step & { readonly type: 'unit' })[] = []
  const unitStep = (afterMs: number): Step => {
    const again = units.length > 0 && chance.next() < 0.15 ? units.at(-1) : undefined
    if (again?.commandId !== undefined) return { ...again, afterMs }
    const games = new Set<string>()
    // Games of before may be asleep, or over.
    for (let count = 2 + whole(3); games.size < count;)
      games.add(gameOf(chance.next() < 0.8 ? commands.length : whole(commands.length)))
    const step = {
      type: 'unit' as const,
      afterMs,
      games: [...games],
      player: one(...players),
      amounts: Array.from({ length: whole(isTied ? 12 : 4) }, () => whole(9)),
      ...(chance.next() < 0.4 && { last: one('Finish' as const, 'Explode' as const, 'Strange' as const) }),
      ...(chance.next() < 0.6 && { commandId: `u${units.length}` }),
      ...(chance.next() < 0.1 && { durability: 'synced' as const }),
    }
    units.push(step)
    return step
  }
  const starts = new Map<string, number>()
  let roomActs = 0
  const roomStep = (afterMs: number): Step => {
    const room = `r${whole(2) + Math.floor(++roomActs / 20)}`
    const begun = starts.get(room)
    const act =
      begun === undefined
        ? 'create'
        : one('create', 'join', 'join', 'start', 'start', 'start', 'finish', 'finish', 'leave', 'close')
    starts.set(room, (begun ?? 0) + (act === 'start' ? 1 : 0))
    // Its games are ended by players, like all others, and begun by `start` alone.
    if (act === 'finish')
      return {
        type: 'command',
        afterMs,
        game: `${room}~${1 + whole(1 + begun!)}`,
        command: { type: 'Finish' },
      }
    const isNamed = chance.next() < 0.6
    return {
      type: 'room',
      afterMs,
      act,
      room,
      // Most are by who made the room: others are not the host.
      player: chance.next() < 0.8 && act !== 'join' ? players[0]! : one(...players),
      ...(isNamed && { commandId: `r${roomActs}` }),
    }
  }
  let isRewriting = false
  const stepOf = (): Step => {
    const afterMs = chance.next() < 0.6 ? 0 : chance.next() * one(1, 10, 60)
    const draw = (isBusy || isBrisk) && chance.next() < 0.9 ? 100 : whole(100)
    if (draw < 2 && faults.has('disk'))
      return {
        type: 'disk-fault',
        afterMs,
        operation: one('write', 'sync', 'sync', 'name', 'read'),
        code: 'EIO',
      }
    if (draw < 3 && faults.has('full'))
      return { type: 'disk-full', afterMs, forMs: one(5, 500), roomBytes: whole(6_000) }
    if (draw < 5 && faults.has('store')) return { type: 'store-down', afterMs, forMs: one(10, 1_000) }
    if (draw < 8 && faults.has('kill')) return { type: 'kill', afterMs }
    if (draw < 11 && faults.has('power')) return { type: 'power-loss', afterMs }
    if (draw < 12) return { type: 'close', afterMs }
    // A process that dies while it rewrites.
    if (isKept && faults.has('kill') && isRewriting && chance.next() < 0.4) {
      isRewriting = false
      return { type: 'kill', afterMs: chance.next() * 100 }
    }
    const kept = chance.next()
    isRewriting = kept < 0.05 || kept > 0.99
    if (kept < (isKept ? 0.05 : 0.002)) return { type: 'compact', afterMs }
    if (kept > (isKept ? 0.99 : 1))
      return {
        type: 'retain',
        afterMs,
        olderThanMs: one(1, 100, 1_000),
        ...(chance.next() < 0.5 && { kind: 'tally' }),
      }
    const played = chance.next()
    if (played < (isTied ? 0.4 : 0.03)) return unitStep(afterMs)
    return played > (isSocial ? 0.5 : 0.99) ? roomStep(afterMs) : commandStep(afterMs)
  }
  return {
    seed,
    settings,
    steps: Array.from({ length: isBusy || isBrisk ? 200 + whole(300) : 20 + whole(80) }, stepOf),
  }
}
