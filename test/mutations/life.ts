/**
 * The life of a small journal, under a seed: games begin, go on, end and are archived; the journal is closed, killed and
 * opened again. What was acknowledged is remembered beside it: the truth.
 */
import type { EventsRecord, JournalRecord } from '../../dist/events/journal/journal.js'
import type { Chance, Position } from 'gameledger'
import { seededRandom } from '../../dist/events/seeded-random.js'
import { open, rest, shown, type Opened } from './opening.js'
import { PlainDisk, type Image } from './plain-disk.js'
import { directory } from './opening.js'

/** A journal's bytes, and what is in them. */
export interface Life {
  readonly name: string
  readonly image: Image
  /** Files as they were earlier, the oldest first. */
  readonly earlier: readonly Image[]
  readonly isClosed: boolean
  /** The records of each game that is not released, and of the released ones apart. */
  readonly live: ReadonlyMap<string, readonly string[]>
  readonly released: ReadonlyMap<string, readonly string[]>
  /** Batches that were begun and not committed. */
  readonly intents: ReadonlyMap<number, string>
  readonly lastPosition: number
}

interface Playing {
  readonly stream: string
  version: number
}

const words = ['Moved', 'Passed', 'Drew', 'Said', 'Swapped']

class Play {
  readonly #disk = new PlainDisk()
  readonly #chance: Chance
  readonly #records = new Map<string, string[]>()
  readonly #released = new Set<string>()
  readonly #intents = new Map<number, string>()
  readonly #earlier: Image[] = []
  #games: Playing[] = []
  #over: string[] = []
  #opened!: Opened
  #number = 0
  #batch = 0
  #lastPosition = 0
  #pending: EventsRecord[] = []

  constructor(chance: Chance) {
    this.#chance = chance
  }

  async run(name: string, steps: number, isClosed: boolean): Promise<Life> {
    this.#opened = await open(this.#disk)
    for (let step = 0; step < steps; step++) await this.#step()
    await this.#settle()
    if (isClosed) await this.#opened.journal.close()
    const records = (isReleased: boolean) =>
      new Map([...this.#records].filter(([stream]) => this.#released.has(stream) === isReleased))
    return {
      name,
      image: this.#disk.imageOf(directory),
      earlier: this.#earlier,
      isClosed,
      live: records(false),
      released: records(true),
      intents: this.#intents,
      lastPosition: this.#lastPosition,
    }
  }

  #below(count: number): number {
    return Math.floor(this.#chance.next() * count)
  }

  async #step(): Promise<void> {
    const choice = this.#below(100)
    if (this.#games.length < 4 || (choice < 6 && this.#games.length < 9)) this.#begin()
    else if (choice < 50)
      this.#append(this.#move(this.#games[this.#below(this.#games.length)]!, 1 + this.#below(3)))
    else if (choice < 58) this.#unit()
    else if (choice < 68) this.#busyGame()
    else if (choice < 78) this.#end()
    else if (choice < 86) await this.#archive()
    else if (choice < 89) await this.#reopen()
    else if (choice < 92) this.#earlier.push(this.#disk.imageOf(directory))
    if (this.#below(3) > 0) await this.#acknowledged()
  }

  #begin(): void {
    const game = { stream: `${this.#below(2) ? 'ttt' : 'liap'}/g${++this.#number}`, version: 0 }
    this.#games.push(game)
    this.#append(this.#move(game, 1, `,"p":["ann","b${this.#number}"]`))
  }

  #move(game: Playing, count: number, extra = ''): EventsRecord {
    let text = ''
    for (let n = 1; n <= count; n++) {
      const event = `{"type":"${words[this.#below(words.length)]!}","n":${this.#below(1000)},"note":"${'x'.repeat(this.#below(40))}"}`
      text += `{"v":${game.version + n},"t":${1_763_900_000_000 + this.#below(1_000_000)}${extra},"e":${event}}\n`
    }
    const bytes = Buffer.from(text)
    const record: EventsRecord = {
      type: 'events',
      stream: game.stream,
      firstVersion: game.version + 1,
      count,
      firstPosition: 0 as Position,
      bytes,
      start: 0,
      end: bytes.length,
    }
    game.version += count
    return record
  }

  #append(record: JournalRecord): number {
    const ticket = this.#opened.journal.append(record)
    if (record.type === 'events') this.#pending.push(record)
    else if (record.type === 'unit') this.#pending.push(...record.parts)
    this.#ticket = ticket
    return ticket
  }

  #ticket = 0

  async #acknowledged(): Promise<void> {
    await this.#opened.synced(this.#ticket)
    for (const record of this.#pending) {
      const of = this.#records.get(record.stream) ?? []
      this.#records.set(record.stream, of)
      of.push(shown(record))
      this.#lastPosition = record.firstPosition + record.count - 1
    }
    this.#pending = []
  }

  async #settle(): Promise<void> {
    await this.#acknowledged()
    await rest()
  }

  #unit(): void {
    const games = this.#games.filter(() => this.#below(2) === 0).slice(0, 3)
    if (games.length > 0) this.#append({ type: 'unit', parts: games.map((game) => this.#move(game, 1)) })
  }

  /** Fills a file or two. */
  #busyGame(): void {
    const game = { stream: `ttt/busy${++this.#number}`, version: 0 }
    for (let n = 0; n < 6; n++) this.#append(this.#move(game, 1 + this.#below(2)))
    this.#append(this.#move(game, 1, ',"f":1'))
    this.#over.push(game.stream)
  }

  #end(): void {
    const game = this.#games[this.#below(this.#games.length)]!
    this.#append(this.#move(game, 1, ',"f":1'))
    this.#games = this.#games.filter((one) => one !== game)
    this.#over.push(game.stream)
  }

  async #archive(): Promise<void> {
    await this.#acknowledged()
    const [begun] = this.#intents
    if (begun === undefined) {
      if (this.#over.length === 0) return
      const streams = this.#over.splice(0, 4)
      await this.#opened.synced(this.#append({ type: 'intent', batch: ++this.#batch, streams }))
      this.#intents.set(this.#batch, streams.join(' '))
      return
    }
    const [batch, names] = begun
    await this.#opened.synced(this.#append({ type: 'committed', batch, sha256: 'ab'.repeat(32) }))
    this.#intents.delete(batch)
    const streams = names.split(' ')
    this.#opened.journal.release(streams)
    for (const stream of streams) this.#released.add(stream)
    await rest()
  }

  async #reopen(): Promise<void> {
    await this.#settle()
    if (this.#below(2) === 0) await this.#opened.journal.close()
    else {
      // Killed: the old journal goes on writing nothing, and another process takes over.
      const image = this.#disk.imageOf(directory)
      await this.#opened.journal.close()
      for (const name of await this.#disk.list(directory)) await this.#disk.remove(`${directory}/${name}`)
      for (const [name, bytes] of image) {
        const file = await this.#disk.open(`${directory}/${name}`, 'create')
        await file.write(bytes, 0, bytes.length, 0)
      }
    }
    this.#opened = await open(this.#disk)
    this.#ticket = 0
    this.#opened.journal.release([...this.#released])
  }
}

/** One life. The same seed gives the same bytes. */
export const live = (seed: number): Promise<Life> => {
  const chance = seededRandom(seed)
  const steps = 4 + Math.floor(chance.next() ** 2 * 220)
  const isClosed = chance.next() < 0.5
  return new Play(chance).run(
    `life ${seed} (${steps} steps, ${isClosed ? 'closed' : 'killed'})`,
    steps,
    isClosed,
  )
}
