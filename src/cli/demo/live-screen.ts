/**
 * A screen that is redrawn in place: a frame is one write, over the one before, so nothing flickers and nothing scrolls.
 *
 *     enter: the terminal's other screen, cursor hidden     frame: home, line by line, rest cleared     leave: all as before
 *
 * What stood on the terminal is there again afterwards, however the process ends, but for SIGKILL. Sequences are those
 * of xterm; frames are marked as one update (mode 2026) for terminals that know it.
 */
const enter = '\u001b[?1049h\u001b[?25l'
const leave = '\u001b[?25h\u001b[?1049l'
const frameBegin = '\u001b[?2026h\u001b[H'
const frameEnd = '\u001b[J\u001b[?2026l'
const clearLine = '\u001b[K'

/** The terminal that is drawn on. */
export type Terminal = Pick<NodeJS.WriteStream, 'write' | 'columns' | 'rows'>

export class LiveScreen {
  readonly #terminal: Terminal
  #isOn = false

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  /**
   * Lines that fit, and columns; without a size of its own a terminal has 80 by 24. The last column stays empty: behind it,
   * clearing the rest of a line takes its last letter on some terminals.
   */
  get size(): { readonly columns: number; readonly rows: number } {
    return { columns: (this.#terminal.columns || 80) - 1, rows: this.#terminal.rows || 24 }
  }

  /** Shows these lines, which must fit, and nothing else. */
  draw(lines: readonly string[]): void {
    if (!this.#isOn) {
      this.#isOn = true
      process.once('exit', this.#leave)
      this.#terminal.write(enter)
    }
    const shown = lines.slice(0, this.size.rows)
    this.#terminal.write(`${frameBegin}${shown.map((line) => `${line}${clearLine}`).join('\r\n')}${frameEnd}`)
  }

  /** Gives the terminal back as it was. */
  close(): void {
    process.off('exit', this.#leave)
    this.#leave()
  }

  readonly #leave = (): void => {
    if (!this.#isOn) return
    this.#isOn = false
    this.#terminal.write(leave)
  }
}
