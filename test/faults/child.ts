/** A player as a process of its own, what it has said, and its end. */
import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Line, Script } from './script.js'

/** As compiled by `npm run build:faults`; this file stands as deep in `build` as it does in `test`. */
const program = fileURLToPath(new URL('../../build/faults/player.js', import.meta.url))

/** None outlives a test that was given up. */
const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export class Child {
  readonly process: ChildProcess
  readonly lines: Line[] = []
  readonly #gone: Promise<void>
  #rest = ''
  #isGone = false
  #waiting: (() => void)[] = []

  /** `under`: a program, and its arguments, that runs the player. */
  constructor(script: Script, under: readonly string[] = []) {
    const [command, ...words] = [...under, process.execPath, program, JSON.stringify(script)]
    this.process = spawn(command!, words, { stdio: ['ignore', 'pipe', 'inherit'] })
    running.add(this.process)
    this.process.stdout!.on('data', (data: Buffer) => this.#take(data.toString()))
    // 'close', not 'exit': what it had said is read to the end.
    this.#gone = new Promise((resolve) => this.process.once('close', () => resolve()))
    void this.#gone.then(() => {
      running.delete(this.process)
      this.#isGone = true
      this.#wake()
    })
  }

  /** Waits for a line with this first word, or for the end of the process. */
  async until(word: Line[0]): Promise<Line | undefined> {
    return this.untilLine(([first]) => first === word)
  }

  async untilLine(isIt: (line: Line) => boolean): Promise<Line | undefined> {
    for (let from = 0; ;) {
      for (; from < this.lines.length; from++) if (isIt(this.lines[from]!)) return this.lines[from]
      if (this.#isGone) return undefined
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  /** Resolves when it has ended by itself. */
  ended(): Promise<void> {
    return this.#gone
  }

  async kill(): Promise<void> {
    this.process.kill('SIGKILL')
    await this.#gone
  }

  /** A last line that was cut is no line. */
  #take(text: string): void {
    const parts = (this.#rest + text).split('\n')
    this.#rest = parts.pop()!
    for (const part of parts) this.lines.push(JSON.parse(part) as Line)
    this.#wake()
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }
}
