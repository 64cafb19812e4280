/**
 * The contract suite of the `Journal` port: the same facts for every adapter, against the real thing.
 *
 * An adapter's test hands in how to make a journal over fresh storage, and how to get one over the same storage
 * after the process died without closing.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Position, StreamId } from '../../src/events/ids.js'
import type { Shortage } from '../../src/events/journal/storage-full.js'
import type {
  CommittedRecord,
  EventsRecord,
  IntentRecord,
  Journal,
  JournalListener,
  JournalQuery,
  JournalRecord,
  OpenJournal,
  Ticket,
} from '../../src/events/journal/journal.js'

/** Hears a journal, and lets a test wait for it. */
export class Ear implements JournalListener {
  readonly heard: string[] = []
  readonly failures: unknown[] = []
  writtenThrough = 0
  syncedThrough = 0
  #waiting: (() => void)[] = []

  written(through: Ticket): void {
    if (through <= this.writtenThrough) throw new Error('A watermark did not rise')
    this.writtenThrough = through
    this.heard.push(`written ${through}`)
    this.#wake()
  }

  synced(through: Ticket): void {
    if (through > this.writtenThrough || through <= this.syncedThrough)
      throw new Error('A watermark is out of order')
    this.syncedThrough = through
    this.heard.push(`synced ${through}`)
    this.#wake()
  }

  space(shortage: Shortage | undefined): void {
    this.heard.push(shortage ? `full ${shortage.missingBytes}` : 'room')
    this.#wake()
  }

  damaged(cause: unknown): void {
    this.heard.push(`damaged ${String(cause)}`)
    this.#wake()
  }

  failed(cause: unknown): void {
    this.failures.push(cause)
    this.#wake()
  }

  async untilSynced(ticket: Ticket): Promise<void> {
    while (this.syncedThrough < ticket && this.failures.length === 0) await this.#next()
    if (this.failures.length > 0) throw this.failures[0]
  }

  async untilFailed(): Promise<unknown> {
    while (this.failures.length === 0) await this.#next()
    return this.failures[0]
  }

  #next(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }
}

/** The events `firstVersion..` of a stream, one line each. */
export const events = (stream: StreamId, firstVersion: number, count = 1, padding = ''): EventsRecord => {
  let text = ''
  for (let n = 0; n < count; n++) text += `{"v":${firstVersion + n},"s":"${stream}"${padding}}\n`
  const bytes = Buffer.from(`..${text}..`)
  const end = bytes.length - 2
  return { type: 'events', stream, firstVersion, count, firstPosition: 0 as Position, bytes, start: 2, end }
}

/** A record as one line of text, bytes included: what tests compare. */
export const shown = (record: JournalRecord): string => {
  if (record.type === 'intent') return `intent ${record.batch} ${record.streams.join(' ')}`
  if (record.type === 'unit') return record.parts.map(shown).join('')
  if (record.type === 'committed') return `committed ${record.batch} ${record.sha256}`
  const { firstVersion, count, firstPosition, stream } = record
  const lines = record.bytes.toString('utf8', record.start, record.end)
  return `${firstPosition} ${stream} ${firstVersion}+${count} ${lines}`
}

export const readAll = async (journal: OpenJournal, query: JournalQuery): Promise<string[]> => {
  const found: string[] = []
  for await (const record of journal.read(query)) found.push(shown(record))
  return found
}

/** Opens and recovers; what was found is in `records`. */
export const reopen = async (journal: Journal, after = 0) => {
  const ear = new Ear()
  const opened = await journal.open(0, ear)
  const records: string[] = []
  const recovery = await opened.recover((record) => records.push(shown(record)), after as Position)
  return { ear, journal: opened, records, recovery }
}

const all = { after: 0 as Position, through: Number.MAX_SAFE_INTEGER as Position }
const sha256 = 'ab'.repeat(32)

export interface JournalUnderTest {
  readonly journal: Journal
  /** The journal over the same storage, once the process that had it open is dead. */
  afterCrash(): Promise<Journal>
  dispose(): Promise<void>
}

