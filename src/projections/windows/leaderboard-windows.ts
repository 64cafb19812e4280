/**
 * All boards of one leaderboard, put together: windows of calendars, rolling ones, and the view of them.
 *
 *     event --changeOf--> BoardChange --+--> Windows         a board for each window of 'daily', 'weekly', ...
 *                                       +--> RollingBoard    one for each { rolling }
 *
 * What is saved: the Windows, then each RollingBoard, as columns.
 */
import type { EventEnvelope } from '../../events/envelope.js'
import type { Position } from '../../events/ids.js'
import { MemoryPages } from '../checkpoints/memory-pages.js'
import { packModel, unpackModel } from '../checkpoints/packed-model.js'
import type { BoardChange } from '../leaderboard/board-change.js'
import { Board, type BoardRules } from '../leaderboard/board.js'
import type { LeaderboardView } from '../leaderboard/leaderboard-view.js'
import type { PageId, ProjectionContext, RunningProjection, SaveRoom } from '../projection.js'
import { calendarOf, type CalendarRule } from './calendar.js'
import { leaderboardViewOf } from './leaderboard-windows-view.js'
import { PagedBoards } from './paged-boards.js'
import { RollingBoard } from './rolling-board.js'
import { checkRollingOperator } from './rolling-sum.js'
import { RollingWindow } from './rolling-window.js'
import { CalendarWindows, type RuleWindows } from './rule-windows.js'
import {
  nameOfRule,
  windowPlanOf,
  type WindowOptions,
  type WindowPlan,
  type WindowRule,
} from './window-rule.js'
import { Windows } from './windows.js'

/** A plan, and the version of what is saved by it: another zone or list of seasons is another board. */
export interface VersionedPlan extends WindowPlan {
  readonly version: string
}

export interface LeaderboardWindowsOptions {
  readonly rules: BoardRules
  readonly plan: WindowPlan
  /** How long rendered pages and the boards of paged windows are kept. @default 60 000 */
  readonly ttlMs?: number | undefined
  /** What an event means to the boards. */
  readonly changeOf: (envelope: EventEnvelope) => BoardChange
}

const isOfCalendar = (rule: WindowRule): rule is CalendarRule => typeof rule === 'string' || 'season' in rule

/** Checks the options of windows against the rules of the board. @throws TypeError where they do not go together */
export const planWindows = (rules: BoardRules, options: WindowOptions): VersionedPlan => {
  const plan = windowPlanOf(options)
  const versions = plan.rules.map((rule) => {
    if (isOfCalendar(rule)) return calendarOf(rule, plan).version
    checkRollingOperator(rules.operator)
    return nameOfRule(rule)
  })
  return Object.freeze({ ...plan, version: ['windows1', ...versions, plan.graceMs].join(',') })
}

export class LeaderboardWindows implements RunningProjection<LeaderboardView> {
  readonly view: LeaderboardView
  readonly #changeOf: LeaderboardWindowsOptions['changeOf']
  readonly #windows: Windows
  readonly #rolling: readonly RollingBoard[]
  readonly #paged: PagedBoards
  /** What is shown where nothing happened, made when it is. */
  #empty: Board | undefined
  /** Of boards that are in memory no more. */
  #hits = 0
  #misses = 0
  #position = 0
  #savedPages: readonly PageId[] = []

  constructor(
    { rules, plan, ttlMs = 60_000, changeOf }: LeaderboardWindowsOptions,
    { clock, pages = new MemoryPages(), checkpoint = () => this.#position as Position }: ProjectionContext,
  ) {
    const newBoard = (): Board => new Board(rules, clock, ttlMs)
    const onDrop = (board: Board): void => this.#count(board)
    const calendarRules = plan.rules.filter(isOfCalendar)
    const calendars = calendarRules.map((rule) => calendarOf(rule, plan))
    this.#changeOf = changeOf
    this.#windows = new Windows({ calendars, graceMs: plan.graceMs, pages, newBoard, onDrop })
    this.#paged = new PagedBoards({ windows: this.#windows, pages, clock, ttlMs, onDrop })
    const empty = (): Board => (this.#empty ??= newBoard())
    const rolling: RollingBoard[] = []
    const readers = plan.rules.map((rule): RuleWindows => {
      if (!isOfCalendar(rule)) {
        const board = new RollingBoard(newBoard(), rule.rolling.days)
        rolling.push(board)
        return new RollingWindow(nameOfRule(rule), board)
      }
      return new CalendarWindows({
        rule: nameOfRule(rule),
        index: calendarRules.indexOf(rule),
        calendar: calendarOf(rule, plan),
        windows: this.#windows,
        paged: this.#paged,
        empty,
      })
    })
    this.#rolling = rolling
    this.view = leaderboardViewOf({ readers, empty, clock, checkpoint })
  }

  apply(envelope: EventEnvelope): void {
    const change = this.#changeOf(envelope)
    this.#windows.apply(change, envelope)
    for (const rolling of this.#rolling) rolling.apply(change, envelope)
    this.#position = envelope.position
  }

  save(room?: SaveRoom): Uint8Array {
    this.#savedPages = this.#windows.pages()
    const rolling = this.#rolling.map((board) => board.parts())
    return packModel(this.#position, [this.#windows.parts(), ...rolling], room)
  }

  pages(): readonly PageId[] {
    return this.#savedPages
  }

  load(saved: Uint8Array): void {
    const { head, columns } = unpackModel(saved)
    const [windows, ...rolling] = columns
    if (!windows || rolling.length !== this.#rolling.length)
      throw new TypeError('This is no saved leaderboard with these windows. Rebuild it.')
    this.#windows.load(windows)
    for (const [at, bytes] of rolling.entries()) this.#rolling[at]!.load(bytes)
    this.#position = head as number
  }

  cacheStats(): { readonly hits: number; readonly misses: number } {
    const boards = [
      ...(this.#empty ? [this.#empty] : []),
      ...this.#windows.boards(),
      ...this.#paged.boards(),
      ...this.#rolling.map(({ board }) => board),
    ]
    const sum = { hits: this.#hits, misses: this.#misses }
    for (const { pages } of boards) {
      sum.hits += pages.stats.hits
      sum.misses += pages.stats.misses
    }
    return sum
  }

  #count({ pages }: Board): void {
    this.#hits += pages.stats.hits
    this.#misses += pages.stats.misses
  }
}
