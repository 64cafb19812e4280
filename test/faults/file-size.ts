/**
 * A limit on the size of files (RLIMIT_FSIZE, `ulimit -f`), for real: a write beyond it is EFBIG. A player sends more
 * in one turn than a log file holds, and that frame needs a longer file than is allowed; later the limit is lifted.
 */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { Account, Violation } from './account.js'
import { Child } from './child.js'
import { reopened } from './reopened.js'
import { inScratch } from './scratch.js'
import type { Line, Script } from './script.js'
import { smallLogFileBytes } from './small-journal.js'

/** Room for log files and the ballast, and not for the frame. */
const fileBytesMax = 3 * smallLogFileBytes

const limited = (bytes: number): string[] => ['prlimit', `--fsize=${bytes}:unlimited`]

const lift = (pid: number): void =>
  void execFileSync('prlimit', ['--pid', String(pid), '--fsize=unlimited:unlimited'])

/** What came of it. */
export interface FileSizeLimit {
  /** What commands were answered with meanwhile. */
  readonly refusal: string
  /** Commands that were acknowledged before the limit was lifted; the frame cannot be among them. */
  readonly acknowledgedBefore: number
  readonly acknowledged: number
  readonly lost: number
}

const count = (lines: readonly Line[], word: Line[0]): number =>
  lines.filter(([first]) => first === word).length

export const meetFileSizeLimit = (): Promise<FileSizeLimit> =>
  inScratch(async (scratch) => {
    const script: Script = { act: 'burst', directory: join(scratch, 'data'), life: 1 }
    const child = new Child(script, limited(fileBytesMax))
    try {
      const refused = await child.until('refused')
      if (refused?.[0] !== 'refused') throw new Violation('the player ended')
      const acknowledgedBefore = count(child.lines, 'acknowledged')
      // prlimit has become the player: exec keeps its pid.
      lift(child.process.pid!)
      const probe = child.lines.length
      await child.untilLine((line) => line[0] === 'acknowledged' && child.lines.indexOf(line) >= probe)
      await child.kill()
      const { acknowledged, lost } = new Account().settle(child.lines, await reopened(script))
      return { refusal: refused[2], acknowledgedBefore, acknowledged, lost }
    } finally {
      await child.kill()
    }
  })

/** Without room for one log file a ledger is not opened. Resolves with why not. */
export const openUnderFileSizeLimit = (): Promise<string> =>
  inScratch(async (directory) => {
    const child = new Child({ act: 'idle', directory, life: 1 }, limited(smallLogFileBytes / 2))
    try {
      const line = await child.untilLine(([word]) => word === 'opened' || word === 'not-opened')
      return line?.[0] === 'not-opened' ? line[1] : String(line?.[0])
    } finally {
      await child.kill()
    }
  })
