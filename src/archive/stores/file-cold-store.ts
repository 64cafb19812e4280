/**
 * Cold storage in a directory: one object, one file; a `/` in a key is a directory.
 *
 *     write .put-<uuid>  ->  fdatasync  ->  link to the final name  ->  unlink .put-<uuid>  ->  fsync directory
 *                                           (EEXIST: 'exists')
 *
 * `link` is the one step that makes an object visible, and it never replaces: of many that race exactly one wins,
 * and no reader ever meets half an object. A crash leaves at most a `.put-` file, which no key can name; listing
 * skips it, and removes it when it is an hour old. The directory is synced after 'exists', too: who adopts what
 * stands there must not lose it in a power cut.
 *
 * Assumes a file system with hard links (ext4, xfs, btrfs, apfs, ntfs; not exfat) whose fsync is honest. A key must
 * not be the directory part of another key.
 */
import { randomUUID } from 'node:crypto'
import { link, mkdir, open, readdir, rm, stat, unlink } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { ColdStore } from '../cold-store.js'
import { checkKey } from './object-key.js'

const temporaryPrefix = '.put-'
/** No put takes this long; a temporary file of this age was left behind by a crash. */
const staleAfterMs = 3_600_000

/** Cold storage in `directory`, which is made on the first put. */
export const fileColdStore = (directory: string): ColdStore => {
  const root = resolve(directory)
  return {
    put: (key, bytes) => named(`put ${key} into`, root, () => put(join(root, checkKey(key)), bytes)),
    get: (key, range) => named(`get ${key} from`, root, () => get(join(root, checkKey(key)), range)),
    list: (prefix, after = '') => list(root, prefix, after),
    delete: (key) => named(`delete ${key} from`, root, () => remove(join(root, checkKey(key)))),
    async close() {},
  }
}

const codeOf = (cause: unknown): string | undefined => (cause as NodeJS.ErrnoException | undefined)?.code

const named = async <Result>(what: string, root: string, work: () => Promise<Result>): Promise<Result> => {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof TypeError) throw cause
    throw new Error(`Could not ${what} ${root}: ${(cause as Error).message}`, { cause })
  }
}

const put = async (path: string, bytes: Uint8Array): Promise<'stored' | 'exists'> => {
  const directory = dirname(path)
  await makeDirectory(directory)
  const temporary = join(directory, `${temporaryPrefix}${randomUUID()}`)
  let answer: 'stored' | 'exists' = 'stored'
  try {
    await writeSynced(temporary, bytes)
    await link(temporary, path)
  } catch (cause) {
    if (codeOf(cause) !== 'EEXIST') throw cause
    answer = 'exists'
  } finally {
    await rm(temporary, { force: true })
  }
  await syncDirectory(directory)
  return answer
}

/** Makes a directory that survives a crash: each new name is synced in its parent. */
const makeDirectory = async (directory: string): Promise<void> => {
  const first = await mkdir(directory, { recursive: true })
  if (first === undefined) return
  for (let made = directory; ; made = dirname(made)) {
    await syncDirectory(dirname(made))
    if (made === first) return
  }
}

const writeSynced = async (path: string, bytes: Uint8Array): Promise<void> => {
  const file = await open(path, 'wx')
  try {
    await file.writeFile(bytes)
    await file.datasync()
  } finally {
    await file.close()
  }
}

const syncDirectory = async (directory: string): Promise<void> => {
  // Windows cannot open a directory; its file systems journal names by themselves.
  if (process.platform === 'win32') return
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const get = async (
  path: string,
  range: { readonly offset: number; readonly length: number } | undefined,
): Promise<Buffer | undefined> => {
  let file
  try {
    file = await open(path, 'r')
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT' || codeOf(cause) === 'ENOTDIR') return undefined
    throw cause
  }
  try {
    if (!range) return await file.readFile()
    const bytes = Buffer.allocUnsafeSlow(range.length)
    let filled = 0
    while (filled < range.length) {
      const { bytesRead } = await file.read(bytes, filled, range.length - filled, range.offset + filled)
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return bytes.subarray(0, filled)
  } finally {
    await file.close()
  }
}

const remove = async (path: string): Promise<void> => {
  try {
    await unlink(path)
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT' || codeOf(cause) === 'ENOTDIR') return
    throw cause
  }
  await syncDirectory(dirname(path))
}

/** Walks in order of whole keys: a directory sorts as its name with the `/` behind it. */
async function* list(root: string, prefix: string, after: string, below = ''): AsyncGenerator<string> {
  const names = await named(`list ${prefix} in`, root, () => sortedNames(join(root, below)))
  for (const name of names) {
    const key = below + name
    if (!name.endsWith('/')) {
      if (key.startsWith(prefix) && key > after) yield key
    } else if ((key.startsWith(prefix) || prefix.startsWith(key)) && (key > after || after.startsWith(key))) {
      yield* list(root, prefix, after, key)
    }
  }
}

const sortedNames = async (directory: string): Promise<string[]> => {
  const names: string[] = []
  // After a kill a name may stand in the page cache alone. Whoever hears of it will build on it.
  await syncDirectory(directory).catch((cause: unknown) => {
    if (codeOf(cause) !== 'ENOENT') throw cause
  })
  for (const entry of await entriesOf(directory)) {
    if (entry.name.startsWith(temporaryPrefix)) await removeStale(join(directory, entry.name))
    else if (!entry.name.startsWith('.')) names.push(entry.isDirectory() ? `${entry.name}/` : entry.name)
  }
  return names.sort()
}

const entriesOf = async (directory: string) => {
  try {
    return await readdir(directory, { withFileTypes: true })
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return []
    throw cause
  }
}

const removeStale = async (path: string): Promise<void> => {
  try {
    if (Date.now() - (await stat(path)).mtimeMs > staleAfterMs) await unlink(path)
  } catch {
    // Somebody else finished or removed it.
  }
}
