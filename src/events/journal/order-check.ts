/**
 * The other side of the disk: what was written in order must be read in order.
 *
 * Positions rise strictly over all records, but for carried ones; the versions of a stream begin at 1 and have no gap. Checksums say that
 * bytes are as they were written, this says that they were written right, and that no file is missing or doubled.
 * Holds one number a stream, for the time of a recovery.
 */
import type { StreamId } from '../ids.js'
import { CorruptLogError } from './corrupt-log.js'
import type { EventsRecord } from './journal.js'

export class OrderCheck {
  readonly #versions = new Map<StreamId, number>()
  /** Of records that stand in order of position. */
  #lastInOrder = 0
  /** Of all. */
  lastPosition = 0

  /** @throws CorruptLogError where the record does not follow those before it */
  follow({ stream, firstVersion, count, firstPosition, start }: EventsRecord, file: string): void {
    const version = this.#versions.get(stream) ?? 0
    const found = `version ${firstVersion} at position ${firstPosition}`
    if (firstVersion !== version + 1 || firstPosition <= this.#lastInOrder || count < 1) {
      const expected = `version ${version + 1} of ${stream} behind position ${this.#lastInOrder}`
      throw new CorruptLogError({ file, offset: start, expected, found, streams: [stream] })
    }
    this.#versions.set(stream, version + count)
    this.#lastInOrder = firstPosition + count - 1
    this.saw(this.#lastInOrder)
  }

  /** The same for a carried record, which stands out of order. */
  followCarried(record: EventsRecord): void {
    const inOrder = this.#lastInOrder
    this.#lastInOrder = 0
    this.follow(record, 'a file of carried games')
    this.#lastInOrder = inOrder
  }

  /** Some event has this position. */
  saw(position: number): void {
    this.lastPosition = Math.max(this.lastPosition, position)
  }
}
