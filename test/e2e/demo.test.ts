/** The main job as people meet it: piped, on a terminal, interrupted, and killed. */
import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { textWidth } from '../../src/cli/text-width.js'
import { ended, inFolder, run, runJson, start } from './command.js'
import { framesOf, onTerminal, otherScreen } from './terminal.js'

/** As fast as the machine can. */
const fast = ['--speed', '1000'] as const

describe('piped', () => {
  test('says what was played, replays a game, checks the boards, and names three commands that work', () =>
    inFolder(async (data) => {
      const { stdout, stderr, exit } = await run('demo', '--games', '4', ...fast, '--data', data)
      expect(exit).toBe(0)
      expect(stdout).toMatch(
        /^4 games of liap in 2 rooms: [\d ]+ events in [\d.]+ s, all of them archived\.$/m,
      )
      expect(stdout).toMatch(
        /^Replayed from the archive: liap\/demo-1-0-[12]~\d, \d+ events\nOver after round \d+$/m,
      )
      expect(stdout).toMatch(/^leaderboards checked against a full replay: identical \([\d ]+ events\)$/m)
      expect(stdout).not.toContain('\u001b')
      for (const line of stderr.trimEnd().split('\n').filter(Boolean))
        expect(line).toMatch(/^demo: \d+:\d\d, /)
      const named = Array.from(
        stdout.matchAll(/^ {2}npx gameledger (.*?)(?: {2}.*)?$/gm),
        ([, command = '']) => command.split(' '),
      )
      expect(named).toHaveLength(3)
      for (const command of named.slice(0, 2))
        expect(await run(...command)).toMatchObject({ exit: 0, stderr: '' })
      expect(named[2]).toEqual(['demo', '--crash'])
      const [, , as = ''] = named[0]!
      expect(as).toBe('--as')
      const seen = await runJson<{ events: { event: { hands?: { player: string }[] } }[] }>(...named[0]!)
      const hands = seen.events.flatMap(({ event }) => event.hands ?? [])
      expect(new Set(hands.map(({ player }) => player))).toEqual(new Set([named[0]![3]]))
      // Again on the same ledger: other games.
      expect(await runJson('demo', '--games', '1', ...fast, '--data', data)).toMatchObject({
        ...{ games: 1, rooms: 1, archived: 5, identical: true, differing: [] },
      })
    }))

  test('tells a line a second at most', async () => {
    const { stderr, exit } = await run('demo', '--games', '2', '--speed', '150')
    const lines = stderr.trimEnd().split('\n')
    const seconds = lines.map((line) => line.split(',')[0])
    expect({ exit, isDoubled: seconds.length > new Set(seconds).size + 1 }).toEqual({
      exit: 0,
      isDoubled: false,
    })
    expect(lines.at(-1)).toMatch(
      /games? going on, \d of 2 over, \d+ archived, \d+ waiting, [\d ]+ commands\/s, views \d+ behind/,
    )
  })

  test('in real time bots think for half a second and more', async () => {
    const child = start(['demo', '--games', '2', '--real-time'])
    const end = ended(child)
    await new Promise((resolve) => setTimeout(resolve, 6_000))
    child.kill('SIGINT')
    const { stderr, exit } = await end
    expect(exit).toBe(130)
    expect(stderr).toContain('Interrupted; its ledger is removed.')
    const rates = Array.from(stderr.matchAll(/(\d+) commands\/s/g), ([, rate]) => Number(rate))
    expect(rates.length).toBeGreaterThan(1)
    // One room: one bot at a time, beside what makes the room.
    expect(Math.max(...rates)).toBeLessThanOrEqual(6)
  })
})

describe('on a terminal', () => {
  const size = { rows: 24, columns: 80 }

  test('frames fit, are drawn one over the other, and the terminal is given back', () =>
    inFolder(async (folder) => {
      const { text, exit } = await onTerminal(['demo', '--games', '20', '--speed', '80'], { ...size, folder })
      expect(exit).toBe(0)
      const frames = framesOf(text)
      expect(frames.length).toBeGreaterThan(5)
      for (const frame of frames) {
        expect(frame.length).toBeLessThanOrEqual(size.rows)
        for (const line of frame) expect(textWidth(line)).toBeLessThanOrEqual(size.columns)
      }
      const all = frames.map((frame) => frame.join('\n'))
      expect(all.some((frame) => /^games {6}\d+ going on in 10 rooms, \d+ of 20 over$/m.test(frame))).toBe(
        true,
      )
      expect(all.some((frame) => /[▲▼]\d/.test(frame))).toBe(true)
      expect(all.some((frame) => / in room [A-Z2-9]{6}, as a spectator sees it\nRound \d/.test(frame))).toBe(
        true,
      )
      expect(all.some((frame) => frame.includes('8 pieces'))).toBe(true)
      // Nothing is cleared as a whole: that would flicker.
      expect(text).not.toContain('\u001b[2J')
      expect(text).toContain('\u001b[32m')
      const after = text.slice(text.indexOf(otherScreen.leave) + otherScreen.leave.length)
      expect(after).toContain('leaderboards checked against a full replay: identical')
      expect(after).not.toContain('\u001b[?')
    }))

  test('NO_COLOR leaves the screen, and no colour', () =>
    inFolder(async (folder) => {
      const env = { NO_COLOR: '1' }
      const { text, exit } = await onTerminal(['demo', '--games', '2', ...fast], { ...size, env, folder })
      expect({ exit, hasFrames: framesOf(text).length > 0 }).toEqual({ exit: 0, hasFrames: true })
      // eslint-disable-next-line no-control-regex -- styles are what must not be there
      expect(text).not.toMatch(/\u001b\[[\d;]*m/)
    }))

  test('Ctrl-C gives the terminal back, keeps what was played, and ends with 130', () =>
    inFolder(async (folder) => {
      const data = `${folder}/data`
      let isSent = false
      const { text, exit } = await onTerminal(['demo', '--data', data], {
        ...{ ...size, folder },
        watch: (drawn, pid) => {
          if (isSent || !/[1-9] of 72 over/.test(drawn)) return
          isSent = true
          void pid().then((child) => process.kill(child, 'SIGINT'))
        },
      })
      expect(exit).toBe(130)
      expect(text.endsWith(`See the games: gameledger games --data ${data}\r\n`)).toBe(true)
      expect(text.split(otherScreen.enter)).toHaveLength(2)
      expect(text.split(otherScreen.leave)).toHaveLength(2)
      expect(await runJson('verify', '--data', data)).toMatchObject({ ok: true })
    }))

  test('so does an error: the journal fails, for its files take nothing more', () =>
    inFolder(async (folder) => {
      let isLimited = false
      const { text, exit } = await onTerminal(['demo', '--data', `${folder}/data`], {
        ...{ ...size, folder },
        watch: (drawn, pid) => {
          if (isLimited || !/[1-9] of 72 over/.test(drawn)) return
          isLimited = true
          void pid().then((child) => execFileSync('prlimit', ['--pid', String(child), '--fsize=1:']))
        },
      })
      expect(exit).toBe(74)
      expect(text.split(otherScreen.leave)).toHaveLength(2)
      expect(text.slice(text.indexOf(otherScreen.leave))).toMatch(/error journal-failed: .*EFBIG/s)
    }))
})

test('nothing that was acknowledged is lost when it is killed', async () => {
  const { lost, acknowledged, games } = await runJson<{ lost: number; acknowledged: number; games: number }>(
    ...['demo', '--crash', '--seed', '3'],
  )
  expect(acknowledged).toBeGreaterThan(500)
  expect(games).toBeGreaterThan(16)
  expect(lost).toBe(0)
})
