/**
 * A sync that fails, for real: strace gives one fdatasync of a playing process an EIO, the nth, and writes down all of
 * them. Only that one fails: a sync that were tried again would succeed, and be believed, wrongly (Linux has marked
 * the pages clean). So the trace must show no other on the same file behind it.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Account, Violation } from './account.js'
import { Child } from './child.js'
import { reopened } from './reopened.js'
import { inScratch } from './scratch.js'
import type { AfterFailure, Line, Script } from './script.js'

/** What came of one failing sync. */
export interface FailedSync {
  /** Of the file: `log-00000004.log`. */
  readonly file: string
  /** Syncs of the same file after the one that failed. */
  readonly retries: number
  readonly acknowledged: number
  readonly lost: number
  /** Commands that never got an answer. */
  readonly unanswered: number
  /** What was seen of the ledger afterwards; `undefined` where it failed while it was being opened. */
  readonly after: AfterFailure | undefined
}

/** Libuv syncs on the threads of its pool, and strace counts for each thread: with one thread it counts all of them. */
const under = (nth: number, trace: string): string[] => [
  ...['strace', '-f', '-y', '-qq', '-E', 'UV_THREADPOOL_SIZE=1', '-o', trace],
  ...['-e', 'trace=fdatasync', '-e', `inject=fdatasync:error=EIO:when=${nth}`],
]

/** `4711  fdatasync(21</tmp/x/log-00000001.log>) = -1 EIO (Input/output error) (INJECTED)` */
const fileOf = (line: string): string => /fdatasync\(\d+<(.*)>/.exec(line)?.[1] ?? line

const readTrace = (path: string): Pick<FailedSync, 'file' | 'retries'> => {
  const lines = readFileSync(path, 'utf8').split('\n')
  const at = lines.findIndex((line) => line.includes('(INJECTED)'))
  if (at < 0) throw new Error(`There were not that many syncs to fail: ${lines.length}.`)
  const file = fileOf(lines[at]!)
  const retries = lines.slice(at + 1).filter((line) => line.includes('fdatasync') && fileOf(line) === file)
  return { file: file.slice(file.lastIndexOf('/') + 1), retries: retries.length }
}

const afterFailure = (lines: readonly Line[]): AfterFailure | undefined => {
  for (const line of lines) if (line[0] === 'failed') return line[1]
  return undefined
}

/** Plays until the nth sync fails and the player has seen what came of it; then opens what it has left. */
export const failSync = (nth: number, without?: Script['without']): Promise<FailedSync> =>
  inScratch(async (scratch) => {
    const directory = join(scratch, 'data')
    const trace = join(scratch, 'trace')
    const script: Script = {
      act: 'play',
      directory,
      life: nth,
      // All syncs behind the opening are the journal's.
      finishes: false,
      // For the control, which does not fail.
      commandsMax: 10_000,
      ...(without && { without }),
    }
    const child = new Child(script, under(nth, trace))
    await child.ended()
    const { lines } = child
    const after = afterFailure(lines)
    if (without === undefined && after === undefined && !lines.some(([first]) => first === 'not-opened'))
      throw new Violation(`the player ended with "${JSON.stringify(lines.at(-1))}"`)
    const { acknowledged, lost } = new Account().settle(lines, await reopened(script))
    const count = (word: Line[0]): number => lines.filter(([first]) => first === word).length
    const unanswered = count('offered') - count('acknowledged') - count('refused')
    return { ...readTrace(trace), acknowledged, lost, unanswered, after }
  })
