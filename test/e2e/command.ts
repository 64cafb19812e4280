/** Runs the built `gameledger` command as people do: a process of its own, its two streams, its exit code. */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

export interface Ended {
  readonly stdout: string
  readonly stderr: string
  readonly exit: number | null
  readonly signal: NodeJS.Signals | null
}

/** Starts the command. @throws where the package is not built */
export const start = (args: readonly string[]): ChildProcess => {
  if (!existsSync(main)) throw new Error('The package is not built: npm run build')
  return spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
}

export const ended = (child: ChildProcess): Promise<Ended> =>
  new Promise((resolve, reject) => {
    let [stdout, stderr] = ['', '']
    child.stdout!.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    child.on('error', reject)
    child.on('close', (exit, signal) => resolve({ stdout, stderr, exit, signal }))
  })

export const run = (...args: readonly string[]): Promise<Ended> => ended(start(args))

/** Runs it with `--json` and gives the document. */
export const runJson = async <Document = Record<string, unknown>>(
  ...args: readonly string[]
): Promise<Document> => {
  const { stdout, stderr, exit } = await run(...args, '--json')
  if (exit !== 0)
    throw new Error(`gameledger ${args.join(' ')} ended with ${exit}: ${stderr}${stdout.slice(-2_000)}`)
  return JSON.parse(stdout) as Document
}

/** A folder for one test. */
export const inFolder = async (work: (folder: string) => Promise<void>): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'gameledger-e2e-'))
  try {
    await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
