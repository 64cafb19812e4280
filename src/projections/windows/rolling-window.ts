/** The one window of a rolling rule, as readers ask for it: it is always open, and moves on with the clock. */
import type { Board } from '../leaderboard/board.js'
import type { WindowStatus } from './leaderboard-window.js'
import type { RollingBoard } from './rolling-board.js'
import type { RuleWindows } from './rule-windows.js'

const onlyKey = 0

export class RollingWindow implements RuleWindows {
  readonly rule: string
  readonly #rolling: RollingBoard

  constructor(rule: string, rolling: RollingBoard) {
    this.rule = rule
    this.#rolling = rolling
  }

  openKey(): number {
    return onlyKey
  }

  keyOf(id: string): number | undefined {
    return id === this.rule ? onlyKey : undefined
  }

  keys(_now: number, last: number): readonly number[] {
    return [onlyKey].slice(0, last)
  }

  statusOf(_key: number, now: number): WindowStatus {
    const { count } = this.#rolling.show(now)
    const span = this.#rolling.spanAt(now)
    return Object.freeze({ id: this.rule, rule: this.rule, ...span, closed: false, sealed: false, count })
  }

  async prepare(): Promise<undefined> {
    // Always in memory.
  }

  boardOf(_key: number, now: number): Board {
    return this.#rolling.show(now)
  }
}
