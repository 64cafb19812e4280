/**
 * A server that a test starts: a process in a scratch directory, which never outlives the test. `setpriv` ties it to us in
 * the kernel, so that not even SIGKILL of the test runner leaves it behind; as root it runs as nobody where that is asked.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { accessSync, constants, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, it } from 'vitest'

/** As Debian numbers nobody and nogroup. */
export const nobody = 65_534

/** Where a program is; `undefined` where it is nowhere. */
export const programIn = (
  name: string,
  directories: readonly string[] = (process.env['PATH'] ?? '').split(delimiter),
) =>
  directories
    .map((directory) => join(directory, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK)
        return true
      } catch {
        return false
      }
    })

/**
 * The tests of something that needs a server. Where its programs are missing (`lack` says what to install) they are skipped,
 * and their name says so; in CI they fail.
 */
export const describeWithServer = (name: string, lack: string | undefined, tests: () => void): void => {
  if (lack === undefined) describe(name, tests)
  else if (process.env['CI'] === 'true')
    it(name, () => {
      throw new Error(`In CI this has to be installed: ${lack}`)
    })
  else describe.skip(`${name} (skipped: ${lack})`, tests)
}

export class ServerProcess {
  readonly #child: ChildProcess
  readonly #gone: Promise<void>
  #said = ''

  constructor(program: string, words: readonly string[], { asNobody = false } = {}) {
    const user =
      asNobody && process.getuid?.() === 0 ? [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'] : []
    const command = ['--pdeathsig', 'KILL', ...user, program, ...words]
    this.#child = spawn('setpriv', command, { stdio: ['ignore', 'pipe', 'pipe'] })
    const hear = (data: Buffer) => {
      this.#said = (this.#said + data.toString()).slice(-4_000)
    }
    this.#child.stdout!.on('data', hear)
    this.#child.stderr!.on('data', hear)
    this.#gone = new Promise((resolve) => this.#child.once('close', () => resolve()))
  }

  /** Waits until it answers. @throws where it ends before, with what it said last */
  async until(answers: () => Promise<boolean>): Promise<void> {
    for (const end = Date.now() + 30_000; ;) {
      if (await answers()) return
      if (this.#child.exitCode !== null || Date.now() > end)
        throw new Error(`${this.#child.spawnargs.join(' ')} does not come up: ${this.#said}`)
      await sleep(20)
    }
  }

  /** As a power cut does: at once, and nothing is tidied up. */
  async kill(): Promise<void> {
    this.#signal('SIGKILL')
    await this.#gone
  }

  /** It keeps its sockets and answers nobody. */
  pause(): void {
    this.#signal('SIGSTOP')
  }

  resume(): void {
    this.#signal('SIGCONT')
  }

  /** To the process and to its children: PostgreSQL has one for each connection. */
  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child
    if (pid === undefined || this.#child.exitCode !== null) return
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
    this.#child.kill(signal)
    for (const child of children === '' ? [] : children.split(' ')) {
      try {
        process.kill(Number(child), signal)
      } catch {
        // It has ended meanwhile.
      }
    }
  }
}

/** Runs a program to its end. @throws what it said where it failed */
export const run = (program: string, ...words: readonly string[]): string =>
  execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

/** A port of this machine that nobody listens on just now. */
export const freePort = async (): Promise<number> => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
