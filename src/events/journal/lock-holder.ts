/**
 * Who holds a lock: what the file LOCK says, and whether such a process can still be.
 *
 *     { "pid": 4121, "since": "2026-03-01T09:14:03.000Z", "host": "tower", "bootId": "5f3a...",
 *       "startTicks": 883121, "program": "/srv/game/server.js" }
 *
 * A pid alone names nobody for long: it is given again, after a reboot and after some thousand processes, and in a
 * container the next process is pid 1 as well. So LOCK has the boot, and on Linux the moment in that boot at which the
 * process began (field 22 of /proc/<pid>/stat). Of a process of another host nothing can be known from here.
 */
import fs from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'

/** Who holds a lock, as the LOCK file says. */
export interface LockHolder {
  readonly pid: number
  /** ISO 8601. */
  readonly since: string
  readonly host: string
  /** Empty where the system names none. */
  readonly bootId: string
  /** When its process began, in clock ticks since the boot; absent where the system does not tell. */
  readonly startTicks?: number
  readonly program: string
}

/** What can be known of the process that LOCK names: `'unseen'` where it is of another host. */
export type HolderSight = 'alive' | 'gone' | 'unseen'

export const lockPath = (directory: string): string => join(directory, 'LOCK')

const startTicksOf = async (pid: number | 'self'): Promise<number | undefined> => {
  try {
    const stat = await fs.readFile(`/proc/${pid}/stat`, 'latin1')
    // Field 2 is the program's name in parentheses, and may hold anything; what is behind it begins with field 3.
    const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[22 - 3])
    return Number.isSafeInteger(ticks) ? ticks : undefined
  } catch {
    // Gone, or no Linux.
    return undefined
  }
}

/** This process, as it writes itself into LOCK. */
export const ownHolder = async (): Promise<LockHolder> => {
  const startTicks = await startTicksOf('self')
  return {
    pid: process.pid,
    since: new Date().toISOString(),
    host: hostname(),
    bootId: (await fs.readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')).trim(),
    ...(startTicks !== undefined && { startTicks }),
    program: process.argv[1] ?? process.execPath,
  }
}

/** The holder that a LOCK file names. Undefined where it is missing, or half written by a process that died there. */
export const readHolder = async (path: string): Promise<LockHolder | undefined> => {
  try {
    const holder = JSON.parse(await fs.readFile(path, 'utf8')) as Partial<LockHolder>
    const { pid, since, host, bootId = '', startTicks, program = 'unknown program' } = holder
    if (typeof pid !== 'number' || typeof since !== 'string' || typeof host !== 'string') return undefined
    return { pid, since, host, bootId, ...(typeof startTicks === 'number' && { startTicks }), program }
  } catch {
    return undefined
  }
}

/** Whether two LOCK files name the same holding of the lock. */
export const isSameHolder = (one: LockHolder | undefined, other: LockHolder | undefined): boolean =>
  one?.pid === other?.pid && one?.since === other?.since && one?.host === other?.host

/** Whether the holder's process still is, as far as `self` can see. */
export const sightOf = async (holder: LockHolder, self: LockHolder): Promise<HolderSight> => {
  if (holder.host !== self.host) return 'unseen'
  if (holder.bootId !== self.bootId) return 'gone'
  const startTicks = await startTicksOf(holder.pid)
  const isKnown = startTicks !== undefined && holder.startTicks !== undefined
  if (isKnown && startTicks !== holder.startTicks) return 'gone'
  try {
    process.kill(holder.pid, 0)
    return 'alive'
  } catch (error) {
    // Another user's process refuses to be asked: it is there.
    return (error as NodeJS.ErrnoException).code === 'ESRCH' ? 'gone' : 'alive'
  }
}

/** Whether a process of this host lives in another network namespace, as services with a network of their own do. */
export const isInAnotherNetwork = async ({ pid }: LockHolder): Promise<boolean> => {
  const networkOf = (of: number | 'self') => fs.readlink(`/proc/${of}/ns/net`).catch(() => undefined)
  const [theirs, own] = await Promise.all([networkOf(pid), networkOf('self')])
  return theirs !== undefined && own !== undefined && theirs !== own
}

const timeInWords = (since: string): string => {
  const at = new Date(since)
  if (Number.isNaN(at.getTime())) return 'an unknown time'
  const pad = (part: number): string => String(part).padStart(2, '0')
  const day = `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())} `
  const isToday = at.toDateString() === new Date().toDateString()
  return `${isToday ? '' : day}${at.toTimeString().slice(0, 8)}`
}

/** In words: `pid 4121 since 09:14:03 (server.js on tower)`. */
export const holderInWords = (holder: LockHolder | undefined): string =>
  holder === undefined
    ? 'an unknown process'
    : `pid ${holder.pid} since ${timeInWords(holder.since)} (${holder.program} on ${holder.host})`
