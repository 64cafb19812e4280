/**
 * One process at a time writes in a directory.
 *
 * On Linux the lock is an abstract unix socket, named by device and inode of the directory (so a bind mount or a
 * link is the same lock): the kernel gives it to one holder, worker threads included, and takes it back the moment
 * the holder dies, kill -9 too. The LOCK file beside it says who the holder is. A socket is seen only within one
 * network namespace: where LOCK names another host (another container), the holder cannot be proven gone, and the
 * lock is refused. Elsewhere LOCK itself is the lock, stolen only from a process of this host that is gone.
 */
import fs from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'

/** A held lock. */
export interface DirectoryLock {
  release(): Promise<void>
}

/** Takes the lock of a directory that exists. @throws DataDirLockedError */
export type DirectoryLocker = (directory: string) => Promise<DirectoryLock>

/** Who holds a lock, as the LOCK file says. */
export interface LockHolder {
  readonly pid: number
  /** ISO 8601. */
  readonly since: string
  readonly host: string
  readonly bootId: string
  readonly program: string
}

const clockTime = (since: string): string => {
  const at = new Date(since)
  return Number.isNaN(at.getTime()) ? 'an unknown time' : at.toTimeString().slice(0, 8)
}

/** Another process has the directory. Code `data-dir-locked`. */
export class DataDirLockedError extends Error {
  readonly code = 'data-dir-locked'
  readonly directory: string
  /** 0 where the holder did not say. */
  readonly pid: number
  /** ISO 8601, or empty. */
  readonly since: string

  constructor(directory: string, holder: LockHolder | undefined, advice: string) {
    const who =
      holder === undefined
        ? 'an unknown process'
        : `pid ${holder.pid} since ${clockTime(holder.since)} (${holder.program} on ${holder.host})`
    super(`data-dir-locked: ${directory} is in use by ${who}. One process may write. ${advice}`)
    this.name = 'DataDirLockedError'
    this.directory = directory
    this.pid = holder?.pid ?? 0
    this.since = holder?.since ?? ''
  }
}

const goneTooAdvice = 'If that process is gone, the lock is gone too.'
const otherHostAdvice =
  'It runs on another host, so nobody here can tell if it is gone: if it is, remove the file LOCK.'

const lockPath = (directory: string): string => join(directory, 'LOCK')

const ownHolder = async (): Promise<LockHolder> => ({
  pid: process.pid,
  since: new Date().toISOString(),
  host: hostname(),
  bootId: (await fs.readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')).trim(),
  program: process.argv[1] ?? process.execPath,
})

const readHolder = async (directory: string): Promise<LockHolder | undefined> => {
  try {
    const holder = JSON.parse(await fs.readFile(lockPath(directory), 'utf8')) as Partial<LockHolder>
    const { pid, since, host, bootId = '', program = 'unknown program' } = holder
    if (typeof pid !== 'number' || typeof since !== 'string' || typeof host !== 'string') return undefined
    return { pid, since, host, bootId, program }
  } catch {
    // Missing, or half written by a process that died there: it tells nothing.
    return undefined
  }
}

const bind = (path: string): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.unref()
    server.once('error', reject)
    server.listen({ path, exclusive: true }, () => resolve(server))
  })

const isInUse = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EADDRINUSE'

const socketLock: DirectoryLocker = async (directory) => {
  const { dev, ino } = await fs.stat(directory, { bigint: true })
  const server = await bind(`\0gameledger-${dev}-${ino}`).catch(async (error: unknown) => {
    if (!isInUse(error)) throw error
    throw new DataDirLockedError(directory, await readHolder(directory), goneTooAdvice)
  })
  const freed = () => new Promise<void>((resolve) => server.close(() => resolve()))
  const [holder, self] = [await readHolder(directory), await ownHolder()]
  if (holder !== undefined && holder.host !== self.host) {
    await freed()
    throw new DataDirLockedError(directory, holder, otherHostAdvice)
  }
  try {
    await fs.writeFile(lockPath(directory), `${JSON.stringify(self)}\n`)
  } catch (error) {
    await freed()
    throw error
  }
  return {
    release: async () => {
      // It only names the holder. On a disk that has failed it stays, and the lock is free all the same.
      await fs.rm(lockPath(directory), { force: true }).catch(() => undefined)
      await freed()
    },
  }
}

const isGone = (holder: LockHolder, self: LockHolder): boolean => {
  if (holder.host !== self.host) return false
  if (holder.bootId !== self.bootId) return true
  if (holder.pid === self.pid) return false
  try {
    process.kill(holder.pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

/** Moves the LOCK of a dead process aside, and back again if it was not that one any more. */
const steal = async (directory: string, holder: LockHolder): Promise<void> => {
  const aside = `${lockPath(directory)}.${process.pid}.stale`
  await fs.rename(lockPath(directory), aside)
  const found = await fs.readFile(aside, 'utf8')
  if ((JSON.parse(found) as LockHolder).pid !== holder.pid) {
    await fs.rename(aside, lockPath(directory))
    throw new DataDirLockedError(directory, await readHolder(directory), goneTooAdvice)
  }
  await fs.rm(aside)
}

/** The lock where there are no abstract sockets: the file LOCK itself. It never waits. */
export const fileLock: DirectoryLocker = async (directory) => {
  const self = await ownHolder()
  for (let isRetry = false; ; isRetry = true) {
    try {
      await fs.writeFile(lockPath(directory), `${JSON.stringify(self)}\n`, { flag: 'wx' })
      return { release: () => fs.rm(lockPath(directory), { force: true }) }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      const holder = await readHolder(directory)
      if (isRetry || holder === undefined || !isGone(holder, self))
        throw new DataDirLockedError(directory, holder, 'If that process is gone, remove the file LOCK.')
      await steal(directory, holder)
    }
  }
}

/** Locks a directory for this process, or refuses at once: it never waits. */
export const directoryLock: DirectoryLocker = process.platform === 'linux' ? socketLock : fileLock
