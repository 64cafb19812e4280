/**
 * Reads games of chess from PGN text, one at a time, from files of any length.
 *
 * The text is scanned line by line. Outside of comments it is a row of tokens: tag pairs, move numbers, moves,
 * glyphs, variations, and a result that ends the game. A tag after moves begins the next game as well, so games
 * run together are told apart, and one that is broken does not take the next with it:
 *
 *     [White "Ann"]              tag       kept
 *     1. e4 {best!} e5!? $14     moves     e4, e5 kept; number, comment, suffix and glyph dropped
 *     (1... c5 (1... e6) 2. c3)  variation dropped, nested ones too
 *     2. Nf3 ; to the line's end comment   dropped; so is a line that begins with %
 *     1-0                        result    ends the game
 *
 * The reader knows the writing, not the rules: whether `Nf3` is possible is for the rules to say.
 * Bound: a game's text above `gameBytesMax` makes it a broken one, and what is read of it is let go.
 */
import { pgnLines } from './pgn-lines.js'

export type PgnResult = '1-0' | '0-1' | '1/2-1/2' | '*'

/** A game as written. */
export interface PgnGame {
  /** Its place among the games of the file, broken ones counted, from 0. */
  readonly index: number
  /** The line on which it begins, from 1. */
  readonly line: number
  readonly tags: Readonly<Record<string, string>>
  /** The moves of the main line, without numbers, comments, glyphs and `!?`. */
  readonly moves: readonly string[]
  /** What stands after the moves; absent where nothing does. */
  readonly result: PgnResult | undefined
}

/** A game whose text cannot be read. */
export interface BrokenPgn {
  readonly index: number
  readonly line: number
  readonly reason: string
}

// The longest game ever recorded has 538 plies, some 3 kB; with an engine's comments a few hundred kB. 1 MiB is above all seen.
const gameBytesMax = 1_048_576

