/** Games and rooms that leave memory while the ledger runs, and come back as they were. */
import { isRight } from 'fp-ts/lib/Either.js'
import { fileJournal, memoryColdStore, memoryJournal, type ColdStore, type Journal } from 'gameledger'
import { manualClock, simulatedDisk, type ManualClock, type SimulatedDisk } from 'gameledger/testing'
import { beforeEach, describe, expect, test } from 'vitest'
import { count, finish, open, receiptOf, sit, tagOf, type Opened, type Options } from './opened.js'
import { heldJournal } from './passing-time.js'
import { tally } from './tally-game.js'

const journalOn = (on: SimulatedDisk): Journal =>
  fileJournal('/journal', { disk: on, lock: on.lock, logFileBytesMax: 4_096 })

let disk: SimulatedDisk
let archive: ColdStore
let clock: ManualClock
beforeEach(() => {
  disk = simulatedDisk(1, { shortWritesPerMille: 0 })
  archive = memoryColdStore()
  clock = manualClock(1_000_000)
})

const opened = (options: Options = {}): Promise<Opened> =>
  open({ journal: journalOn(disk), archive, clock, idleAfterMs: 1_000, ...options })

/** Lets what goes on in the background end. */
const rest = async (ledger: Opened): Promise<void> => {
  await ledger.settled()
  for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve))
}

const begin = async (ledger: Opened, ids: readonly string[]): Promise<void> => {
  for (const id of ids) {
    receiptOf(await ledger.game(tally, id).dispatch(sit('ann')))
    receiptOf(await ledger.game(tally, id).dispatch(count('ann', 5, 6)))
  }
}

describe.each([
  ['a file journal', () => journalOn(disk)],
  ['a memory journal', () => memoryJournal()],
])('with %s', (_, journal) => {
  test('at the bound the longest idle leave for a new one, and a command brings each back in call order', async () => {
    const ledger = await opened({ journal: journal(), gamesLiveMax: 3 })
    await begin(ledger, ['a', 'b', 'c'])
    clock.advance(2_000)
    await begin(ledger, ['d'])
    await rest(ledger)
    expect(ledger.stats().games.live).toBeLessThanOrEqual(3)
    expect(ledger.game(tally, 'a').version).toBeUndefined()
    const loaded = await ledger.game(tally, 'a').load()
    expect(isRight(loaded) && loaded.right).toMatchObject({ version: 4, final: false })
    clock.advance(2_000)
    const game = ledger.game(tally, 'a')
    const answers = await Promise.all([
      game.dispatch(count('ann', 7), { expectedVersion: 4 }),
      game.dispatch(sit('bob'), { expectedVersion: 4 }),
      game.dispatch(sit('bob'), { expectedVersion: 6 }),
    ])
    expect(answers.map(tagOf)).toEqual(['Accepted', 'VersionConflict', 'Accepted'])
    expect(game.state?.totals).toEqual({ ann: { score: 18 }, bob: { score: 0 } })
    await ledger.close()
  })
})

test('what left memory is left asleep by the next opening, and nothing is lost', async () => {
  const ledger = await opened({ gamesLiveMax: 4 })
  for (let n = 0; n < 20; n++) {
    clock.advance(2_000)
    await begin(ledger, [`g${n}`])
  }
  await rest(ledger)
  expect(ledger.stats().games.hibernated).toBeGreaterThan(10)
  const position = ledger.stats().position
  await ledger.close()
  const again = await opened({ gamesLiveMax: 4 })
  expect(again.stats().position).toBe(position)
  expect(again.liveGames()).toHaveLength(20)
  for (let n = 0; n < 20; n++) {
    const loaded = await again.game(tally, `g${n}`).load()
    expect(isRight(loaded) && loaded.right).toMatchObject({ version: 4 })
  }
  await again.close()
})

test('none is idle: a new game is Overloaded, and the others go on', async () => {
  const ledger = await opened({ gamesLiveMax: 2 })
  await begin(ledger, ['a', 'b'])
  const answer = await ledger.game(tally, 'c').dispatch(sit('ann'))
  expect(answer).toMatchObject({ left: { _tag: 'Overloaded', bound: 'gamesLiveMax' } })
  receiptOf(await ledger.game(tally, 'a').dispatch(count('ann', 1)))
  await ledger.close()
})

test('while all that is idle has commands in flight a new game is Overloaded, and not for ever', async () => {
  const { journal, hold } = heldJournal()
  const ledger = await opened({ journal, gamesLiveMax: 1 })
  await begin(ledger, ['a'])
  const release = hold()
  const inFlight = ledger.game(tally, 'a').dispatch(count('ann', 1))
  clock.advance(2_000)
  expect(tagOf(await ledger.game(tally, 'b').dispatch(sit('ann')))).toBe('Overloaded')
  release()
  receiptOf(await inFlight)
  clock.advance(2_000)
  expect(tagOf(await ledger.game(tally, 'b').dispatch(sit('ann')))).toBe('Accepted')
  await ledger.close()
})

