/** A copy of a directory of the journal, whole and durable, before anything in it is changed. */
import { basename, dirname, join } from 'node:path'
import { readWhole, writeWhole, type Disk } from './disk.js'

/** The names in a directory; none where it is not there. */
const namesIn = async (disk: Disk, directory: string): Promise<readonly string[]> => {
  try {
    return await disk.list(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return []
  }
}

/** `<directory>.before-repair-<n>`, the first that is free. */
export const freeCopyOf = async (
  disk: Disk,
  directory: string,
): Promise<{ path: string; number: number }> => {
  for (let number = 1; ; number++) {
    const path = join(dirname(directory), `${basename(directory)}.before-repair-${number}`)
    if ((await namesIn(disk, path)).length === 0) return { path, number }
  }
}

/** Copies every file but the lock, one after the other; resolves when all is on the disk. */
export const copyDirectory = async (disk: Disk, from: string, to: string): Promise<void> => {
  await disk.makeDirectory(to)
  for (const name of await disk.list(from))
    if (!name.startsWith('LOCK'))
      await writeWhole(disk, join(to, name), await readWhole(disk, join(from, name)))
  await disk.syncDirectory(to)
}
