/** What readers see while commands are in flight, games are archived and ledgers close. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join as path } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { CheckpointLostError, fileJournal, type EventEnvelope, type Ledger } from 'gameledger'
import { describe, expect, test } from 'vitest'
import { ticTacToe } from '../../examples/tic-tac-toe/game.js'
import { count, finish, inMemory, join, mark, open, receiptOf, sit, tagOf, wonByAnn } from './opened.js'
import { tally } from './tally-game.js'

describe.each([true, false])('states, with checks: %s', (checks) => {
  test('a state that is read while commands are in flight is the published one, and never changes afterwards', async () => {
    const ledger = await open({ checks })
    const game = ledger.game(tally, 'a')
    expect(game.state).toEqual({ players: [], rounds: [], totals: {}, isOver: false })
    const taken: { state: unknown; copy: unknown; version: number }[] = []
    const take = () =>
      taken.push({ state: game.state, copy: structuredClone(game.state), version: game.version! })
    await game.dispatch(sit('ann'))
    for (let round = 0; round < 12; round++) {
      const inFlight = [game.dispatch(count('ann', round, 1))]
      take()
      if (round % 3 !== 2) inFlight.push(game.dispatch(sit(`p${round}`)), game.dispatch(count('ann', 1)))
      take()
      await inFlight[0]
      take()
      await Promise.all(inFlight)
      if (round % 4 === 3) await expect(game.dispatch({ type: 'Poison' })).rejects.toThrow()
    }
    take()
    for (const { state, copy, version } of taken) {
      expect(state).toEqual(copy)
      const replay = await ledger.replay(tally, 'a', { toVersion: version })
      expect(replay).toMatchObject({ right: { version, state: copy } })
    }
    expect(new Set(taken.map(({ version }) => version)).size).toBeGreaterThan(12)
    await ledger.close()
  })

  test('a first reading in the midst of commands in flight gives the published state', async () => {
    const ledger = await open({ checks })
    const game = ledger.game(tally, 'a')
    await game.dispatch(sit('ann'))
    const inFlight = [1, 2, 3].map((amount) => game.dispatch(count('ann', amount)))
    const first = game.state!
    expect(first.totals).toEqual({ ann: { score: 0 } })
    await Promise.all(inFlight)
    await game.dispatch(count('ann', 4))
    expect(first.totals).toEqual({ ann: { score: 0 } })
    expect(game.state?.totals).toEqual({ ann: { score: 10 } })
    await ledger.close()
  })
})

const readAll = async (
  ledger: Ledger,
  from: number,
  through: number,
  pause: () => Promise<unknown>,
): Promise<EventEnvelope[]> => {
  const events: EventEnvelope[] = []
  for await (const envelope of ledger.eventsFrom(from)) {
    events.push(envelope)
    if (envelope.position === through) break
    await pause()
  }
  return events
}

test.each(['memory', 'file'])(
  'slow and fast readers meet every event once, in order, while games are archived under them (%s)',
  async (where) => {
    const directory = await mkdtemp(path(tmpdir(), 'gameledger-reading-'))
    const rooms = inMemory()
    if (where === 'file') rooms.journal = fileJournal(directory, { logFileBytesMax: 4096 })
    const ledger = await open({ ...rooms, batchGamesMax: 2, batchAgeMaxMs: 1, recentEventsMax: 4 })
    const games = 30
    const through = games * 8
    const readers = [
      readAll(ledger, 0, through, async () => undefined),
      readAll(ledger, 0, through, () => turn()),
      readAll(ledger, 0, through, async () => {
        for (let nth = 0; nth < 5; nth++) await turn()
      }),
    ]
    const published: EventEnvelope[] = []
    ledger.events$.subscribe((envelope) => published.push(envelope))
    const play = async (nth: number): Promise<void> => {
      for (const command of wonByAnn) receiptOf(await ledger.game(ticTacToe, `g${nth}`).dispatch(command))
    }
    for (let nth = 0; nth < games; nth += 5)
      await Promise.all([0, 1, 2, 3, 4].map((offset) => play(nth + offset)))
    await ledger.settled()
    expect(ledger.stats().games).toMatchObject({ live: 0, archived: games })
    for (const reader of readers) expect(await reader).toEqual(published)
    expect(await readAll(ledger, 100, through, () => turn())).toEqual(published.slice(100))
    await ledger.close()
    await rm(directory, { recursive: true, force: true })
  },
)

test('a checkpoint beyond the head is lost, and no position is a TypeError', async () => {
  const ledger = await open()
  await ledger.game(tally, 'a').dispatch(sit('ann'))
  const reading = ledger.eventsFrom(2)[Symbol.asyncIterator]()
  await expect(reading.next()).rejects.toThrow(CheckpointLostError)
  for (const none of [-1, 0.5, NaN]) expect(() => ledger.eventsFrom(none)).toThrow(TypeError)
  await ledger.close()
})

test('a reader waits for what happens, and ends with its signal or the ledger', async () => {
  const ledger = await open()
  const stopping = new AbortController()
  const until = async (events: AsyncIterable<EventEnvelope>): Promise<number[]> => {
    const positions: number[] = []
    for await (const { position } of events) positions.push(position)
    return positions
  }
  const stopped = until(ledger.eventsFrom(0, { signal: stopping.signal }))
  const closed = until(ledger.eventsFrom(0))
  await ledger.game(tally, 'a').dispatch(sit('ann'))
  await turn()
  stopping.abort()
  expect(await stopped).toEqual([1])
  await ledger.game(tally, 'a').dispatch(sit('bob'))
  await ledger.close()
  expect(await closed).toEqual([1, 2])
})

test('closing answers what is in flight, is done once, and refuses what comes afterwards', async () => {
  const rooms = inMemory()
  const ledger = await open(rooms)
  let isComplete = false
  ledger.events$.subscribe({ complete: () => (isComplete = true) })
  const game = ledger.game(tally, 'a')
  const inFlight = [sit('ann'), count('ann', 1), finish].map((command) => game.dispatch(command))
  const closing = ledger.close()
  expect(ledger.close()).toBe(closing)
  const refused = await game.dispatch(sit('bob'))
  expect(refused).toMatchObject({ left: { _tag: 'Unavailable', code: 'closed' } })
  expect((await Promise.all(inFlight)).map(tagOf)).toEqual(['Accepted', 'Accepted', 'Accepted'])
  await closing
  expect(isComplete).toBe(true)
  expect(tagOf(await ledger.game(tally, 'b').dispatch(sit('bob')))).toBe('Unavailable')
  const reopened = await open(rooms)
  expect(await reopened.archive.has('tally/a')).toBe(true)
  await reopened.close()
})

describe('bounds', () => {
  test('commands in flight over their bound are Overloaded, and nothing that was accepted is lost', async () => {
    const ledger = await open({ commandsInFlightMax: 3 })
    const game = ledger.game(tally, 'a')
    const answers = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((player) => game.dispatch(sit(player))))
    expect(answers.map(tagOf)).toEqual(['Accepted', 'Accepted', 'Accepted', 'Overloaded', 'Overloaded'])
    expect(answers[4]).toMatchObject({ left: { bound: 'commandsInFlightMax', max: 3 } })
    expect(game.state?.players).toEqual(['a', 'b', 'c'])
    expect(tagOf(await game.dispatch(sit('d')))).toBe('Accepted')
    await ledger.close()
  })

  test('bytes in flight over their bound are Overloaded until they are published', async () => {
    const ledger = await open({ bytesInFlightMax: 100 })
    const game = ledger.game(tally, 'a')
    const long = 'x'.repeat(150)
    const answers = await Promise.all([game.dispatch(sit(long)), game.dispatch(sit('bob'))])
    expect(answers.map(tagOf)).toEqual(['Accepted', 'Overloaded'])
    expect(answers[1]).toMatchObject({ left: { bound: 'bytesInFlightMax' } })
    expect(ledger.stats().commands.bytesInFlight).toBe(0)
    expect(tagOf(await game.dispatch(sit('bob')))).toBe('Accepted')
    await ledger.close()
  })

  test('games over their bound are Overloaded; those in memory go on, and archiving makes room', async () => {
    const ledger = await open({ gamesLiveMax: 2 })
    const [a, b, c] = ['a', 'b', 'c'].map((id) => ledger.game(tally, id))
    expect((await Promise.all([a!, b!, c!].map((game) => game.dispatch(sit('ann'))))).map(tagOf)).toEqual([
      'Accepted',
      'Accepted',
      'Overloaded',
    ])
    expect(c!.version).toBe(0)
    expect(ledger.stats()).toMatchObject({ position: 2, games: { live: 2, liveMax: 2 } })
    receiptOf(await a!.dispatch(finish))
    await ledger.settled()
    expect(receiptOf(await c!.dispatch(sit('ann')))).toMatchObject({ version: 1, position: 4 })
    await ledger.close()
  })
})

describe('durability', () => {
  test.each(['memory', 'written', 'synced'] as const)(
    'a ledger of degree %s publishes, archives, reopens',
    async (durability) => {
      const directory = await mkdtemp(path(tmpdir(), 'gameledger-degree-'))
      const rooms = { ...inMemory(), journal: fileJournal(directory, { logFileBytesMax: 4096 }) }
      const ledger = await open({ ...rooms, durability })
      const game = ledger.game(ticTacToe, 'a')
      receiptOf(await game.dispatch(join('ann')))
      receiptOf(await game.dispatch(join('bob'), { durability: 'synced' }))
      expect(receiptOf(await game.dispatch(mark('ann', 4))).position).toBe(3)
      await ledger.game(tally, 'b').dispatch(sit('ann'))
      await ledger.game(tally, 'b').dispatch(finish)
      await ledger.close()
      const reopened = await open({ ...rooms, durability })
      expect(reopened.game(ticTacToe, 'a').state).toMatchObject({ players: ['ann', 'bob'] })
      expect(await reopened.archive.has('tally/b')).toBe(true)
      await reopened.close()
      await rm(directory, { recursive: true, force: true })
    },
  )

  test('a command may ask for a stronger degree than the ledger has, a weaker one is a TypeError', async () => {
    const ledger = await open({ durability: 'written' })
    const game = ledger.game(tally, 'a')
    receiptOf(await game.dispatch(sit('ann'), { durability: 'synced' }))
    expect(() => game.dispatch(sit('bob'), { durability: 'memory' })).toThrow(TypeError)
    expect(() => game.dispatch(sit('bob'), { durability: 'forever' as never })).toThrow(TypeError)
    expect(ledger.stats()).toMatchObject({ position: 1, commands: { inFlight: 0 } })
    await ledger.close()
    await expect(open({ durability: 'forever' as never })).rejects.toThrow(TypeError)
  })
})
