/** Small journals on a disk in memory, for tests that damage or crash them. */
import type { Position } from '../../../src/events/ids.js'
import type { Disk } from '../../../src/events/journal/disk.js'
import { fileJournal } from '../../../src/events/journal/file-journal.js'
import type { DirectoryLocker } from '../../../src/events/journal/directory-lock.js'
import type { JournalRecord } from '../../../src/events/journal/journal.js'
import { Ear, events, shown } from '../../contracts/journal.js'

export const noLock: DirectoryLocker = async () => ({ release: async () => undefined })
export const ledgerId = '6b1f0a52-9c3d-4e8b-a170-5d2e8f44c603'

/** A journal under `/j` of a disk, in files of 1 KiB. */
export const smallJournal = (disk: Disk, logFileBytesMax = 1024) =>
  fileJournal('/j', { disk, lock: noLock, logFileBytesMax, batchBytesMax: 1024, ledgerId })

/** Opens, recovers, and shows what is in it; the journal stays open. */
export const openSmall = async (disk: Disk, logFileBytesMax = 1024) => {
  const ear = new Ear()
  const journal = await smallJournal(disk, logFileBytesMax).open(0, ear)
  const records: string[] = []
  try {
    const visit = (record: JournalRecord) => records.push(shown(record))
    const recovery = await journal.recover(visit, 0 as Position)
    return { ear, journal, records, recovery }
  } catch (error) {
    await journal.close()
    throw error
  }
}

/** Three group commits of one or two records each, all synced; what was appended, as text. */
export const threeFrames = async ({
  ear,
  journal,
}: Awaited<ReturnType<typeof openSmall>>): Promise<string[]> => {
  const records = [events('a/1', 1), events('b/1', 1, 2), events('a/1', 2), events('c/1', 1)]
  await ear.untilSynced(journal.append(records[0]!))
  await ear.untilSynced(journal.append(records[1]!))
  journal.append(records[2]!)
  await ear.untilSynced(journal.append(records[3]!))
  return records.map(shown)
}

/** Lets everything in the background of a journal on such a disk come to rest. */
export const rest = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
}
