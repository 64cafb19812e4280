/**
 * The saved catalog as a file of a directory, which is made when first needed.
 *
 *     catalog/
 *       archive.catalog      the saved catalog
 *       archive.tmp          one that is being written
 *       archive.scratch      what has no room in memory; nameless as soon as it is open, so it goes with the process
 *
 * Written anew: `archive.tmp` is written and synced, then renamed over the other, and the directory is synced.
 */
import { createReadStream, readSync } from 'node:fs'
import { mkdir, open, rename, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { removeFile, syncDirectory } from '../../events/durable-files.js'
import type { CatalogStore, Scratch } from './catalog-store.js'

/** Read at a time, and written at a time. */
const pieceBytes = 1 << 20

/** Keeps the saved catalog of an archive in a directory, which is made when first needed. One ledger a directory. */
export const fileCatalogStore = (directory: string): CatalogStore => {
  if (typeof directory !== 'string' || directory === '')
    throw new TypeError(`fileCatalogStore needs the path of a directory; got ${JSON.stringify(directory)}.`)
  const path = join(directory, 'archive.catalog')
  const temporary = join(directory, 'archive.tmp')
  return {
    async *read() {
      try {
        yield* createReadStream(path, { highWaterMark: pieceBytes }) as AsyncIterable<Buffer>
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      }
    },
    async write(pieces) {
      await mkdir(directory, { recursive: true })
      const handle = await open(temporary, 'w')
      try {
        for (const piece of pieces) await handle.appendFile(piece)
        await handle.sync()
      } finally {
        await handle.close()
      }
      await rename(temporary, path)
      await syncDirectory(directory)
    },
    async append(at, bytes) {
      const handle = await open(path, 'r+')
      try {
        await handle.truncate(at)
        await writeAt(handle, at, bytes)
        await handle.sync()
      } finally {
        await handle.close()
      }
    },
    async scratch() {
      await mkdir(directory, { recursive: true })
      const scratch = join(directory, 'archive.scratch')
      const handle = await open(scratch, 'w+')
      // Windows keeps the name of an open file: there the next opening empties it.
      if (process.platform !== 'win32') await removeFile(scratch)
      return fileScratch(handle)
    },
  }
}

const fileScratch = (handle: FileHandle): Scratch => {
  let end = 0
  return {
    async append(bytes) {
      const offset = end
      end += bytes.length
      await writeAt(handle, offset, bytes)
      return offset
    },
    read(offset, length) {
      const bytes = Buffer.allocUnsafe(length)
      for (let done = 0; done < length;) {
        const read = readSync(handle.fd, bytes, done, length - done, offset + done)
        if (read === 0) throw new Error(`The scratch of the catalog ends before byte ${offset + length}.`)
        done += read
      }
      return bytes
    },
    close: () => handle.close(),
  }
}

/** All of it: a write may be short without an error. */
const writeAt = async (handle: FileHandle, offset: number, bytes: Uint8Array): Promise<void> => {
  for (let done = 0; done < bytes.length;) {
    const length = Math.min(pieceBytes, bytes.length - done)
    done += (await handle.write(bytes, done, length, offset + done)).bytesWritten
  }
}
