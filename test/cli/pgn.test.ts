import { describe, expect, it } from 'vitest'
import { isBroken, readPgn, type BrokenPgn, type PgnGame } from '../../src/cli/pgn.js'

async function* pieces(text: string | Uint8Array, size: number): AsyncGenerator<string | Uint8Array> {
  for (let start = 0; start < text.length; start += size) yield text.slice(start, start + size)
}

const read = async (text: string | Uint8Array, size = 1 << 16): Promise<(PgnGame | BrokenPgn)[]> => {
  const games: (PgnGame | BrokenPgn)[] = []
  for await (const game of readPgn(pieces(text, size))) games.push(game)
  return games
}

/** The only game of a text, which must be whole. */
const only = async (text: string | Uint8Array): Promise<PgnGame> => {
  const games = await read(text)
  const [game] = games
  if (games.length !== 1 || !game || isBroken(game))
    throw new Error(`not one whole game: ${JSON.stringify(games)}`)
  return game
}

const ann = '[Event "Club"]\n[White "ann"]\n[Black "bob"]\n[Result "1-0"]\n\n'

describe('what is dropped from the moves', () => {
  it.each([
    ['numbers', '1. e4 e5 2.Nf3 2...Nc6 3 . Bb5 … 1-0'],
    ['comments', '1. e4 {the best (by test) ; [%clk 0:01]} e5 {[%clk 0:02:03]}Nf3{}Nc6 Bb5 1-0'],
    ['comments over several lines', '1. e4 {a\n[Site "not a tag"]\n% not an escape } e5 Nf3 Nc6 Bb5 1-0'],
    ['comments to the end of the line', '1. e4 e5 ; 2. f4 { (\n2. Nf3 Nc6 Bb5 1-0'],
    ['variations, nested ones too', '1. e4 (1. d4 d5 (1... Nf6 2. c4) 2. c4 *) e5 Nf3 (f4 {)}) Nc6 Bb5 1-0'],
    ['glyphs and suffixes', '1. e4! $1 e5!? $14 2. Nf3?! Nc6?? 3. Bb5!! $255 1-0'],
    ['escaped lines', '1. e4 e5\n% 1. d4 { (\nNf3 Nc6 Bb5 1-0'],
    ['line ends of Windows', '1. e4 e5\r\nNf3 Nc6\r\nBb5 1-0\r\n'],
    ['tabs and empty lines', '1.\te4\te5\n\n\n2.\tNf3 Nc6\n \nBb5\n\n1-0'],
  ])('%s', async (_, text) => {
    const game = await only(ann + text)
    expect(game.moves).toEqual(['e4', 'e5', 'Nf3', 'Nc6', 'Bb5'])
    expect(game.result).toBe('1-0')
  })
})

it('every way of writing a move is kept as it was written', async () => {
  const moves = ['O-O', '0-0-0+', 'exd8=Q#', 'e8N', 'R1a3', 'Qa1xb2+', 'Ng1-f3', 'e7e8q', 'bxc6', '--']
  expect((await only(`${moves.join(' ')} *`)).moves).toEqual(moves)
})

it.each(['1-0', '0-1', '1/2-1/2', '*'])('the result %s ends a game', async (result) => {
  expect(await only(`${ann}1. e4 ${result}`)).toMatchObject({ moves: ['e4'], result })
})

describe('tags', () => {
  it.each([
    ['escaped quotes and backslashes', '[Event "The \\"Big\\" One \\\\ x"]', 'The "Big" One \\ x'],
    ['bare quotes', '[Event "The "Big" One"]', 'The "Big" One'],
    ['brackets and braces', '[Event "a [b] {c} ;d"]', 'a [b] {c} ;d'],
    ['odd spaces', '  [ Event   "x" ]  ', 'x'],
    ['nothing', '[Event ""]', ''],
    ['an umlaut', '[Event "Café Réti"]', 'Café Réti'],
    ['a control character', '[Event "Quadros,Andr\u0082"]', 'Quadros,Andr\u0082'],
    ['a byte order mark before it', '\uFEFF[Event "x"]', 'x'],
  ])('with %s', async (_, text, value) => {
    expect((await only(`${text}\n\n1. e4 *`)).tags).toEqual({ Event: value })
  })

  it('in ISO 8859-1 are read as that, while other lines are UTF-8', async () => {
    const text = Buffer.concat([
      Buffer.from('[White "Réti"]\n'),
      Buffer.from('[Black "Grünfeld"]\n', 'latin1'),
      Buffer.from('\n1. e4 *\n'),
    ])
    expect((await only(text)).tags).toEqual({ White: 'Réti', Black: 'Grünfeld' })
  })

  it('named like what every object has are plain tags', async () => {
    const { tags } = await only('[constructor "x"]\n[__proto__ "y"]\n\n1. e4 *')
    expect(Object.entries(tags)).toEqual([
      ['constructor', 'x'],
      ['__proto__', 'y'],
    ])
  })
})

