/** `gameledger unlock`: who has a data directory; with `--force` the lock is taken from a holder that nobody here can see. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { holderInWords, lookAtJournal, unlockJournal, type LockReport } from '../index.js'
import { CommandError, exitCode } from './exit-code.js'
import { harmless, print, printJson, shellWord } from './terminal.js'

export interface UnlockOptions {
  readonly data: string
  readonly force?: boolean
  readonly json?: boolean
}

/** Runs the command: exit code 75 where the directory cannot be opened as it is. */
export const unlockCommand = async ({ data, force = false, json = false }: UnlockOptions): Promise<void> => {
  const directory = join(data, 'journal')
  if (!existsSync(directory))
    throw new CommandError(
      'no-data',
      exitCode.notFound,
      `There is no ledger in ${data}, so nobody has it. Check --data.`,
    )
  const lock = force ? await unlockJournal(directory) : (await lookAtJournal(directory)).lock
  const isRemoved = force && lock.state === 'unseen'
  if (!isRemoved && (lock.state === 'held' || lock.state === 'unseen')) process.exitCode = exitCode.locked
  if (json) return printJson({ ...lock, removed: isRemoved })
  print(isRemoved ? removedText(lock) : stateText(lock, data))
}

const removedText = ({ holder }: LockReport): string =>
  `removed: the lock of ${harmless(holderInWords(holder))}. The directory can be opened.`

const stateText = ({ state, holder }: LockReport, data: string): string => {
  const who = harmless(holderInWords(holder))
  switch (state) {
    case 'free':
      return `free: nobody has ${data}. Nothing is to be done.`
    case 'stale':
      return `stale: ${who} has left its lock, and no longer holds it. Nothing is to be done: the next opening takes it over.`
    case 'held':
      return `held: ${data} is in use by ${who}. Stop it, or wait for it: when it is gone, the lock is gone too.`
    case 'unseen':
      return (
        `unseen: ${data} was left locked by ${who}, and nobody here can tell if that is gone. ` +
        `When you know that it is: gameledger unlock --force --data ${shellWord(data)}`
      )
  }
}
