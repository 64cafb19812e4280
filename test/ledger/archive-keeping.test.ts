import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isLeft, isRight } from 'fp-ts/lib/Either.js'
import {
  leaderboard,
  memoryCheckpointStore,
  memoryColdStore,
  memoryJournal,
  openLedger,
  HistoryShortenedError,
  type ColdStore,
  type EventEnvelope,
  type Ledger,
} from 'gameledger'
import { manualClock } from 'gameledger/testing'
import { describe, expect, it } from 'vitest'
import { ticTacToe } from '../../examples/tic-tac-toe/game.js'
import { faultsOf, finish, inMemory, open, sit, tagOf, wonByAnn } from './opened.js'
import { tally, type TallyEvent } from './tally-game.js'

/** Games that are over, each in a batch of its own. */
const playThrough = async (ledger: Ledger, from: number, to: number): Promise<void> => {
  for (let number = from; number < to; number++) {
    const game = ledger.game(tally, `g${number}`)
    await game.dispatch(sit('ann'))
    await game.dispatch(finish)
    await ledger.settled()
  }
}

const keysIn = async (store: ColdStore): Promise<string[]> => {
  const keys: string[] = []
  for await (const key of store.list('')) keys.push(key)
  return keys
}

const everything = async (ledger: Ledger): Promise<EventEnvelope[]> => {
  const met: EventEnvelope[] = []
  const { position } = ledger.stats()
  if (position === 0) return met
  for await (const event of ledger.eventsFrom(0)) {
    met.push(event)
    if (event.position >= position) break
  }
  return met
}

const satRule = { score: (event: TallyEvent) => (event.type === 'Sat' ? { [event.player]: 1 } : {}) }
const sat = () => leaderboard(satRule)

describe('ledger.archive.compact', () => {
  it('says that the ledger was closed where it waited for a store that fails', async () => {
    const stores = inMemory()
    let isDown = false
    const archive: ColdStore = {
      ...stores.archive,
      get: (...given) => (isDown ? Promise.reject(new Error('down')) : stores.archive.get(...given)),
    }
    const ledger = await open({ ...stores, archive, closeDeadlineMs: 1 })
    await playThrough(ledger, 0, 3)
    isDown = true
    const outage = new Promise((resolve) => ledger.faults$.subscribe(resolve))
    const compacting = expect(ledger.archive.compact()).rejects.toMatchObject({ code: 'archiving-stopped' })
    expect(await outage).toMatchObject({ code: 'archive-unavailable' })
    await ledger.close()
    await compacting
  })

  it('merges small batches; games, events and what is verified stay the same', async () => {
    const stores = inMemory()
    const ledger = await open(stores)
    await playThrough(ledger, 0, 20)
    const before = await everything(ledger)
    expect(await ledger.archive.compact({ dryRun: true })).toMatchObject({
      batchesBefore: 20,
      batchesAfter: 1,
    })
    expect(await ledger.archive.compact()).toMatchObject({ batchesReplaced: 20, games: 20 })
    expect(await everything(ledger)).toEqual(before)
    expect(await ledger.verify({ deep: true })).toMatchObject({
      ok: true,
      games: 20,
      segments: 1,
      leftOver: 0,
    })
    await playThrough(ledger, 20, 22)
    await ledger.close()
    expect((await keysIn(stores.archive)).length).toBe(3 + 4)
    const again = await open(stores)
    expect(await again.archive.count()).toEqual({ games: 22, events: 44 })
    expect(await again.verify()).toMatchObject({ ok: true })
    await again.close()
  })

  it('is done by itself, where batches are small and somebody sees to them', async () => {
    const ledger = await open({ compaction: true, upkeepEveryMs: 5 })
    await playThrough(ledger, 0, 16)
    await expect.poll(async () => (await ledger.verify()).segments).toBe(1)
    await ledger.close()
  })

  it('is not done by itself with a memory journal, which may be one of several, nor where it is switched off', async () => {
    for (const options of [{}, { compaction: false }]) {
      const ledger = await open({ ...options, upkeepEveryMs: 1 })
      await playThrough(ledger, 0, 16)
      await new Promise((resolve) => setTimeout(resolve, 50))
      expect(await ledger.verify()).toMatchObject({ segments: 16 })
      await ledger.close()
    }
  })
})

