/** Runs `journal-child.ts` as a real process: the sources it needs, as plain JavaScript in a directory of their own. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('../../../', import.meta.url))

const sources = (): string[] => [
  'test/events/journal/journal-child.ts',
  ...['src/events', 'src/events/journal'].flatMap((room) =>
    readdirSync(join(root, room))
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${room}/${name}`),
  ),
]

/** Returns the path of the program. */
export const buildChild = (directory: string): string => {
  const compilerOptions = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext }
  for (const source of sources()) {
    const target = join(directory, source.replace(/\.ts$/, '.js'))
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(
      target,
      ts.transpileModule(readFileSync(join(root, source), 'utf8'), { compilerOptions }).outputText,
    )
  }
  writeFileSync(join(directory, 'package.json'), '{"type":"module"}')
  return join(directory, 'test/events/journal/journal-child.js')
}

/** A running child, and the lines that it has printed. */
export class Child {
  readonly process: ChildProcess
  readonly lines: string[] = []
  readonly #gone: Promise<void>
  #rest = ''
  #waiting: (() => void)[] = []

  constructor(program: string, ...args: readonly string[]) {
    this.process = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
    this.process.stdout!.on('data', (data: Buffer) => this.#take(data.toString()))
    this.#gone = new Promise((resolve) => this.process.once('close', () => resolve()))
    void this.#gone.then(() => this.#wake())
  }

  /** Waits until that many lines are there, or the process is gone. */
  async untilLines(count: number): Promise<void> {
    while (this.lines.length < count && this.process.exitCode === null)
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  async kill(): Promise<void> {
    this.process.kill('SIGKILL')
    await this.#gone
  }

  #take(text: string): void {
    const parts = (this.#rest + text).split('\n')
    this.#rest = parts.pop()!
    this.lines.push(...parts)
    this.#wake()
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }
}
