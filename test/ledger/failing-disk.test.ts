/** Whatever a ledger answered while its disk failed agrees with the log that is recovered afterwards. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join as path } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { isRight } from 'fp-ts/lib/Either.js'
import { fileJournal, LedgerFaultedError, memoryColdStore, type EventEnvelope, type Ledger } from 'gameledger'
import { faultyDisk, nodeDisk, type Disk } from 'gameledger/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { count, faultsOf, finish, open, receiptOf, sit, tagOf } from './opened.js'
import { tally } from './tally-game.js'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(path(tmpdir(), 'gameledger-failing-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

const small = { logFileBytesMax: 16 * 1024 }

/** A game with two events on the disk, whose disk fails at the next `on`. */
const openBeforeFailure = async (on: 'write' | 'sync', how: 'fail' | 'short' = 'fail') => {
  const disk = faultyDisk(nodeDisk())
  const archive = memoryColdStore()
  const ledger = await open({ journal: fileJournal(directory, { disk, ...small }), archive })
  const faults = faultsOf(ledger)
  const game = ledger.game(tally, 'a')
  await game.dispatch(sit('ann'), { commandId: 'first' })
  await game.dispatch(sit('bob'))
  disk.inject({ on, nth: 1, how, isDeadAfter: true })
  return { ledger, game, archive, faults }
}

const eventsOf = async (ledger: Ledger): Promise<EventEnvelope[]> => {
  const events: EventEnvelope[] = []
  const { position } = ledger.stats()
  if (position > 0)
    for await (const envelope of ledger.eventsFrom(0)) {
      events.push(envelope)
      if (envelope.position === position) break
    }
  return events
}

describe.each(['write', 'sync'] as const)('a disk that fails at a %s', (on) => {
  test('answers of every kind that have read what is lost are Unavailable', async () => {
    const { ledger, game, archive, faults } = await openBeforeFailure(on)
    const published: number[] = []
    ledger.events$.subscribe(({ position }) => published.push(position))
    const answers = await Promise.all([
      game.dispatch(sit('cyd'), { commandId: 'lost' }),
      game.dispatch(sit('cyd')), // refused, because of what is lost
      game.dispatch(sit('cyd'), { commandId: 'lost' }), // a duplicate of what is lost
      game.dispatch({ type: 'Idle' }), // an empty success at a version that is lost
      game.dispatch(sit('dan'), { expectedVersion: 2 }), // a conflict with what is lost
      game.dispatch(finish),
      game.dispatch(sit('dan')), // over, because of what is lost
    ])
    expect(answers.map(tagOf)).toEqual(Array(7).fill('Unavailable'))
    expect(answers[0]).toMatchObject({ left: { code: 'journal-failed', cause: { code: 'EIO' } } })
    expect(published).toEqual([])
    expect(game.version).toBe(2)
    expect(game.state?.players).toEqual(['ann', 'bob'])
    expect(faults.map(({ code }) => code)).toEqual(['journal-failed'])
    expect(tagOf(await game.dispatch(sit('eve')))).toBe('Unavailable')
    await expect(ledger.settled()).rejects.toThrow(LedgerFaultedError)
    await ledger.close()

    const reopened = await open({ journal: fileJournal(directory, small), archive })
    const kept = reopened.game(tally, 'a')
    expect(kept.version).toBeGreaterThanOrEqual(2)
    expect((await eventsOf(reopened)).slice(0, 2)).toMatchObject([
      { version: 1, event: sat('ann') },
      { version: 2, event: sat('bob') },
    ])
    const retried = receiptOf(await kept.dispatch(sit('ann'), { commandId: 'first' }))
    expect(retried).toMatchObject({ duplicate: true, version: 1, position: 1 })
    await reopened.close()
  })

  test('answers that have read only what is safe are given as they are', async () => {
    const { ledger, game } = await openBeforeFailure(on)
    const other = ledger.game(tally, 'b')
    const [lost, refused, duplicate, elsewhere] = await Promise.all([
      ledger.game(tally, 'c').dispatch(sit('ann')),
      game.dispatch(sit('ann')),
      game.dispatch(sit('zoe'), { commandId: 'first' }),
      other.dispatch(finish),
    ])
    expect([lost, refused, duplicate, elsewhere].map(tagOf)).toEqual([
      'Unavailable',
      'Rejected',
      'Accepted',
      'Rejected',
    ])
    await ledger.close()
  })
})