const tagPattern = /\[\s*([A-Za-z0-9_]+)\s*"((?:[^"\\]|\\.)*)"\s*\]/y
// Many programs write `[Event "The "Big" One"]` with its quotes bare.
const looseTagPattern = /\[\s*([A-Za-z0-9_]+)\s*"(.*)"\s*\]\s*$/y
const movePattern =
  /(?:O-O(?:-O)?|0-0(?:-0)?|--|[NBRQKP]?[a-h]?[1-8]?[-x:]?[a-h][1-8](?:=?[NBRQKnbrqk])?)(?:[+#]*)(?![\w=-])/y
const resultPattern = /(1-0|0-1|1\/2(?:-1\/2)?|\*)(?![\w/-])/y
// Digits are bounded: a megabyte of them would else be tried from every place again.
const noisePattern = /(?:\s+|\$\d{1,6}|[!?]+|\d{0,6}(?:\.+|…)|\d{1,6}(?![\w/-])|e\.p\.|[+#=](?=\s|$))+/y
const wordPattern = /[^\s{}()[\]]{1,20}|[}\]]/y

// Without a prototype, so that a tag named `__proto__` is a tag.
const noTags = (): Record<string, string> => Object.create(null) as Record<string, string>

/** Scans the lines of one file after the other; holds one game at the most. */
class PgnScanner {
  #index = 0
  #lineNumber = 0
  #line = 0
  #bytes = 0
  #tags = noTags()
  #moves: string[] = []
  #reason: string | undefined
  #isOpen = false
  #hasMoves = false
  #depth = 0
  #inComment = false
  readonly #finished: (PgnGame | BrokenPgn)[] = []

  /** Reads one line, and gives the games that ended on it. */
  scan(line: string): (PgnGame | BrokenPgn)[] {
    this.#lineNumber += 1
    // A new game inside a comment: the brace was never closed. Without this, one brace would swallow the file.
    if (this.#inComment && /^\[Event\s+"/.test(line)) this.#finishUnclosed()
    if (this.#inComment || !line.startsWith('%')) this.#scanTokens(line)
    this.#bytes += line.length + 1
    if (this.#isOpen && this.#bytes > gameBytesMax)
      this.#break(`its text is longer than ${gameBytesMax} bytes`)
    return this.#finished.splice(0)
  }

  /** The end of the file. */
  end(): (PgnGame | BrokenPgn)[] {
    this.#finishUnclosed()
    return this.#finished.splice(0)
  }

  #scanTokens(line: string): void {
    for (let at = 0; at < line.length;) {
      if (this.#inComment) {
        const close = line.indexOf('}', at)
        if (close < 0) return
        this.#inComment = false
        at = close + 1
      } else if (line[at] === ';') return
      else at = this.#scanToken(line, at)
    }
  }

  /** Reads one token, and says where the next begins. */
  #scanToken(line: string, at: number): number {
    const match = (pattern: RegExp): RegExpExecArray | null => {
      pattern.lastIndex = at
      return pattern.exec(line)
    }
    if (line[at] === '[') return this.#scanTag(match(tagPattern) ?? match(looseTagPattern), line, at)
    if ('{()'.includes(line[at] as string)) {
      this.#scanBracket(line[at] as string)
      return at + 1
    }
    const result = match(resultPattern)
    if (result) return this.#scanResult(result, at)
    const move = match(movePattern)
    if (move) return this.#scanMove(move[0], at)
    const noise = match(noisePattern)
    return noise ? at + noise[0].length : this.#scanWord(match(wordPattern)?.[0] ?? '', at)
  }

  #scanTag(tag: RegExpExecArray | null, line: string, at: number): number {
    // A game without moves ends where the next one names its event.
    if (tag && (this.#hasMoves || (tag[1] === 'Event' && 'Event' in this.#tags))) this.#finish(undefined)
    this.#open()
    if (!tag) {
      this.#break(`${line.slice(at, at + 40)} is not a tag`)
      return line.length
    }
    const [text, name, value] = tag as unknown as [string, string, string]
    if (!this.#reason) this.#tags[name] = value.replace(/\\(["\\])/g, '$1')
    return at + text.length
  }

  #scanMove(move: string, at: number): number {
    if (this.#depth === 0) {
      this.#open()
      this.#hasMoves = true
      if (!this.#reason) this.#moves.push(move)
    }
    return at + move.length
  }

  /** Text that is nothing of the above; in a variation, where all is dropped, it does no harm. */
  #scanWord(word: string, at: number): number {
    if (this.#depth === 0) {
      this.#break(`"${word}" is not a move`)
      this.#hasMoves = true
    }
    return at + word.length
  }

  #scanResult([text, token]: RegExpExecArray, at: number): number {
    if (this.#isOpen && this.#depth === 0) this.#finish(token === '1/2' ? '1/2-1/2' : (token as PgnResult))
    return at + text.length
  }

  #scanBracket(bracket: string): void {
    if (bracket === '{') this.#inComment = true
    else if (bracket === '(') this.#depth += 1
    else if (this.#depth > 0) this.#depth -= 1
    else if (this.#isOpen) this.#break('a variation is closed that never began')
  }

  #open(): void {
    if (this.#isOpen) return
    this.#isOpen = true
    this.#line = this.#lineNumber
    this.#bytes = 0
    this.#depth = 0
  }

  /** The first thing that is wrong is the reason; the rest of the game is read over. */
  #break(reason: string): void {
    this.#open()
    this.#reason ??= `${reason} (line ${this.#lineNumber})`
    this.#moves = []
  }

  #finishUnclosed(): void {
    if (this.#isOpen && this.#inComment) this.#break('a comment is never closed')
    if (this.#isOpen) this.#finish(undefined)
    this.#inComment = false
  }

  #finish(result: PgnResult | undefined): void {
    if (this.#depth > 0) this.#break('a variation is never closed')
    const place = { index: this.#index, line: this.#line }
    this.#finished.push(
      this.#reason
        ? { ...place, reason: this.#reason }
        : { ...place, tags: this.#tags, moves: this.#moves, result },
    )
    this.#index += 1
    this.#tags = noTags()
    this.#moves = []
    this.#reason = undefined
    this.#isOpen = this.#hasMoves = false
  }
}

/** True for a game that could not be read. */
export const isBroken = (game: PgnGame | BrokenPgn): game is BrokenPgn => 'reason' in game

/**
 * Reads all games of a PGN text, in order, as the source gives it. A game that cannot be read is given as broken
 * with the reason, and the reading goes on. Never throws for what is in the text, and holds one game at a time.
 */
export async function* readPgn(
  source: AsyncIterable<string | Uint8Array>,
): AsyncGenerator<PgnGame | BrokenPgn> {
  const scanner = new PgnScanner()
  for await (const lines of pgnLines(source, gameBytesMax + 1))
    for (const line of lines) yield* scanner.scan(line)
  yield* scanner.end()
}
