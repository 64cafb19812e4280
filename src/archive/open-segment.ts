/**
 * An unpacked segment as one string, in which its games read their lines.
 *
 *     header a | lines of a | header b | lines of b | ...      one text; a game holds where it is in there
 *
 * A string of a game's own would be copied twice by the garbage collector until it is old, in pauses of some ms, and
 * thousands of games overlap; what is as large as a segment is never copied. But whoever holds a piece holds it all: so the
 * number of segments that are open has a bound (segment-reader.ts), and one that has to go leaves each of its games that
 * goes on what it has not read yet.
 *
 * The text has one unit a byte (latin1), so that places in it are those of the bytes. ASCII reads the same in UTF-8; a
 * game with other letters gets a text of its own.
 */
import { isAscii } from 'node:buffer'
import { CorruptSegmentError } from './archive-error.js'
import { parseHeader, type GameHeader } from './game-header.js'

/** Reads in a text that it shares with others. */
export interface TextSharer {
  /** The text goes: it is to be held no more. */
  leaveText(): void
}

/** A game in a text: its header is read, its event lines stand in [start, end). */
export interface GameText {
  readonly header: GameHeader
  readonly text: string
  readonly start: number
  readonly end: number
  /** Whose text it is; `undefined`: the game's own. */
  readonly segment?: OpenSegment
}

export class OpenSegment {
  readonly #key: string
  readonly #text: string
  readonly #isAscii: boolean
  readonly #sharers = new Set<TextSharer>()
  readonly #onOver: () => void
  #isComplete = false
  #isClosed = false

  /** @param onOver it was told that it is `complete`, and nobody reads here any more */
  constructor(key: string, unpacked: Buffer, onOver: () => void) {
    this.#key = key
    this.#text = unpacked.toString('latin1')
    this.#isAscii = isAscii(unpacked)
    this.#onOver = onOver
  }

  /**
   * The game that stands at [start, end) here, and at `offset` in the packed segment.
   * @throws CorruptSegmentError, ArchiveTooNewError
   */
  game(start: number, end: number, offset: number): GameText {
    if (this.#isAscii) return { ...pieceOf(this.#text, start, end, this.#key, offset), segment: this }
    const own = Buffer.from(this.#text.slice(start, end), 'latin1').toString()
    return pieceOf(own, 0, own.length, this.#key, offset)
  }

  /** Who reads here says so, and when they have come to their end. */
  enter(sharer: TextSharer): void {
    if (this.#isClosed) sharer.leaveText()
    else this.#sharers.add(sharer)
  }

  leave(sharer: TextSharer): void {
    this.#sharers.delete(sharer)
    this.#endIfOver()
  }

  /** No further game will be asked for. */
  complete(): void {
    this.#isComplete = true
    this.#endIfOver()
  }

  /** Makes those who read here leave. O(bytes that they have not read). */
  close(): void {
    this.#isClosed = true
    for (const sharer of this.#sharers) sharer.leaveText()
    this.#sharers.clear()
  }

  #endIfOver(): void {
    if (this.#isComplete && this.#sharers.size === 0) this.#onOver()
  }
}

const pieceOf = (text: string, start: number, end: number, key: string, offset: number): GameText => {
  const found = text.indexOf('\n', start)
  if (found < 0 || found >= end) throw new CorruptSegmentError(key, offset, 'a game has no header line')
  return { header: parseHeader(text.slice(start, found), key, offset), text, start: found + 1, end }
}