describe('games are told apart', () => {
  it('without an empty line between', async () => {
    const games = await read('[White "a"]\n1. e4 1-0\n[White "b"]\n1. d4 0-1\n[White "c"]\n1. c4 *')
    expect(games).toMatchObject([
      { index: 0, line: 1, tags: { White: 'a' }, moves: ['e4'], result: '1-0' },
      { index: 1, line: 3, tags: { White: 'b' }, moves: ['d4'], result: '0-1' },
      { index: 2, line: 5, tags: { White: 'c' }, moves: ['c4'], result: '*' },
    ])
  })

  it('without a result', async () => {
    const games = await read(`${ann}1. e4\n\n${ann}1. d4 1-0`)
    expect(games).toMatchObject([
      { moves: ['e4'], result: undefined },
      { line: 8, moves: ['d4'], result: '1-0' },
    ])
  })

  it('without moves', async () => {
    const games = await read(`${ann}${ann}1. d4 1-0`)
    expect(games).toMatchObject([{ moves: [], result: undefined }, { moves: ['d4'] }])
  })

  it('without tags', async () => {
    expect(await read('1. e4 1-0 1. d4 0-1')).toMatchObject([{ moves: ['e4'] }, { moves: ['d4'] }])
  })

  it('with comments between them', async () => {
    expect(
      await read('; a file\n{of\ngames}\n1. e4 1-0 {Black resigns} (really)\n\n1. d4 0-1\n\n'),
    ).toMatchObject([
      { line: 4, moves: ['e4'] },
      { line: 6, moves: ['d4'] },
    ])
  })

  it('of which there are none in an empty file', async () => {
    expect(await read('')).toEqual([])
    expect(await read('\n\n; nothing\n')).toEqual([])
  })
})

it('the pieces that a file is read in make no difference', async () => {
  const text = `\uFEFF${ann}1. e4 {Grüße} e5\r\n(1... c5)\r\n1-0\r\n\r\n${ann}1. d4 1-0`
  const whole = await read(Buffer.from(text))
  expect(whole).toHaveLength(2)
  for (const size of [1, 2, 3, 7, 64]) expect(await read(Buffer.from(text), size)).toEqual(whole)
})

describe('a broken game is named, and the next is read', () => {
  it.each([
    ['a word that is no move', '1. e4 banana e5 1-0', '"banana" is not a move (line 6)'],
    ['a variation that is not closed', '1. e4 (1. d4 d5\n2. c4 1-0', 'a variation is never closed (line 8)'],
    ['a variation that never began', '1. e4) e5 1-0', 'a variation is closed that never began (line 6)'],
    ['a comment that is not closed', '1. e4 {well\n1-0', 'a comment is never closed (line 8)'],
    ['a tag without an end', '[Site "x\n1. e4 1-0', '[Site "x is not a tag (line 6)'],
    [
      'more than a megabyte',
      `1. e4 ${'{a long story} '.repeat(80_000)} e5 1-0`,
      'its text is longer than 1048576 bytes (line 6)',
    ],
  ])('%s', async (_, text, reason) => {
    const [broken, next, ...more] = await read(`${ann}${text}\n${ann}1. d4 1-0`)
    expect(broken).toEqual({ index: 0, line: 1, reason })
    expect(next).toMatchObject({ index: 1, moves: ['d4'], result: '1-0' })
    expect(more).toEqual([])
  })

  it('a broken tag of a game without moves', async () => {
    expect(await read(`[Event "x"]\n[Site "y\n\n${ann}1. d4 1-0`)).toMatchObject([
      { line: 1, reason: '[Site "y is not a tag (line 2)' },
      { line: 4, moves: ['d4'] },
    ])
  })

  it.each(['1', '#', '(', '[', '"', '[a "', ' .', 'O-O', '1-'])(
    'a megabyte of %j, in little time',
    async (text) => {
      const games = await read(`${ann}1. e4 ${text.repeat(1_000_000 / text.length)}\n${ann}1. d4 1-0`)
      expect(games.at(-1)).toMatchObject({ moves: ['d4'], result: '1-0' })
    },
    5_000,
  )

  it('a comment that is not closed in the last game', async () => {
    expect(await read(`${ann}1. e4 {well 1-0`)).toMatchObject([
      { reason: 'a comment is never closed (line 6)' },
    ])
  })

  it('a file that is nothing of the kind', async () => {
    const noise = Buffer.from(Array.from({ length: 5000 }, (_, at) => (at * 7919) % 256))
    expect((await read(noise)).every((game) => isBroken(game) || game.moves.length < 5)).toBe(true)
  })
})

async function* endless(): AsyncGenerator<Uint8Array> {
  const piece = Buffer.from('e4 e5 '.repeat(10_000))
  for (let times = 0; times < 100; times += 1) yield piece
}

it('a file without line ends is read in little memory', async () => {
  const games: unknown[] = []
  for await (const game of readPgn(endless())) games.push(game)
  expect(games).toEqual([{ index: 0, line: 1, reason: 'its text is longer than 1048576 bytes (line 1)' }])
})
