/** Comes between the store of read models and its files, in a process that is to be killed. The store itself is the same. */
import promises from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'

export interface Meddling {
  /** The control: models are written under their own name, not under a second one that is put in its place when whole. */
  readonly isInPlace: boolean
  /** The writing of a model, from 1, in which the process is killed; 0: none. */
  readonly killedAt: number
}

const temporary = /paging\.tmp$/u

/** From now on in this process. */
export const meddle = ({ isInPlace, killedAt }: Meddling): void => {
  const { open, rename } = promises
  let writings = 0
  promises.open = async (path, ...rest) => {
    if (!temporary.test(String(path))) return open(path, ...rest)
    const handle = await open(isInPlace ? String(path).replace(/\.tmp$/u, '.model') : path, ...rest)
    if (++writings === killedAt) process.kill(process.pid, 'SIGKILL')
    return handle
  }
  if (isInPlace)
    promises.rename = (from, to) => (temporary.test(String(from)) ? Promise.resolve() : rename(from, to))
  syncBuiltinESMExports()
}