describe('retention', () => {
  const clocked = () => ({ ...inMemory(), clock: manualClock(1_000_000) })

  it('drops old games by itself; their ids stay taken, and nobody finds them', async () => {
    const options = { ...clocked(), retention: [{ maxAgeMs: 60_000 }], upkeepEveryMs: 5 }
    const ledger = await open(options)
    await playThrough(ledger, 0, 3)
    options.clock.advance(3_600_001)
    await playThrough(ledger, 3, 5)
    await expect.poll(() => ledger.stats().games.archived).toBe(2)
    expect(ledger.stats().shortenedThrough).toEqual({ tally: 6 })
    for (const opened of [ledger, undefined]) {
      const held = opened ?? (await open(options))
      expect(await held.archive.has('tally/g1')).toBe(false)
      expect((await held.archive.list()).games.map(({ gameId }) => gameId)).toEqual(['g4', 'g3'])
      const replay = await held.replay(tally, 'g1')
      expect(isLeft(replay) && replay.left._tag).toBe('NotFound')
      const game = held.game(tally, 'g1')
      const answer = await game.dispatch(sit('bob'))
      expect(isLeft(answer) && answer.left).toEqual({
        _tag: 'GameCompleted',
        kind: 'tally',
        gameId: 'g1',
        version: 2,
      })
      expect(tagOf(await game.dispatch(sit('ann'), { commandId: 'again' }))).toBe('GameCompleted')
      expect([game.state, game.version]).toEqual([undefined, undefined])
      expect(isLeft(await game.load())).toBe(true)
      expect(isRight(await held.game(tally, 'g4').load())).toBe(true)
      expect((await everything(held)).map(({ position }) => position)).toEqual([7, 8, 9, 10])
      expect(await held.verify({ deep: true })).toMatchObject({ ok: true, games: 2, gone: 3, problems: [] })
      await held.close()
    }
  })

  it('is asked for at once by kind, first on a dry run', async () => {
    const options = clocked()
    const ledger = await open(options)
    await playThrough(ledger, 0, 4)
    options.clock.advance(1_000)
    expect(await ledger.archive.retain({ olderThanMs: 500, kind: 'chess' })).toMatchObject({ games: 0 })
    expect(await ledger.archive.retain({ olderThanMs: 500, dryRun: true })).toMatchObject({
      games: 4,
      events: 8,
    })
    expect(ledger.stats().games.archived).toBe(4)
    expect(await ledger.archive.retain({ olderThanMs: 500, kind: 'tally' })).toMatchObject({ games: 4 })
    expect(ledger.stats().games.archived).toBe(0)
    await expect(ledger.archive.retain({ olderThanMs: 0 })).rejects.toThrow(TypeError)
    await ledger.close()
    await expect(open({ retention: [{ maxAgeMs: -1 }] })).rejects.toThrow(TypeError)
  })

  it('leaves boards what they counted, and refuses to make them anew unless it is meant', async () => {
    const options = { ...clocked(), checkpoints: memoryCheckpointStore(), games: [tally] }
    const opened = () => openLedger({ ...options, projections: { sat: sat() } })
    const ledger = await opened()
    await playThrough(ledger, 0, 3)
    options.clock.advance(1_000)
    await ledger.archive.retain({ olderThanMs: 500 })
    await playThrough(ledger, 3, 4)
    expect(ledger.views.sat.scoreOf('ann')).toBe(4)
    await expect(ledger.rebuild('sat')).rejects.toBeInstanceOf(HistoryShortenedError)
    await ledger.close()
    const again = await opened()
    const faults = faultsOf(again)
    expect(again.views.sat.scoreOf('ann')).toBe(4)
    expect(faults).toEqual([])
    await again.rebuild('sat', { shortened: true })
    expect(again.views.sat.scoreOf('ann')).toBe(1)
    await again.close()
  })

  it('of one kind is nothing to boards that do not hear that kind', async () => {
    const options = { ...clocked(), games: [tally, ticTacToe] }
    const opened = () =>
      openLedger({
        ...options,
        projections: {
          sat: sat(),
          tallies: leaderboard({ ...satRule, kinds: ['tally'] }),
          wins: leaderboard({
            kinds: ['tic-tac-toe'],
            score: ({ type, player }: { type: string; player?: string }) =>
              type === 'Won' ? { [player!]: 1 } : {},
          }),
        },
      })
    const ledger = await opened()
    for (const command of wonByAnn) await ledger.game(ticTacToe, 't').dispatch(command)
    await playThrough(ledger, 0, 2)
    options.clock.advance(1_000)
    const report = await ledger.archive.retain({ olderThanMs: 500, kind: 'tally' })
    expect(report.shortenedThrough).toEqual({ tally: ledger.stats().position })
    await ledger.rebuild('wins')
    expect(ledger.views.wins.scoreOf('ann')).toBe(1)
    for (const name of ['sat', 'tallies', 'players'] as const)
      await expect(ledger.rebuild(name)).rejects.toBeInstanceOf(HistoryShortenedError)
    await expect(ledger.erase('ann')).rejects.toThrow(/^sat, tallies, players would be/)
    await ledger.close()
    const again = await opened()
    expect(again.stats().shortenedThrough).toEqual(report.shortenedThrough)
    const told = faultsOf(again).find(({ code }) => code === 'history-shortened')
    expect(told?.message).toMatch(/^sat, tallies, players:/)
    await again.close()
  })

  it('refuses a unit that reads the state of a game that is gone: nobody knows it', async () => {
    const options = clocked()
    const ledger = await open(options)
    await playThrough(ledger, 0, 1)
    options.clock.advance(1_000)
    await ledger.archive.retain({ olderThanMs: 500 })
    const states: unknown[] = []
    const answer = await ledger.transact((tx) => {
      tx.game(tally, 'g1').dispatch(sit('ann'))
      states.push(tx.game(tally, 'g0').state)
    })
    expect(isLeft(answer) && answer.left).toEqual({
      _tag: 'GameCompleted',
      kind: 'tally',
      gameId: 'g0',
      version: 2,
    })
    expect(states).toEqual([])
    expect(ledger.liveGames()).toEqual([])
    await ledger.close()
  })

  it('says so where a read model has to be made from what is left', async () => {
    const options = clocked()
    const ledger = await open(options)
    await playThrough(ledger, 0, 3)
    options.clock.advance(1_000)
    await ledger.archive.retain({ olderThanMs: 500 })
    await ledger.close()
    const again = await openLedger({ ...options, games: [tally], projections: { sat: sat() } })
    const told = faultsOf(again).find(({ code }) => code === 'history-shortened')
    expect(told?.message).toContain('sat')
    expect(told?.message).toContain('position 6')
    await again.close()
  })
})

