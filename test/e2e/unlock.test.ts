/** `gameledger unlock` from outside: on a lock that is really held, left behind, or out of sight. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { run } from './command.js'
import { copyOfHealthy, keepHealthyLedger, lockedBy, place, whileHeld } from './healthy-ledger.js'

keepHealthyLedger()

describe('unlock', () => {
  test('shows who has the directory, and takes nothing from who lives', async () => {
    const data = await copyOfHealthy()
    expect(await run('unlock', '--data', data)).toMatchObject({
      exit: 0,
      stdout: expect.stringMatching(/^free: /),
    })
    await whileHeld(data, async (pid) => {
      const shown = await run('unlock', '--data', data)
      expect(shown).toMatchObject({
        exit: 75,
        stdout: expect.stringMatching(new RegExp(`^held: .*pid ${pid} since`)),
      })
      const forced = await run('unlock', '--force', '--data', data)
      expect(forced).toMatchObject({ exit: 75, stdout: '' })
      expect(forced.stderr).toMatch(new RegExp(`^error data-dir-locked: .* pid ${pid} since`))
      expect(JSON.parse((await run('unlock', '--json', '--data', data)).stdout)).toMatchObject({
        state: 'held',
        holder: { pid },
        removed: false,
      })
      expect(existsSync(join(data, 'journal/LOCK'))).toBe(true)
    })
    const stale = await run('unlock', '--data', data)
    expect(stale).toMatchObject({
      exit: 0,
      stdout: expect.stringMatching(/^stale: pid .* no longer holds it\. Nothing is to be done/),
    })
    expect((await run('games', '--data', data)).exit).toBe(0)
  })

  test('takes the lock from a holder that cannot be seen, when it is told to', async () => {
    const data = await copyOfHealthy()
    await lockedBy(data, { host: 'old-container' })
    const refused = await run('games', '--data', data)
    expect(refused.exit).toBe(75)
    expect(refused.stderr).toMatch(
      /a\.js on old-container[^]*remove the file .*journal\/LOCK[^]*unlock --force --data/,
    )
    expect(await run('unlock', '--data', data)).toMatchObject({
      exit: 75,
      stdout: expect.stringMatching(/^unseen: .*old-container.*gameledger unlock --force --data \S+\n$/),
    })
    expect(existsSync(join(data, 'journal/LOCK'))).toBe(true)
    expect(await run('unlock', '--force', '--data', data)).toMatchObject({
      exit: 0,
      stdout: expect.stringMatching(/^removed: the lock of pid 7 /),
    })
    expect(existsSync(join(data, 'journal/LOCK'))).toBe(false)
    expect((await run('games', '--data', data)).exit).toBe(0)
  })

  test('says where there is nothing to unlock', async () => {
    const { exit, stderr } = await run('unlock', '--data', join(place.folder, 'nowhere'))
    expect(exit).toBe(66)
    expect(stderr).toMatch(/^error no-data: .*\n {2}Check --data\.\n$/)
  })
})
