/** Opens a small journal on a plain disk, waits for its watermarks, and shows what is in it. */
import { setImmediate as turn } from 'node:timers/promises'
import { fileJournal } from '../../dist/events/journal/file-journal.js'
import type { EventsRecord, OpenJournal, Recovery, StoredRecord } from '../../dist/events/journal/journal.js'
import type { Position } from 'gameledger'
import type { PlainDisk } from './plain-disk.js'

export const directory = '/data/journal'
export const ledgerId = '6b1f0a52-9c3d-4e8b-a170-5d2e8f44c603'
export const noLock = async () => ({ release: async () => undefined })

/** A journal that is open. */
export interface Opened {
  readonly journal: OpenJournal
  readonly recovery: Recovery
  /** Events records that were visited, and open intents by number. */
  readonly visited: readonly string[]
  readonly intents: ReadonlyMap<number, string>
  synced(ticket: number): Promise<void>
}

/** A record of events as one line of text. */
export const shown = ({ stream, firstVersion, firstPosition, bytes, start, end }: EventsRecord): string =>
  `${stream} v${firstVersion} @${firstPosition} ${bytes.toString('latin1', start, end)}`

/** Opens and recovers. Closes again what refuses. */
export const open = async (disk: PlainDisk, logFileBytesMax = 1024): Promise<Opened> => {
  let through = 0
  let failure: unknown
  let waiting: (() => void)[] = []
  const wake = (): void => {
    const all = waiting
    waiting = []
    for (const one of all) one()
  }
  const options = { disk, lock: noLock, logFileBytesMax, batchBytesMax: 1024, ledgerId }
  const journal = await fileJournal(directory, options).open(0, {
    written: () => undefined,
    synced: (ticket) => {
      through = ticket
      wake()
    },
    space: () => undefined,
    damaged: () => undefined,
    failed: (cause) => {
      failure = cause
      wake()
    },
  })
  const visited: string[] = []
  const intents = new Map<number, string>()
  const visit = (record: StoredRecord): void => {
    if (record.type === 'events') visited.push(shown(record))
    else if (record.type === 'intent') intents.set(record.batch, record.streams.join(' '))
    else intents.delete(record.batch)
  }
  try {
    const recovery = await journal.recover(visit, 0 as Position)
    const synced = async (ticket: number): Promise<void> => {
      while (through < ticket && failure === undefined)
        await new Promise<void>((resolve) => waiting.push(resolve))
      if (failure !== undefined) throw failure as Error
    }
    return { journal, recovery, visited, intents, synced }
  } catch (error) {
    await journal.close()
    throw error
  }
}

/** Lets the background of a journal on such a disk come to rest. */
export const rest = async (turns = 20): Promise<void> => {
  for (let done = 0; done < turns; done++) await turn()
}
