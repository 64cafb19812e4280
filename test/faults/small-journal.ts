/** The journal of a player, and of whoever opens what it has left. */
import { join } from 'node:path'
import { fileJournal, type Journal } from 'gameledger'
import type { Disk } from 'gameledger/testing'
import type { Script } from './script.js'

/** Small, so that a short life begins many files. */
export const smallLogFileBytes = 32 * 1024

/** In `journal` of the directory. */
export const smallJournal = (
  { directory, without, logFileBytesMax = smallLogFileBytes }: Omit<Script, 'act' | 'life'>,
  disk?: Disk,
): Journal => {
  const journal = fileJournal(join(directory, 'journal'), { logFileBytesMax, ...(disk && { disk }) })
  if (without !== 'lost-gap') return journal
  return { ...journal, open: (shard, listener) => journal.open(shard, listener, 0) }
}
