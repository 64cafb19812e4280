import { cpSync, rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DirectoryLocker } from '../../../src/events/journal/directory-lock.js'
import { fileJournal, type FileJournalOptions } from '../../../src/events/journal/file-journal.js'
import { journalContract } from '../../contracts/journal.js'

const noLock: DirectoryLocker = async () => ({ release: async () => undefined })

/**
 * Copies a directory that is in use. It never yields, so of each chain of operations at most the one in flight takes
 * effect meanwhile; if that renamed a file under the copy, the copy is made again.
 */
const snapshot = (from: string, to: string): void => {
  for (;;)
    try {
      return cpSync(from, to, { recursive: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      rmSync(to, { recursive: true, force: true })
    }
}

const contractOver = (name: string, options: FileJournalOptions) =>
  journalContract(name, async () => {
    const root = await mkdtemp(join(tmpdir(), 'journal-'))
    let directory = join(root, 'journal-0')
    let copies = 0
    return {
      journal: fileJournal(directory, options),
      // What a killed process leaves is what is on disk at that moment: copied, for the "dead" one is still here.
      afterCrash: async () => {
        const copy = join(root, `journal-${++copies}`)
        snapshot(directory, copy)
        directory = copy
        return fileJournal(directory, options)
      },
      dispose: () => rm(root, { recursive: true, force: true }),
    }
  })

contractOver('file journal', { lock: noLock, logFileBytesMax: 1024 * 1024 })
contractOver('file journal of tiny files and batches', {
  lock: noLock,
  logFileBytesMax: 4096,
  batchBytesMax: 1024,
})
