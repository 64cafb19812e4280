/** How far long work is: a bar on a terminal, a plain line a second elsewhere, both on stderr. */
import { numberText } from './table.js'

const barWidth = 24
const barEveryMs = 100
const lineEveryMs = 1_000

export class Progress {
  readonly #what: string
  readonly #isBar: boolean
  readonly #begun = performance.now()
  #told = 0

  /** `what` is being done: `'import'`. Silent where `isQuiet`. */
  constructor(what: string, isQuiet = false) {
    this.#what = what
    this.#isBar = process.stderr.isTTY
    if (isQuiet && !this.#isBar) this.#told = Infinity
  }

  /** `share` of the work is done, from 0 to 1; `detail` says it in numbers; of `done` things the rate is told, too. */
  tell(share: number, detail: string, done?: number): void {
    const now = performance.now()
    if (now - this.#told < (this.#isBar ? barEveryMs : lineEveryMs)) return
    this.#told = now
    const filled = Math.min(barWidth, Math.round(share * barWidth))
    const percent = `${Math.floor(Math.min(share, 1) * 100)} %`.padStart(5)
    const line = `${detail}${this.#rateOf(done, now)}${this.#leftOf(share, now)}`
    if (this.#isBar)
      process.stderr.write(
        `\r\u001b[K${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}${percent}  ${line}`,
      )
    else process.stderr.write(`${this.#what}:${percent}  ${line}\n`)
  }

  /** Takes the bar away. */
  end(): void {
    if (this.#isBar) process.stderr.write('\r\u001b[K')
  }

  #rateOf(done: number | undefined, now: number): string {
    const seconds = (now - this.#begun) / 1_000
    return done === undefined || seconds < 1 ? '' : `, ${numberText(Math.round(done / seconds))}/s`
  }

  #leftOf(share: number, now: number): string {
    const seconds = (now - this.#begun) / 1_000
    if (share <= 0 || share >= 1 || seconds < 1) return ''
    return `, ${Math.ceil((seconds * (1 - share)) / share)} s left`
  }
}
