/**
 * One process at a time writes in a directory.
 *
 * On Linux the lock is an abstract unix socket, named by device and inode of the directory (so a bind mount or a
 * link is the same lock): the kernel gives it to one holder, worker threads included, and takes it back the moment
 * the holder dies, kill -9 too. The LOCK file beside it says who the holder is. A socket is seen only within one
 * network namespace: where LOCK names another host (another container), the holder cannot be proven gone, and where it
 * names a living process of this host that has a network of its own, it is not gone: both are refused. Elsewhere LOCK
 * itself is the lock, stolen only from a process of this host that is gone.
 */
import fs from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { basename, dirname } from 'node:path'
import {
  holderInWords,
  isInAnotherNetwork,
  isSameHolder,
  lockPath,
  ownHolder,
  readHolder,
  sightOf,
  type LockHolder,
} from './lock-holder.js'

/** A held lock. */
export interface DirectoryLock {
  release(): Promise<void>
}

/** Takes the lock of a directory that exists. @throws DataDirLockedError */
export type DirectoryLocker = (directory: string) => Promise<DirectoryLock>

/** Another process has the directory. Code `data-dir-locked`. */
export class DataDirLockedError extends Error {
  readonly code = 'data-dir-locked'
  readonly directory: string
  /** 0 where the holder did not say. */
  readonly pid: number
  /** ISO 8601, or empty. */
  readonly since: string

  constructor(directory: string, holder: LockHolder | undefined, advice: string) {
    super(
      `data-dir-locked: ${directory} is in use by ${holderInWords(holder)}. One process may write. ${advice}`,
    )
    this.name = 'DataDirLockedError'
    this.directory = directory
    this.pid = holder?.pid ?? 0
    this.since = holder?.since ?? ''
  }
}

/** What to do about a process that lives. */
export const heldAdvice = 'Stop it, or wait for it: when it is gone, the lock is gone too.'

/** What to do about a holder that nobody here can see. The command line names a ledger by the parent of its journal. */
export const unseenAdvice = (directory: string): string => {
  const command =
    basename(directory) === 'journal'
      ? ` (on the command line: gameledger unlock --force --data ${dirname(directory)})`
      : ''
  return (
    'Nobody here can tell if that process is gone: it is not of this host, or left no name. ' +
    `When you know that it is, remove the file ${lockPath(directory)}${command}.`
  )
}

/** The abstract socket that is the lock of a directory on Linux. */
export const lockSocketOf = async (directory: string): Promise<string> => {
  const { dev, ino } = await fs.stat(directory, { bigint: true })
  return `\0gameledger-${dev}-${ino}`
}

const bind = (path: string): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.unref()
    server.once('error', reject)
    server.listen({ path, exclusive: true }, () => resolve(server))
  })

/** Holds the socket of a directory, and nothing else: LOCK stays as it is. @throws DataDirLockedError */
export const socketOnly: DirectoryLocker = async (directory) => {
  try {
    const server = await bind(await lockSocketOf(directory))
    return { release: () => new Promise((resolve) => server.close(() => resolve())) }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    throw new DataDirLockedError(directory, await readHolder(lockPath(directory)), heldAdvice)
  }
}

/** What LOCK says of a holder whose socket is not seen here. */
export const besideSocket = async (holder: LockHolder): Promise<'held' | 'stale' | 'unseen'> => {
  const sight = await sightOf(holder, await ownHolder())
  if (sight === 'unseen') return 'unseen'
  return sight === 'alive' && (await isInAnotherNetwork(holder)) ? 'held' : 'stale'
}

const socketLock: DirectoryLocker = async (directory) => {
  const socket = await socketOnly(directory)
  const path = lockPath(directory)
  const holder = await readHolder(path)
  const state = holder === undefined ? 'stale' : await besideSocket(holder)
  if (state !== 'stale') {
    await socket.release()
    throw new DataDirLockedError(directory, holder, state === 'held' ? heldAdvice : unseenAdvice(directory))
  }
  try {
    await fs.writeFile(path, `${JSON.stringify(await ownHolder())}\n`)
  } catch (error) {
    await socket.release()
    throw error
  }
  return {
    release: async () => {
      // It only names the holder. On a disk that has failed it stays, and the lock is free all the same.
      await fs.rm(path, { force: true }).catch(() => undefined)
      await socket.release()
    },
  }
}

/** Takes the LOCK of one holder away: moved aside, and back again if it is not that one's any more. */
export const removeLock = async (directory: string, holder: LockHolder | undefined): Promise<void> => {
  const aside = `${lockPath(directory)}.${process.pid}.stale`
  await fs.rename(lockPath(directory), aside)
  const found = await readHolder(aside)
  if (!isSameHolder(found, holder)) {
    await fs.rename(aside, lockPath(directory))
    throw new DataDirLockedError(directory, found, heldAdvice)
  }
  await fs.rm(aside)
}

/** What LOCK says where it is the lock itself. */
export const besideNothing = async (holder: LockHolder | undefined): Promise<'held' | 'stale' | 'unseen'> => {
  if (holder === undefined) return 'unseen'
  const self = await ownHolder()
  const sight = await sightOf(holder, self)
  return sight === 'alive' ? 'held' : sight === 'gone' ? 'stale' : 'unseen'
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
      const holder = await readHolder(lockPath(directory))
      const state = await besideNothing(holder)
      if (isRetry || state !== 'stale')
        throw new DataDirLockedError(
          directory,
          holder,
          state === 'unseen' ? unseenAdvice(directory) : heldAdvice,
        )
      await removeLock(directory, holder)
    }
  }
}

/** Locks a directory for this process, or refuses at once: it never waits. */
export const directoryLock: DirectoryLocker = process.platform === 'linux' ? socketLock : fileLock
