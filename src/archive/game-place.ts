/** Where an archived game stands, for what is said when its bytes are not what was written. */
import type { StreamId } from '../events/ids.js'
import { CorruptSegmentError } from './archive-error.js'

export class GamePlace {
  readonly stream: StreamId
  readonly #key: string
  readonly #offset: number

  /** @param offset where the game begins in the object `key` */
  constructor(stream: StreamId, key: string, offset: number) {
    this.stream = stream
    this.#key = key
    this.#offset = offset
  }

  /** This game is damaged. */
  corrupt(what: string, cause?: unknown): CorruptSegmentError {
    return new CorruptSegmentError(this.#key, this.#offset, `${this.stream}: ${what}`, cause)
  }

  /** What to throw where decoding a line has thrown: this game is damaged, or too new. */
  unreadable(cause: unknown): unknown {
    return cause instanceof SyntaxError ? this.corrupt('an event line is not readable', cause) : cause
  }
}
