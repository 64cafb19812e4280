/** What the demonstration shows fits the terminal, whatever its size, and says what was seen. */
import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { frameLines, plainLine, type Moment } from '../../src/cli/demo/demo-frame.js'
import { textWidth } from '../../src/cli/text-width.js'

const row = (player: string, rank: number, score: number): Moment['leaders'][number] => ({
  ...{ rank, player, score, tied: false, games: 40, attempts: 40, lastPlayedAt: 1, best: score },
  ...({ position: 1 } as object),
})

const moment: Moment = {
  title: 'Liap between bots, 60 times as fast',
  seconds: 75,
  ...{ going: 24, rooms: 24, over: 17, games: 72 },
  ...{ commandsPerSecond: 1_811.6, answerP50Ms: 2.5, answerP99Ms: 63 },
  ...{ archived: 1, waiting: 3, lag: 0 },
  leaders: [row('Ada', 1, 9), row('Grace', 2, 7), row('Alan', 3, 5), row('Noor', 3, 5)],
  ranksBefore: new Map([
    ['Ada', 4],
    ['Grace', 1],
    ['Alan', 3],
  ]),
  board: { title: 'liap/g1 in room ABC234', text: 'Round 1 of 4: Ada plays\n\n   player\n > Ada' },
}

const shown = (seen: Moment, columns: number, rows: number): string =>
  stripVTControlCharacters(frameLines(seen, columns, rows).join('\n'))

test('a frame says what was seen, with the changes of rank', () => {
  expect(shown(moment, 79, 24)).toBe(
    `gameledger demo   Liap between bots, 60 times as fast                      1:15
games      24 going on in 24 rooms, 17 of 72 over
commands   1 812 a second; half are answered in 2.5 ms, 99 of 100 in 63 ms
archive    1 game, 3 waiting; views are 0 events behind

rank      player        wins games     rank      player        wins games
   1  ▲3  Ada              9    40
   2  ▼1  Grace            7    40
   3      Alan             5    40
   3      Noor             5    40


liap/g1 in room ABC234
Round 1 of 4: Ada plays
   player
 > Ada`,
  )
  expect(plainLine(moment)).toBe(
    'demo: 1:15, 24 games going on, 17 of 72 over, 1 archived, 3 waiting, 1 812 commands/s, views 0 behind, leader Ada with 9 wins',
  )
})

test('it fits, whatever the size of the terminal and the names', () => {
  const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(fc.array(name, { maxLength: 30 }), fc.nat(200), fc.nat(60), (names, more, rows) => {
      const columns = 40 + more
      const leaders = names.map((player, at) => row(player, at + 1, 1_000_000 + at))
      const text = Array.from({ length: 30 }, () => 'x'.repeat(300)).join('\n')
      const lines = frameLines({ ...moment, leaders, board: { title: text, text } }, columns, rows + 1)
      expect(lines.length).toBeLessThanOrEqual(rows + 1)
      for (const line of lines) {
        expect(line).not.toContain('\n')
        expect(textWidth(stripVTControlCharacters(line))).toBeLessThanOrEqual(columns)
      }
    }),
    { numRuns: 50 },
  )
})