describe('a game that was dropped, and whose bytes are still in the journal', () => {
  it('does not come back at the next opening', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'gameledger-'))
    try {
      const clock = manualClock(1_000_000)
      const options = { games: [tally], dir, clock }
      const ledger = await openLedger(options)
      await playThrough(ledger, 0, 3)
      clock.advance(1_000)
      await ledger.archive.retain({ olderThanMs: 500 })
      await ledger.close()
      const again = await openLedger(options)
      expect(again.stats().games).toMatchObject({ live: 0, archived: 0 })
      expect(again.liveGames()).toEqual([])
      const replay = await again.replay(tally, 'g1')
      expect(isLeft(replay) && replay.left._tag).toBe('NotFound')
      expect(await again.verify()).toMatchObject({ ok: true, games: 0, gone: 3 })
      await again.close()
    } finally {
      await rm(dir, { recursive: true })
    }
  })
})

describe('one flipped byte in a segment of a ledger in a directory', () => {
  it('costs that game alone: verify names it, every other game of the segment replays', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'gameledger-'))
    try {
      const options = { games: [tally], dir, batchGamesMax: 8, batchAgeMaxMs: 60_000 }
      const ledger = await openLedger(options)
      for (let number = 0; number < 8; number++) {
        const game = ledger.game(tally, `g${number}`)
        await game.dispatch(sit('ann'))
        await game.dispatch(finish)
      }
      await ledger.settled()
      await ledger.close()
      const archive = join(dir, 'archive')
      const segment = (await readdir(archive)).find((name) => name.endsWith('.ndjson.gz'))!
      const whole = await readFile(join(archive, segment))
      const manifest = JSON.parse(
        await readFile(join(archive, segment.replace('.ndjson.gz', '.manifest.json')), 'utf8'),
      ) as { games: { gameId: string; offset: number; length: number }[] }
      expect(manifest.games.length).toBe(8)
      for (const { gameId, offset, length } of manifest.games) {
        const bytes = Buffer.from(whole)
        bytes[offset + (length >> 1)]! ^= 0x10
        await writeFile(join(archive, segment), bytes)
        const damaged = await openLedger(options)
        const { ok, problems, games } = await damaged.verify({ deep: true })
        expect([ok, games]).toEqual([false, 8])
        expect(problems.map(({ game }) => game)).toEqual([`tally/${gameId}`])
        for (let number = 0; number < 8; number++) {
          const replay = damaged.replay(tally, `g${number}`)
          if (`g${number}` === gameId) await expect(replay).rejects.toMatchObject({ code: 'corrupt-segment' })
          else expect(isRight(await replay)).toBe(true)
        }
        expect(await damaged.archive.compact()).toMatchObject({ batchesReplaced: 0 })
        await damaged.close()
      }
    } finally {
      await rm(dir, { recursive: true })
    }
  })
})

it('a store that holds nothing has nothing to keep', async () => {
  const ledger = await open({ journal: memoryJournal(), archive: memoryColdStore() })
  expect(await ledger.archive.compact()).toMatchObject({ batchesBefore: 0, batchesAfter: 0 })
  expect(await ledger.archive.retain({ olderThanMs: 1 })).toMatchObject({ games: 0, shortenedThrough: {} })
  await ledger.close()
})
