/** `gameledger explain` from outside: one code, all codes, and codes that there are not. */
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { run } from './command.js'
import { keepHealthyLedger, place } from './healthy-ledger.js'

keepHealthyLedger()

describe('explain', () => {
  test('says of a code what it is and what to do', async () => {
    const { exit, stdout } = await run('explain', 'data-dir-locked')
    expect(exit).toBe(0)
    expect(stdout).toMatch(/^data-dir-locked\n\nAnother process [^]*\nWhy: [^]*\nWhat to do: [^]*\.\n$/)
    expect(stdout.split('\n').filter((line) => line.length > 100 || line.includes('`'))).toEqual([])
    expect(JSON.parse((await run('explain', 'ENOENT', '--json')).stdout)).toMatchObject({
      codes: ['EISDIR', 'ENOENT'],
      advice: expect.stringMatching(/path/),
    })
  })

  test('lists all codes, each with its first sentence', async () => {
    const { exit, stdout } = await run('explain')
    expect(exit).toBe(0)
    const [head, ...lines] = stdout.trimEnd().split('\n')
    expect(head).toMatch(/^code +what has happened$/)
    expect(lines.length).toBeGreaterThan(50)
    expect(lines.filter((line) => !/^\S+ {2,}[A-Za-z].*\.$/.test(line) || line.endsWith('...'))).toEqual([])
    const listed = JSON.parse((await run('explain', '--json')).stdout) as { codes: string[] }[]
    expect(listed.flatMap(({ codes }) => codes)).toHaveLength(lines.length)
  })

  test('names those near to a code that there is not', async () => {
    const { exit, stdout, stderr } = await run('explain', 'corupt-log')
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' })
    expect(stderr).toMatch(
      /^error no-such-code: .*corupt-log\.\n {2}Perhaps: corrupt-log\. List all codes: gameledger explain\n$/,
    )
  })

  test('has an entry for every code that the commands end with here', async () => {
    const endings: readonly (readonly string[])[] = [
      ['games', '--data', join(place.folder, 'nowhere')],
      ['replay', 'nope', '--data', place.healthy],
      ['player', 'nobody', '--data', place.healthy],
      ['leaderboard', 'nope', '--data', place.healthy],
      ['games', '--games', './nope.js', '--data', place.healthy],
      ['import', join(place.folder, 'no.pgn'), '--data', place.healthy],
      ['explain', 'nope'],
    ]
    for (const args of endings) {
      const { stderr } = await run(...args)
      const code = /^error (\S+): /m.exec(stderr)?.[1] ?? stderr
      expect((await run('explain', code)).stdout.startsWith(code) || code === 'ENOENT', code).toBe(true)
    }
  })
})
