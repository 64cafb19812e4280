/** A directory of a test's own, removed when the work in it is done, however it ends. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const scratches = new Set<string>()
const remove = (directory: string): void => {
  rmSync(directory, { recursive: true, force: true })
  scratches.delete(directory)
}
process.on('exit', () => {
  for (const directory of scratches) remove(directory)
})

export const inScratch = async <Result>(work: (directory: string) => Promise<Result>): Promise<Result> => {
  const directory = mkdtempSync(join(tmpdir(), 'gameledger-faults-'))
  scratches.add(directory)
  try {
    return await work(directory)
  } finally {
    remove(directory)
  }
}
