/** Games that the journal carried as a whole are left asleep when the ledger is opened; whoever asks for one finds it. */
import { isRight } from 'fp-ts/lib/Either.js'
import { fileJournal, memoryColdStore, type ColdStore } from 'gameledger'
import { simulatedDisk, type SimulatedDisk } from 'gameledger/testing'
import { beforeEach, describe, expect, test } from 'vitest'
import { count, finish, open, receiptOf, sit, tagOf, type Opened, type Options } from './opened.js'
import { tally } from './tally-game.js'

const journalOn = (on: SimulatedDisk) =>
  fileJournal('/journal', { disk: on, lock: on.lock, logFileBytesMax: 2_048 })

/** Ends game after game, until what lasts among them has been carried. */
const churn = async (ledger: Opened, games: number, prefix = 'short'): Promise<void> => {
  for (let n = 1; n <= games; n++) {
    const game = ledger.game(tally, `${prefix}${n}`)
    await game.dispatch(sit('zoe'))
    await game.dispatch(count('zoe', 1, 2, 3, 4, 5, 6, 7, 8, 9))
    await game.dispatch(finish)
    await ledger.settled()
  }
}

/** Two games that sleep, `old1` at version 4 and `old2` at version 1; none is in memory. */
const opened = async (options: Options = {}): Promise<Opened> => {
  const ledger = await open({ journal: journalOn(disk), archive, ...options })
  expect(ledger.stats().games).toMatchObject({ live: 0, asleep: 2 })
  return ledger
}

let disk: SimulatedDisk
let archive: ColdStore
beforeEach(async () => {
  disk = simulatedDisk(1, { shortWritesPerMille: 0 })
  archive = memoryColdStore()
  const ledger = await open({ journal: journalOn(disk), archive })
  await ledger.game(tally, 'old1').dispatch(sit('ann'), { commandId: 'first' })
  await ledger.game(tally, 'old1').dispatch(count('ann', 5, 6))
  await ledger.game(tally, 'old2').dispatch(sit('bob'))
  await churn(ledger, 30)
  await ledger.close()
})

test('it is listed with its version and players, and is not in memory', async () => {
  const ledger = await opened()
  expect(ledger.liveGames()).toEqual([
    { kind: 'tally', gameId: 'old1', version: 4, players: ['ann'], final: false },
    { kind: 'tally', gameId: 'old2', version: 1, players: ['bob'], final: false },
  ])
  const game = ledger.game(tally, 'old1')
  expect([game.state, game.version]).toEqual([undefined, undefined])
  expect((await ledger.views.players.gamesOf('ann')).games).toMatchObject([{ gameId: 'old1', version: 4 }])
  await ledger.close()
})

test('reading it leaves it asleep', async () => {
  const ledger = await opened()
  const game = ledger.game(tally, 'old1')
  const loaded = await game.load()
  expect(isRight(loaded) && loaded.right).toMatchObject({ version: 4, final: false })
  expect(isRight(loaded) && loaded.right.state.totals).toEqual({ ann: { score: 11 } })
  const versions: number[] = []
  for await (const { version } of game.events()) versions.push(version)
  expect(versions).toEqual([1, 2, 3, 4])
  const replay = await ledger.replay(tally, 'old1', { toVersion: 1 })
  expect(isRight(replay) && replay.right.state.players).toEqual(['ann'])
  expect(ledger.stats().games).toMatchObject({ live: 0, asleep: 2 })
  await ledger.close()
})