export const journalContract = (name: string, make: () => Promise<JournalUnderTest>): void => {
  describe(`journal contract: ${name}`, () => {
    let subject: JournalUnderTest
    beforeEach(async () => {
      subject = await make()
    })
    afterEach(() => subject.dispose())

    test('a new journal is empty, clean, and begins at position 1', async () => {
      const { ear, journal, records, recovery } = await reopen(subject.journal)
      expect(journal.isEmpty).toBe(true)
      expect(journal.ledgerId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-/)
      expect(records).toEqual([])
      expect(recovery).toEqual({ lastPosition: 0, lost: [], isClean: true, droppedBytes: 0, asleep: [] })
      const record = events('a/1', 1, 3)
      await ear.untilSynced(journal.append(record))
      expect(record.firstPosition).toBe(1)
      await journal.close()
    })

    test('positions go on from the archive when that is ahead, else from the journal', async () => {
      const first = await reopen(subject.journal, 41)
      expect(first.recovery.lastPosition).toBe(41)
      const record = events('a/1', 1, 3)
      first.journal.append(record)
      expect(record.firstPosition).toBe(42)
      await first.journal.close()
      const second = await reopen(subject.journal, 7)
      expect(second.recovery.lastPosition).toBe(44)
      const next = events('a/1', 4)
      second.journal.append(next)
      expect(next.firstPosition).toBe(45)
      await second.journal.close()
    })

    test('tickets count from 1, and watermarks rise to the last, written before synced', async () => {
      const { ear, journal } = await reopen(subject.journal)
      for (let n = 1; n <= 10; n++) expect(journal.append(events('a/1', n))).toBe(n)
      expect(ear.heard).toEqual([])
      await ear.untilSynced(10)
      expect(ear.heard).toEqual(['written 10', 'synced 10'])
      await ear.untilSynced(journal.append(events('a/1', 11)))
      expect(ear.heard.slice(2)).toEqual(['written 11', 'synced 11'])
      await journal.close()
    })

    test('the bytes of a record are copied inside append', async () => {
      const { ear, journal } = await reopen(subject.journal)
      const record = events('a/1', 1)
      const expected = shown({ ...record, firstPosition: 1 as Position })
      const ticket = journal.append(record)
      record.bytes.fill(0)
      await ear.untilSynced(ticket)
      expect(await readAll(journal, all)).toEqual([expected])
      await journal.close()
    })

    test('everything comes back in order after a close', async () => {
      const { journal } = await reopen(subject.journal)
      const written: JournalRecord[] = [
        events('a/1', 1, 2),
        events('b/Žofie-\u{1F3B2}', 1),
        { type: 'intent', batch: 1, streams: ['a/1', 'c/x'] },
        events('a/1', 3),
        { type: 'committed', batch: 1, sha256 },
        { type: 'intent', batch: 2, streams: [] },
      ]
      for (const record of written) journal.append(record)
      const ledgerId = journal.ledgerId
      await journal.close()
      const again = await reopen(subject.journal)
      expect(again.journal.isEmpty).toBe(false)
      expect(again.journal.ledgerId).toBe(ledgerId)
      expect(again.recovery).toEqual({
        lastPosition: 4,
        lost: [],
        isClean: true,
        droppedBytes: 0,
        asleep: [],
      })
      expect(again.records).toEqual(written.map(shown))
      await again.journal.close()
    })

    test('a unit of work comes back as its parts, with positions that run on', async () => {
      const { ear, journal } = await reopen(subject.journal)
      journal.append(events('a/1', 1))
      const parts = [events('room/Žofie', 1), events('a/1', 2, 3), events('b/1', 1)]
      const ticket = journal.append({ type: 'unit', parts })
      await ear.untilSynced(ticket)
      expect(ticket).toBe(2)
      expect(parts.map(({ firstPosition }) => firstPosition)).toEqual([2, 3, 6])
      expect(await readAll(journal, { stream: 'a/1' })).toEqual([
        shown({ ...events('a/1', 1), firstPosition: 1 as Position }),
        shown(parts[1]!),
      ])
      await journal.close()
      const again = await reopen(subject.journal)
      expect(again.records.slice(1)).toEqual(parts.map(shown))
      await again.journal.close()
    })

    test('everything synced comes back after a crash, again and again', async () => {
      let { ear, journal, records, recovery } = await reopen(subject.journal)
      const expected: string[] = []
      for (let round = 0; round < 4; round++) {
        for (let n = 1; n <= 20; n++) {
          const record = events(`a/${n}`, round + 1)
          journal.append(record)
          expected.push(shown(record))
          if (n % 7 === 0) await ear.untilSynced(n)
        }
        await ear.untilSynced(20)
        ;({ ear, journal, records, recovery } = await reopen(await subject.afterCrash()))
        expect(recovery.isClean).toBe(false)
        expect(records).toEqual(expected)
      }
      await journal.close()
    })

    test('reads a stream or a range, also while it appends', async () => {
      const { journal } = await reopen(subject.journal)
      const expected: EventsRecord[] = []
      for (let n = 0; n < 30; n++) {
        expected.push(events(`a/${n % 3}`, 2 * Math.floor(n / 3) + 1, 2))
        journal.append(expected[n]!)
      }
      const reading = journal.read(all)[Symbol.asyncIterator]()
      const first = await reading.next()
      expect(shown(first.value as EventsRecord)).toBe(shown(expected[0]!))
      journal.append(events('a/0', 21))
      let rest = 0
      for (let next = await reading.next(); next.done !== true; next = await reading.next()) rest++
      expect(rest).toBe(29)
      const ofOne = expected.filter((record) => record.stream === 'a/1').map(shown)
      expect(await readAll(journal, { stream: 'a/1' })).toEqual(ofOne)
      expect(await readAll(journal, { stream: 'a/9' })).toEqual([])
      const range = { after: 5 as Position, through: 9 as Position }
      expect(await readAll(journal, range)).toEqual(expected.slice(2, 5).map(shown))
      await journal.close()
    })

    test('a released stream is gone for readers that begin later, and only for those', async () => {
      const { journal } = await reopen(subject.journal)
      for (let n = 1; n <= 4; n++) {
        journal.append(events('a/1', n))
        journal.append(events('a/2', n))
      }
      const before = journal.read(all)[Symbol.asyncIterator]()
      await before.next()
      journal.release(['a/1', 'a/unknown'])
      let rest = 0
      for (let next = await before.next(); next.done !== true; next = await before.next()) rest++
      expect(rest).toBe(7)
      expect(await readAll(journal, { stream: 'a/1' })).toEqual([])
      expect((await readAll(journal, all)).map((line) => line.split(' ')[1])).toEqual(Array(4).fill('a/2'))
      await journal.close()
    })

    test('a stream that lost records by release never comes back in part', async () => {
      const { ear, journal } = await reopen(subject.journal)
      const padding = `,"p":"${'x'.repeat(8000)}"`
      let ticket = 0
      for (let n = 1; n <= 60; n++) {
        ticket = journal.append(events('a/long', n, 1, padding))
        if (n === 1 || n === 31) ticket = journal.append(events(`a/kept-${n}`, 1))
        if (n % 5 === 0) await ear.untilSynced(ticket)
      }
      journal.release(['a/long'])
      await journal.close()
      const again = await reopen(subject.journal)
      const long = again.records.filter((line) => line.includes(' a/long '))
      expect([0, 60]).toContain(long.length)
      expect(again.records.filter((line) => line.includes(' a/kept-'))).toHaveLength(2)
      expect(again.recovery.lastPosition).toBe(62)
      await again.journal.close()
    })

    test('an intent stays as long as it is open, a committed as long as its intent', async () => {
      const { ear, journal } = await reopen(subject.journal)
      const padding = `,"p":"${'x'.repeat(8000)}"`
      const intent: IntentRecord = { type: 'intent', batch: 1, streams: ['a/1'] }
      const committed: CommittedRecord = { type: 'committed', batch: 1, sha256 }
      const open: IntentRecord = { type: 'intent', batch: 2, streams: ['a/1'] }
      journal.append(events('a/kept', 1))
      journal.append(intent)
      for (let n = 1; n <= 40; n++) {
        const ticket = journal.append(events('a/1', n, 1, padding))
        if (n === 20) journal.append(committed)
        if (n === 30) journal.append(open)
        if (n % 5 === 0) await ear.untilSynced(ticket)
      }
      journal.release(['a/1'])
      await journal.close()
      const again = await reopen(subject.journal)
      expect(again.records.filter((line) => !line.includes(' a/1 '))).toEqual(
        ['1 a/kept 1+1 {"v":1,"s":"a/kept"}\n', shown(intent), shown(committed), shown(open)].filter((line) =>
          again.records.includes(line),
        ),
      )
      expect(again.records).toContain(shown(open))
      expect(again.records.includes(shown(intent)) && !again.records.includes(shown(committed))).toBe(false)
      await again.journal.close()
    })

    test('rewriting changes lines alone: positions, versions and what is appended meanwhile stay', async () => {
      const { ear, journal } = await reopen(subject.journal)
      const changed = new Map<StreamId, string>([
        ['b/1', 'B/1'],
        ['c/1', 'a longer name than before'],
      ])
      const change = ({ stream, bytes, start, end }: EventsRecord): string | undefined => {
        const other = changed.get(stream)
        return other === undefined
          ? undefined
          : bytes.toString('utf8', start, end).replaceAll(`"${stream}"`, `"${other}"`)
      }
      const after = (line: string): string => {
        let text = line
        for (const [stream, other] of changed) text = text.replaceAll(`"${stream}"`, `"${other}"`)
        return text
      }
      const appended: EventsRecord[] = []
      const append = (record: EventsRecord): Ticket => {
        appended.push(record)
        return journal.append(record)
      }
      for (let round = 0; round < 20; round++)
        for (const stream of ['a/1', 'b/1', 'c/1']) append(events(stream, 2 * round + 1, 2))
      append(events('gone/1', 1))
      const rewriting = journal.rewrite(change)
      // Not yet in the journal when it began: whether those are rewritten is for who appends to see to.
      append(events('a/1', 41))
      await rewriting
      const ticket = append(events('d/1', 1))
      const expected = appended.map((record) => after(shown(record)))
      await ear.untilSynced(ticket)
      expect(await readAll(journal, all)).toEqual(expected)
      expect(await readAll(journal, { stream: 'c/1' })).toEqual(
        expected.filter((line) => line.includes(' c/1 ')),
      )
      journal.release(['gone/1'])
      const left = expected.filter((line) => !line.includes(' gone/1 '))
      const died = await reopen(await subject.afterCrash())
      expect((await readAll(died.journal, all)).filter((line) => !line.includes(' gone/1 '))).toEqual(left)
      await died.journal.rewrite(() => undefined)
      await died.journal.close()
      const again = await reopen(subject.journal)
      expect((await readAll(again.journal, all)).filter((line) => !line.includes(' gone/1 '))).toEqual(left)
      expect(again.recovery.lastPosition).toBe(123)
      await again.journal.close()
    })

    test('close makes all durable, is idempotent, and nothing is appended afterwards or before recovery', async () => {
      const ear = new Ear()
      const journal = await subject.journal.open(0, ear)
      expect(() => journal.append(events('a/1', 1))).toThrow()
      await journal.recover(() => undefined, 0 as Position)
      const ticket = journal.append(events('a/1', 1))
      const closing = journal.close()
      await Promise.all([closing, journal.close()])
      await journal.close()
      expect(ear.syncedThrough).toBe(ticket)
      expect(() => journal.append(events('a/1', 2))).toThrow()
      const again = await reopen(subject.journal)
      expect(again.records).toHaveLength(1)
      await again.journal.close()
    })
  })
}
