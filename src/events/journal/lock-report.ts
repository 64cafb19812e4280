/**
 * The lock of a directory as somebody sees it who does not take it: free, held, left behind, or out of sight.
 *
 *     free     nobody holds it                              the next opening takes it
 *     stale    LOCK names a process that is gone, or has    the next opening takes it over
 *              lost the lock (a thread that ended)
 *     held     its process lives                            the next opening is refused
 *     unseen   LOCK names a process of another host         the next opening is refused: who knows that it is gone
 *              (or container), or nobody                    says so by `unlockJournal`
 *
 * Looking connects to the socket of the lock, which harms nobody: binding it, even for a moment, could turn away an
 * opening that comes in that moment.
 */
import { access } from 'node:fs/promises'
import { connect } from 'node:net'
import {
  besideNothing,
  besideSocket,
  DataDirLockedError,
  heldAdvice,
  lockSocketOf,
  removeLock,
  socketOnly,
} from './directory-lock.js'
import { lockPath, readHolder, type LockHolder } from './lock-holder.js'

/** What the next opening makes of a lock. */
export type LockState = 'free' | 'stale' | 'held' | 'unseen'

/** A lock, looked at. */
export interface LockReport {
  readonly state: LockState
  /** As LOCK says; absent where it says nothing. */
  readonly holder?: LockHolder
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** Whether somebody listens at the socket: only refused means nobody; a full queue (EAGAIN) is somebody's. */
const isBound = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path)
    const answer = (isHeld: boolean): void => {
      socket.destroy()
      resolve(isHeld)
    }
    socket.once('connect', () => answer(true))
    socket.once('error', ({ code }: NodeJS.ErrnoException) => answer(code !== 'ECONNREFUSED'))
  })

const report = (state: LockState, holder: LockHolder | undefined): LockReport => ({
  state,
  ...(holder && { holder }),
})

const lookAtSocketLock = async (directory: string): Promise<LockReport> => {
  const isHeld = await isBound(await lockSocketOf(directory))
  const holder = await readHolder(lockPath(directory))
  if (isHeld) return report('held', holder)
  if (holder !== undefined) return report(await besideSocket(holder), holder)
  return report((await isThere(lockPath(directory))) ? 'stale' : 'free', undefined)
}

/** The same where there are no abstract sockets. */
export const lookAtFileLock = async (directory: string): Promise<LockReport> => {
  if (!(await isThere(lockPath(directory)))) return report('free', undefined)
  const holder = await readHolder(lockPath(directory))
  return report(await besideNothing(holder), holder)
}

const hasSockets = process.platform === 'linux'

/** Looks at the lock of a directory that exists; changes nothing. */
export const lookAtLock = hasSockets ? lookAtSocketLock : lookAtFileLock

/**
 * Takes the lock away from a holder that cannot be seen from here, on the word of somebody who knows that it is gone.
 * Two processes that write one journal destroy it: nothing here can check that word. Resolves with the lock as it was;
 * where that was `free` or `stale`, nothing was changed, and nothing needs to be.
 * @throws DataDirLockedError where the holder lives
 */
export const unlockJournal = async (directory: string): Promise<LockReport> => {
  const found = await lookAtLock(directory)
  if (found.state === 'held') throw new DataDirLockedError(directory, found.holder, heldAdvice)
  if (found.state !== 'unseen') return found
  // Nobody of this network opens it meanwhile.
  const socket = hasSockets ? await socketOnly(directory) : undefined
  try {
    await removeLock(directory, found.holder)
  } finally {
    await socket?.release()
  }
  return found
}