test('a command wakes it, and goes on from its version; commands meanwhile are decided in call order', async () => {
  const ledger = await opened()
  const game = ledger.game(tally, 'old1')
  const answers = await Promise.all([
    game.dispatch(count('ann', 7), { expectedVersion: 4 }),
    game.dispatch(sit('cyd'), { expectedVersion: 4 }),
    game.dispatch(sit('cyd'), { expectedVersion: 6 }),
  ])
  expect(answers.map(tagOf)).toEqual(['Accepted', 'VersionConflict', 'Accepted'])
  expect(ledger.stats().games).toMatchObject({ live: 1, asleep: 1 })
  expect(game.state?.totals).toEqual({ ann: { score: 18 }, cyd: { score: 0 } })
  await ledger.close()
  const again = await open({ journal: journalOn(disk), archive })
  expect(again.stats().games).toMatchObject({ live: 1, asleep: 1 })
  expect(again.game(tally, 'old1').version).toBe(7)
  await again.close()
})

test('a command that it has recorded long ago gets its first receipt', async () => {
  const ledger = await opened()
  const receipt = receiptOf(await ledger.game(tally, 'old1').dispatch(sit('ann'), { commandId: 'first' }))
  expect(receipt).toMatchObject({ version: 1, duplicate: true })
  await ledger.close()
})

test('it ends, is archived, and is found there alone', async () => {
  const ledger = await opened()
  receiptOf(await ledger.game(tally, 'old1').dispatch(finish))
  await ledger.settled()
  expect(await ledger.archive.has('tally/old1')).toBe(true)
  expect(ledger.stats().games).toMatchObject({ live: 0, asleep: 1 })
  await churn(ledger, 20, 'more')
  await ledger.close()
  const again = await open({ journal: journalOn(disk), archive })
  expect(again.liveGames().map(({ gameId }) => gameId)).toEqual(['old2'])
  const report = await again.archive.verify({ deep: true })
  expect(report.ok).toBe(true)
  await again.close()
})

test('a reader of everything meets it in its place', async () => {
  const ledger = await opened()
  const end = new AbortController()
  const found: string[] = []
  for await (const { gameId, version, position } of ledger.eventsFrom(0, { signal: end.signal })) {
    if (gameId.startsWith('old')) found.push(`${gameId} ${version}`)
    if (position === ledger.stats().position) break
  }
  expect(found).toEqual(['old1 1', 'old1 2', 'old1 3', 'old1 4', 'old2 1'])
  await ledger.close()
})

test('it is not woken where memory is full: the command is refused, and loses nothing', async () => {
  const ledger = await opened({ gamesLiveMax: 1 })
  await ledger.game(tally, 'new').dispatch(sit('dan'))
  const answer = await ledger.game(tally, 'old1').dispatch(sit('cyd'))
  expect(answer).toMatchObject({ left: { _tag: 'Overloaded', bound: 'gamesLiveMax' } })
  receiptOf(await ledger.game(tally, 'new').dispatch(finish))
  await ledger.settled()
  expect(receiptOf(await ledger.game(tally, 'old1').dispatch(sit('cyd'))).version).toBe(5)
  await ledger.close()
})

test('many that are woken at once do not pass the bound of memory', async () => {
  const ledger = await opened({ gamesLiveMax: 1 })
  const answers = await Promise.all(
    ['old1', 'old2', 'new'].map((id) => ledger.game(tally, id).dispatch(sit('cyd'))),
  )
  expect(answers.map(tagOf)).toEqual(['Accepted', 'Overloaded', 'Overloaded'])
  expect(ledger.stats().games).toMatchObject({ live: 1, asleep: 1 })
  await ledger.close()
})

describe('where its bytes cannot be read', () => {
  test('its commands are Unavailable with the cause, and all other games play on', async () => {
    const ledger = await opened()
    disk.failNext('read', 'EIO')
    const answer = await ledger.game(tally, 'old1').dispatch(sit('cyd'))
    expect(answer).toMatchObject({
      left: { _tag: 'Unavailable', code: 'journal-unreadable', cause: { code: 'EIO' } },
    })
    receiptOf(await ledger.game(tally, 'old2').dispatch(sit('cyd')))
    receiptOf(await ledger.game(tally, 'old1').dispatch(sit('cyd')))
    await ledger.close()
  })
})
