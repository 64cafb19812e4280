/** A proof that is a program of its own, run by a test: what it prints, or an error with all of it. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Runs a built program; resolves with its output when it ends with 0. */
export const proofProgram =
  (program: string) =>
  async (...given: string[]): Promise<string> => {
    try {
      return (await run(process.execPath, [program, ...given])).stdout
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { readonly stdout?: string; readonly stderr?: string }
      throw new Error(`${stdout}${stderr}` || String(error), { cause: error })
    }
  }
