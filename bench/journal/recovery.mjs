// What opening costs: a journal of live events after a kill, beside reading the same files, checking their CRCs and
// parsing each line with JSON.parse.
//
// The journal is written once, and never closed. Each opening gets a directory of its own with hard links to its log
// files (recovery after a kill writes into no old file) and copies of the small ones, so all open the same state.
import { copyFile, link, mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileCheckpointStore, fileJournal, memoryColdStore } from '../../dist/index.js'
import { frameAt, fileHeaderBytes, frameHeaderBytes } from '../../dist/events/journal/frame.js'
import { openLoad } from '../load.mjs'
import { measure } from '../measure.mjs'
import { ear, lineOf, recordOf, untilReserved } from './contenders.mjs'

/** The kind of the records that hold events; a sealed file ends with an index of another kind. */
const eventsKind = 1

const isLogFile = (name) => name.endsWith('.log')

/** The same journal under another directory, with no lock on it. */
const linked = async (from, to) => {
  await mkdir(to, { recursive: true })
  for (const name of await readdir(from))
    if (isLogFile(name)) await link(join(from, name), join(to, name))
    else if (name !== 'LOCK') await copyFile(join(from, name), join(to, name))
}

/** Makes a journal of `events` live events in games of 60, in `directory`/killed, and saved read models beside it. */
export const makeJournal = async (directory, events) => {
  const lines = Array.from({ length: 60 }, (_, nth) => lineOf(nth + 1))
  const games = Math.ceil(events / 60)
  const [alive, killed] = [join(directory, 'alive'), join(directory, 'killed')]
  const listener = ear()
  const journal = await fileJournal(alive).open(0, listener)
  await journal.recover(() => {}, 0)
  for (let nth = 0; nth < events;) {
    let ticket = 0
    for (const until = Math.min(events, nth + 1_000); nth < until; nth++) {
      const version = Math.floor(nth / games) + 1
      const record = recordOf(nth, lines[version - 1], `load/game-${nth % games}`)
      ticket = journal.append({ ...record, firstVersion: version })
    }
    await listener.until(ticket)
  }
  await untilReserved(alive)
  await linked(alive, killed)
  await journal.close()
  const ledger = await openLoad(ledgerOptions(directory, 'alive'))
  await ledger.close()
  await rm(alive, { recursive: true })
}

const ledgerOptions = (directory, journal) => ({
  journal: fileJournal(join(directory, journal)),
  archive: memoryColdStore(),
  adopt: true,
  checkpoints: fileCheckpointStore(join(directory, 'models')),
})

/** Reads all log files, checks the CRC of each frame, and parses each line: what no recovery can leave out, were it to look at every event. */
const readCheckParse = async (directory) => {
  let [parsed, sum] = [0, 0]
  for (const name of (await readdir(directory)).filter(isLogFile)) {
    const bytes = await readFile(join(directory, name))
    const id = bytes.readUInt32LE(12)
    for (let frame = frameAt(bytes, fileHeaderBytes, id); frame; frame = frameAt(bytes, frame.end, id))
      for (let at = frame.start + frameHeaderBytes; at < frame.end;) {
        const end = at + bytes.readUInt32LE(at + 4)
        if (bytes.readUInt16LE(at + 8) === eventsKind) {
          sum += JSON.parse(bytes.toString('latin1', at + 40 + bytes.readUInt16LE(at + 10), end)).v
          parsed++
        }
        at = (end + 7) & ~7
      }
  }
  return { parsed, sum }
}

const openJournal = async (directory) => {
  const journal = await fileJournal(join(directory, 'opened')).open(0, ear())
  let events = 0
  await journal.recover((record) => {
    events += record.count
  }, 0)
  return { events, close: () => journal.close() }
}

const openLedgerThere = async (directory) => {
  const ledger = await openLoad(ledgerOptions(directory, 'opened'))
  return { events: ledger.stats().position, close: () => ledger.close() }
}

/** What is compared: the seconds of each, over `events` events in `directory`. */
export const recoveries = {
  'floor: read, CRC, JSON.parse': async (directory, events) =>
    measure(async () => {
      const { parsed } = await readCheckParse(join(directory, 'killed'))
      if (parsed !== events) throw new Error(`${parsed} of ${events} events were read`)
    }),
  'file journal alone': (directory, events) => opening(directory, events, openJournal),
  'ledger with all games': (directory, events) => opening(directory, events, openLedgerThere),
}

const opening = async (directory, events, open) => {
  await linked(join(directory, 'killed'), join(directory, 'opened'))
  let opened
  const seconds = await measure(async () => {
    opened = await open(directory)
  })
  if (opened.events !== events) throw new Error(`${opened.events} of ${events} events were recovered`)
  await opened.close()
  await rm(join(directory, 'opened'), { recursive: true })
  return seconds
}
