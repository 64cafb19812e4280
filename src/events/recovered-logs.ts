/**
 * The logs of many games, as recovery meets their records: in the order of the journal, a game here, a game there.
 *
 *     slab     | prev slab u32, offset u32 | a record as in an EventLog | prev | record | ...     each of one length
 *                    ^----------------------------- the next record of the same game points back
 *
 * Records are laid down one behind the other, each with the place of the one before it of its game. When all are
 * there, each log is made at once, in its exact size, from its last record back to its first. Were each to grow as its
 * records come, most of an opening would be spent on growing. It costs the bytes of all logs a second time until they
 * are taken.
 */
import { EventLog } from './event-log.js'
import { linesAt, loggedBytes, writeLogHeader } from './log-header.js'
import type { Position, StreamId } from './ids.js'
import type { EventsRecord } from './journal/journal.js'

/** For many games: few slabs, little of the last one idle. */
const defaultSlabBytes = 1024 * 1024
const linkBytes = 8

/** What is known of one log so far: where its last record is, and what it comes to. */
interface Chain {
  slab: number
  offset: number
  byteLength: number
  version: number
  lastPosition: Position
}

/** A log with all its records. */
export interface RecoveredLog {
  readonly stream: StreamId
  readonly log: EventLog
  readonly lastPosition: Position
}

export class RecoveredLogs {
  readonly #chains = new Map<StreamId, Chain>()
  #slabs: Buffer[] = []
  #slab = Buffer.alloc(0)
  #end = 0
  readonly #slabBytes: number

  constructor(slabBytes = defaultSlabBytes) {
    this.#slabBytes = slabBytes
  }

  /** Takes a copy of a record. Records of one stream come in order of their versions. */
  add({ stream, bytes, start, end, count, firstPosition }: EventsRecord): void {
    let chain = this.#chains.get(stream)
    if (chain === undefined)
      this.#chains.set(
        stream,
        (chain = { slab: 0, offset: 0, byteLength: 0, version: 0, lastPosition: firstPosition }),
      )
    const length = loggedBytes(end - start, count)
    if (this.#end + linkBytes + length > this.#slab.length) this.#begin(linkBytes + length)
    const slab = this.#slab
    const offset = this.#end
    const record = offset + linkBytes
    slab.writeUInt32LE(chain.slab, offset)
    slab.writeUInt32LE(chain.offset, offset + 4)
    bytes.copy(slab, writeLogHeader(slab, record, end - start, count, firstPosition), start, end)
    this.#end = record + length
    chain.slab = this.#slabs.length - 1
    chain.offset = offset
    chain.byteLength += length
    chain.version += count
    chain.lastPosition = (firstPosition + count - 1) as Position
  }

  /** Each log, in the order in which they began. Afterwards nothing is left. */
  *take(): Generator<RecoveredLog> {
    for (const [stream, chain] of this.#chains)
      yield {
        stream,
        log: new EventLog(this.#bytesOf(chain), chain.version),
        lastPosition: chain.lastPosition,
      }
    this.#chains.clear()
    this.#slabs = []
    this.#slab = Buffer.alloc(0)
    this.#end = 0
  }

  #bytesOf({ slab, offset, byteLength }: Chain): Buffer {
    const bytes = Buffer.allocUnsafeSlow(byteLength)
    let [from, at] = [this.#slabs[slab]!, offset]
    for (let to = byteLength; to > 0;) {
      const record = at + linkBytes
      const length = linesAt(from, record).end - record
      to -= length
      from.copy(bytes, to, record, record + length)
      const before = from.readUInt32LE(at)
      at = from.readUInt32LE(at + 4)
      from = this.#slabs[before]!
    }
    return bytes
  }

  #begin(needed: number): void {
    this.#slab = Buffer.allocUnsafeSlow(Math.max(this.#slabBytes, needed))
    this.#slabs.push(this.#slab)
    this.#end = 0
  }
}