const sat = (player: string) => ({ type: 'Sat', player })

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'what was acknowledged before the disk died at its change no. %i is all there, in order, and what was not may be',
  async (nth) => {
    const disk = faultyDisk(nodeDisk())
    const archive = memoryColdStore()
    const ledger = await open({
      journal: fileJournal(directory, { disk, ...small }),
      archive,
      batchGamesMax: 1,
    })
    disk.inject({ on: 'change', nth, isDeadAfter: true })
    const acknowledged: { stream: string; version: number; position: number }[] = []
    const wish = async (id: string, command: Parameters<typeof count>): Promise<boolean> => {
      const answer = await ledger.game(tally, id).dispatch(count(...command))
      if (isRight(answer) && answer.right.events.length > 0)
        acknowledged.push({ stream: id, version: answer.right.version, position: answer.right.position })
      return isRight(answer)
    }
    for (let round = 0, isUp = true; isUp && round < 30; round++) {
      const ids = ['a', 'b', 'c'].map((id) => `${id}${Math.floor(round / 3)}`)
      const seated = await Promise.all(ids.map((id) => ledger.game(tally, id).dispatch(sit('ann'))))
      const counted = await Promise.all(ids.map((id) => wish(id, ['ann', round, round])))
      if (round % 3 === 2) await ledger.game(tally, ids[0]!).dispatch(finish)
      isUp = counted.every(Boolean) && !seated.some((one) => tagOf(one) === 'Unavailable')
    }
    await ledger.close()
    expect(tagOf(await ledger.game(tally, 'z').dispatch(sit('ann')))).toBe('Unavailable')

    const reopened = await open({ journal: fileJournal(directory, small), archive })
    await reopened.settled()
    const events = await eventsOf(reopened)
    expect(events.map(({ position }) => position)).toEqual(events.map((_, index) => index + 1))
    for (const { stream, version, position } of acknowledged)
      expect(events[position - 1]).toMatchObject({ gameId: stream, version, position })
    const next = receiptOf(await reopened.game(tally, 'new').dispatch(sit('ann')))
    expect(next.position).toBe(events.length + 1)
    await reopened.close()
  },
)

test('a write that was cut short leaves no half of a command', async () => {
  const { ledger, game, archive } = await openBeforeFailure('write', 'short')
  const [answer] = await Promise.all([game.dispatch(count('ann', 1, 2, 3)), game.dispatch(sit('cyd'))])
  await ledger.close()
  const reopened = await open({ journal: fileJournal(directory, small), archive })
  const { version } = reopened.game(tally, 'a')
  if (isRight(answer)) expect(version).toBeGreaterThanOrEqual(6)
  else expect([2, 6, 7]).toContain(version)
  await reopened.close()
})

test('what failed before anybody could listen is told to the first who does, and to nobody else', async () => {
  const disk = nodeDisk()
  const withoutSpare: Disk = {
    ...disk,
    open: async (file, mode) => {
      if (file.endsWith('log-00000002.log')) throw Object.assign(new Error('EIO: no spare'), { code: 'EIO' })
      return disk.open(file, mode)
    },
  }
  const ledger = await open({ journal: fileJournal(directory, { disk: withoutSpare, ...small }) })
  const isUp = async () => tagOf(await ledger.game(tally, 'a').dispatch({ type: 'Idle' })) !== 'Unavailable'
  while (await isUp()) await nextTurn()
  expect(faultsOf(ledger).map(({ code }) => code)).toEqual(['journal-failed'])
  expect(faultsOf(ledger)).toEqual([])
  await ledger.close()
})
