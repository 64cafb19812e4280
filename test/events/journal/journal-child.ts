/**
 * A process that plays with a journal until it is killed: prints `opened <records>` and every acknowledged ticket.
 * Run by the kill and lock tests, from a copy in plain JavaScript.
 */
import { fileJournal } from '../../../src/events/journal/file-journal.js'
import type { EventsRecord, JournalRecord } from '../../../src/events/journal/journal.js'

const [, , directory, mode] = process.argv

let appended = 0
let version = 0
let append: (record: JournalRecord) => number = () => 0

const play = (): void => {
  for (let left = 1 + (appended % 7); left > 0; left--) {
    const bytes = Buffer.from(`{"v":${++version},"pad":"${'x'.repeat(version % 300)}"}\n`)
    const place = { bytes, start: 0, end: bytes.length, firstPosition: 0 }
    appended = append({
      type: 'events',
      stream: 'g/1',
      firstVersion: version,
      count: 1,
      ...place,
    } as EventsRecord)
  }
}

const run = async (): Promise<void> => {
  const journal = await fileJournal(directory!, { logFileBytesMax: 32 * 1024 }).open(0, {
    written: () => undefined,
    synced: (through) => {
      process.stdout.write(`${version - appended + through}\n`)
      if (through === appended) play()
    },
    space: () => undefined,
    damaged: () => undefined,
    failed: (cause) => {
      throw cause
    },
  })
  await journal.recover((record) => {
    if (record.type === 'events') version += record.count
  }, 0 as never)
  append = (record) => journal.append(record)
  process.stdout.write(`opened ${version}\n`)
  if (mode === 'play') play()
  else setInterval(() => undefined, 1000)
}

run().catch((error: unknown) => {
  process.stdout.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
})
