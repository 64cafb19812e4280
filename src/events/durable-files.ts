/** What files of ours need of a file system beyond reading and writing: names that last, and names that go. */
import { open, rm } from 'node:fs/promises'

/** Makes the names in a directory durable. */
export const syncDirectory = async (directory: string): Promise<void> => {
  // Windows cannot open a directory; there a rename is durable by itself.
  if (process.platform === 'win32') return
  await syncFile(directory)
}

/** Makes the bytes of a file durable. */
export const syncFile = async (path: string): Promise<void> => {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Deletes a file, if it is there. */
export const removeFile = (path: string): Promise<void> => rm(path, { force: true })