/** A store that takes no segments while it is away. */
const leaving = (): { store: ColdStore; comeBack: () => void } => {
  let isAway = true
  const store: ColdStore = {
    ...archive,
    put: (key, bytes) =>
      isAway && !key.endsWith('.json') ? Promise.reject(new Error('away')) : archive.put(key, bytes),
    get: (key, range) => archive.get(key, range),
    list: (prefix, after) => archive.list(prefix, after),
    delete: (key) => archive.delete(key),
    close: () => archive.close(),
  }
  return { store, comeBack: () => void (isAway = false) }
}

test('while the archive is away completed games leave memory, too, play goes on, and all are archived afterwards', async () => {
  const { store, comeBack } = leaving()
  const ledger = await opened({ gamesLiveMax: 10, archive: store, batchAgeMaxMs: 10 })
  for (let n = 0; n < 40; n++) {
    clock.advance(2_000)
    receiptOf(await ledger.game(tally, `g${n}`).dispatch(sit('ann')))
    receiptOf(await ledger.game(tally, `g${n}`).dispatch(finish))
  }
  expect(ledger.stats().games.live).toBeLessThanOrEqual(10)
  expect(ledger.liveGames().filter(({ final }) => final)).toHaveLength(40)
  comeBack()
  await ledger.settled()
  expect(ledger.stats().games).toMatchObject({ archived: 40, live: 0, asleep: 0 })
  await ledger.close()
})

/** A journal whose next reading of a game, once it is held, waits until it is let go. */
const slowlyRead = (journal: Journal): { journal: Journal; hold: () => () => void } => {
  let held: Promise<void> | undefined
  const slow: Journal['open'] = async (...given) => {
    const at = await journal.open(...given)
    const read = at.read.bind(at)
    at.read = async function* (query) {
      const waits = 'stream' in query ? held : undefined
      if (waits) held = undefined
      const records = []
      for await (const record of read(query)) records.push(record)
      await waits
      yield* records
    }
    return at
  }
  const hold = (): (() => void) => {
    let letGo = (): void => undefined
    held = new Promise((resolve) => (letGo = resolve))
    return letGo
  }
  return { journal: { ...journal, open: slow }, hold }
}

test('a game that the archive takes while it is woken is nowhere else, and answers as before', async () => {
  const { store, comeBack } = leaving()
  const { journal, hold } = slowlyRead(journalOn(disk))
  const ledger = await opened({ journal, gamesLiveMax: 3, archive: store, batchAgeMaxMs: 10 })
  receiptOf(await ledger.game(tally, 'a').dispatch(sit('ann')))
  const first = receiptOf(await ledger.game(tally, 'a').dispatch(finish, { commandId: 'end' }))
  clock.advance(2_000)
  await begin(ledger, ['b', 'c'])
  await expect.poll(() => ledger.game(tally, 'a').version).toBeUndefined()
  const letGo = hold()
  const again = ledger.game(tally, 'a').dispatch(finish, { commandId: 'end' })
  comeBack()
  await expect.poll(() => ledger.stats().games.archived, { timeout: 10_000 }).toBe(1)
  letGo()
  expect(receiptOf(await again)).toEqual({ ...first, duplicate: true })
  const ids = ledger.liveGames().map(({ gameId }) => gameId)
  expect(ids.sort()).toEqual(['b', 'c'])
  await ledger.close()
})

test('rooms have a bound of their own; one that sleeps keeps its code over an opening, and is found by it', async () => {
  const ledger = await opened({ roomsLiveMax: 2, gamesLiveMax: 1 })
  const codes: string[] = []
  for (let n = 0; n < 6; n++) {
    clock.advance(2_000)
    const made = await ledger.rooms.create({ roomId: `r${n}`, host: 'ann', game: tally.kind, capacity: 2 })
    expect(isRight(made)).toBe(true)
    codes.push(ledger.views.rooms.byId(`r${n}`)!.code)
  }
  await rest(ledger)
  expect(ledger.stats().rooms.live).toBeLessThanOrEqual(2)
  await ledger.close()
  const again = await opened({ roomsLiveMax: 2, gamesLiveMax: 1 })
  expect(again.stats().games.asleep).toBeGreaterThan(3)
  clock.advance(2_000)
  expect(isRight(await again.rooms.joinByCode(codes[0]!, 'bob'))).toBe(true)
  expect(again.views.rooms.byId('r0')?.people).toEqual(['ann', 'bob'])
  await again.close()
})
