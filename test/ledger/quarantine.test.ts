/** A ledger after its journal was repaired: a game that was set aside stays aside, the others play on. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join as path } from 'node:path'
import { isLeft } from 'fp-ts/lib/Either.js'
import {
  CheckpointLostError,
  CorruptLogError,
  fileCheckpointStore,
  fileJournal,
  GameQuarantinedError,
  memoryColdStore,
  messageOf,
  playerIndex,
  repairJournal,
  type ColdStore,
} from 'gameledger'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { count, finish, open, receiptOf, sit } from './opened.js'
import { tally } from './tally-game.js'

let root: string
let archive: ColdStore
beforeEach(async () => {
  root = await mkdtemp(path(tmpdir(), 'gameledger-quarantine-'))
  archive = memoryColdStore()
})
afterEach(() => rm(root, { recursive: true, force: true }))

const openHere = () =>
  open({
    journal: fileJournal(path(root, 'journal'), { logFileBytesMax: 16 * 1024 }),
    archive,
    checkpoints: fileCheckpointStore(path(root, 'projections')),
    players: playerIndex(),
    batchGamesMax: 1,
  })

/** Two games that last and one that is over; a byte of an event of `tally/a` is damaged. */
const damage = async (): Promise<void> => {
  const ledger = await openHere()
  for (const player of ['ann', 'bob'])
    for (const id of ['a', 'b', 'done']) receiptOf(await ledger.game(tally, id).dispatch(sit(player)))
  receiptOf(await ledger.game(tally, 'a').dispatch(count('ann', 41)))
  receiptOf(await ledger.game(tally, 'done').dispatch(finish))
  await ledger.settled()
  await ledger.close()
  const directory = path(root, 'journal')
  for (const name of await readdir(directory)) {
    const bytes = await readFile(path(directory, name))
    const at = bytes.indexOf('"amounts":[41]')
    if (at < 0) continue
    bytes[at + 12]! ^= 1
    await writeFile(path(directory, name), bytes)
  }
}

const repaired = async () => {
  await damage()
  await expect(openHere()).rejects.toMatchObject({ code: 'corrupt-log', streams: ['tally/a'], possibly: [] })
  const report = await repairJournal(path(root, 'journal'))
  expect(report).toMatchObject({ isRepaired: true, affected: ['tally/a'], possibly: [], eventsSetAside: 2 })
  return openHere()
}

test('commands to it are refused, and say what to do', async () => {
  const ledger = await repaired()
  const answer = await ledger.game(tally, 'a').dispatch(sit('cyd'))
  expect(answer).toMatchObject({ left: { _tag: 'Unavailable', code: 'game-quarantined' } })
  if (isLeft(answer)) expect(messageOf(answer.left)).toMatch(/quarantine.*begin another game under a new id/)
  await ledger.close()
  const again = await openHere()
  expect(await again.game(tally, 'a').dispatch(sit('cyd'))).toMatchObject({
    left: { code: 'game-quarantined' },
  })
  await again.close()
})

test('reading it says so, in every way to read', async () => {
  const ledger = await repaired()
  const game = ledger.game(tally, 'a')
  expect([game.state, game.version]).toEqual([undefined, undefined])
  expect(await game.load()).toMatchObject({ left: { _tag: 'Quarantined', stream: 'tally/a' } })
  expect(await ledger.replay(tally, 'a')).toMatchObject({ left: { _tag: 'Quarantined' } })
  await expect(game.events()[Symbol.asyncIterator]().next()).rejects.toThrow(GameQuarantinedError)
  expect(ledger.liveGames().map(({ gameId }) => gameId)).toEqual(['b'])
  await ledger.close()
})

test('other games play on, and archived ones are there', async () => {
  const ledger = await repaired()
  const next = receiptOf(await ledger.game(tally, 'b').dispatch(count('bob', 1)))
  expect(next.version).toBe(4)
  receiptOf(await ledger.game(tally, 'new').dispatch(sit('ann')))
  expect(await ledger.game(tally, 'done').load()).toMatchObject({ right: { final: true } })
  expect(await ledger.verify({ deep: true })).toMatchObject({ ok: true, problems: [] })
  await ledger.close()
})

test('read models are built anew without what was set aside', async () => {
  const ledger = await repaired()
  const { games } = await ledger.views.players.gamesOf('ann')
  expect(games.map(({ gameId }) => gameId).sort()).toEqual(['b', 'done'])
  await ledger.close()
})

test('whoever follows from a checkpoint of before the repair learns it', async () => {
  const ledger = await repaired()
  const firstFrom = (checkpoint: number) => ledger.eventsFrom(checkpoint)[Symbol.asyncIterator]().next()
  for (const checkpoint of [1, 4, 7, 10])
    await expect(firstFrom(checkpoint)).rejects.toThrow(CheckpointLostError)
  const positions: number[] = []
  const { position } = receiptOf(await ledger.game(tally, 'b').dispatch(count('bob', 1)))
  for await (const event of ledger.eventsFrom(0)) {
    expect(event.gameId).not.toBe('a')
    positions.push(event.position)
    if (event.position >= position) break
  }
  expect(positions).toHaveLength(2 + 3 + 2)
  const beyond = receiptOf(await ledger.game(tally, 'b').dispatch(count('bob', 2)))
  expect((await firstFrom(position)).value).toMatchObject({ position: beyond.position - 1 })
  await ledger.close()
})

test('a game that is damaged in the journal and whole in the archive stays archived', async () => {
  await damage()
  await repairJournal(path(root, 'journal'), { isArchived: () => true })
  const ledger = await openHere()
  expect(await ledger.game(tally, 'done').load()).toMatchObject({ right: { final: true } })
  await ledger.close()
})

test('a journal that is damaged tells so by an error of its own', async () => {
  await damage()
  await expect(openHere()).rejects.toThrow(CorruptLogError)
})
