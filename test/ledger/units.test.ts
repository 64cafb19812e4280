/** Units of work: several games, all or none. */
import fc from 'fast-check'
import { isLeft, isRight, map, type Either } from 'fp-ts/lib/Either.js'
import {
  fileJournal,
  memoryColdStore,
  openLedger,
  type DispatchError,
  type EventEnvelope,
  type Journal,
  type LedgerOptions,
  type Receipt,
  type Unit,
} from 'gameledger'
import { simulatedDisk, type SimulatedDisk } from 'gameledger/testing'
import { expect, test } from 'vitest'
import { inMemory, receiptOf } from './opened.js'
import { purse, type PurseCommand } from './purse-game.js'

type Options = Partial<LedgerOptions<Record<never, never>>>

const open = (options: Options = {}) => openLedger({ games: [purse], ...inMemory(), ...options })
type Opened = Awaited<ReturnType<typeof open>>

const take = (coins: number): PurseCommand => ({ type: 'Take', coins })
const put = (coins: number): PurseCommand => ({ type: 'Put', coins })

/** Coins go from one purse to another. */
const move = (from: string, to: string, coins: number) => (tx: Unit) => {
  tx.game(purse, from).dispatch(take(coins))
  tx.game(purse, to).dispatch(put(coins))
}

const eventsOf = (ledger: Opened) => {
  const events: EventEnvelope[] = []
  ledger.events$.subscribe((envelope) => events.push(envelope))
  return events
}

const coinsIn = (ledger: Opened, id: string) => ledger.game(purse, id).state?.coins

test('all of it happens: neighbours in order, one time, a receipt for each game', async () => {
  const ledger = await open()
  const events = eventsOf(ledger)
  const answer = await ledger.transact(move('a', 'b', 4), { commandId: 'gift', actor: 'ann' })
  expect(isRight(answer) && answer.right).toMatchObject([
    { gameId: 'a', version: 1, position: 1, duplicate: false, events: [{ type: 'Taken', left: 6 }] },
    { gameId: 'b', version: 1, position: 2, duplicate: false, events: [{ type: 'Added', left: 14 }] },
  ])
  expect(
    events.map(({ gameId, position, commandId, actor }) => [gameId, position, commandId, actor]),
  ).toEqual([
    ['a', 1, 'gift', 'ann'],
    ['b', 2, 'gift', 'ann'],
  ])
  expect(events[0]!.recordedAt).toBe(events[1]!.recordedAt)
  expect([coinsIn(ledger, 'a'), coinsIn(ledger, 'b')]).toEqual([6, 14])
  await ledger.close()
})

test('or nothing: what was accepted before a refusal leaves no trace, also where build goes on', async () => {
  const ledger = await open()
  const events = eventsOf(ledger)
  const heard: unknown[] = []
  const answer = await ledger.transact((tx) => {
    heard.push(tx.game(purse, 'a').dispatch(put(5)))
    heard.push(tx.game(purse, 'b').dispatch(take(11)))
    heard.push(tx.game(purse, 'c').dispatch(put(1)))
  })
  expect(isLeft(answer) && answer.left).toEqual({ _tag: 'Rejected', reason: 'too-few' })
  expect(heard.slice(1)).toEqual([answer, answer])
  expect(events).toEqual([])
  expect(ledger.liveGames()).toEqual([])
  expect(receiptOf(await ledger.game(purse, 'a').dispatch(take(10))).version).toBe(1)
  await ledger.close()
})

test('what build throws rejects, also where it was thrown by a rule and caught, and nothing is recorded', async () => {
  const ledger = await open()
  const wish = (error: Error) => (tx: Unit) => {
    tx.game(purse, 'a').dispatch(put(5))
    throw error
  }
  await expect(ledger.transact(wish(new RangeError('changed my mind')))).rejects.toThrow('changed my mind')
  await expect(
    ledger.transact((tx) => {
      tx.game(purse, 'a').dispatch(put(5))
      try {
        tx.game(purse, 'a').dispatch({ type: 5 } as unknown as PurseCommand)
      } catch {
        // Somebody who goes on regardless.
      }
      tx.game(purse, 'b').dispatch(put(Number.NaN))
    }),
  ).rejects.toThrow(/is not the same after JSON/)
  expect(ledger.liveGames()).toEqual([])
  await ledger.close()
})

test('reads see the newest decided state and the own writes; the answer waits until what was read is published', async () => {
  const ledger = await open()
  const before = ledger.game(purse, 'a').dispatch(take(3))
  const seen: unknown[] = []
  const unit = ledger.transact((tx) => {
    const game = tx.game(purse, 'a')
    seen.push([game.version, game.state.coins, game.final])
    game.dispatch(take(3))
    seen.push([game.version, game.state.coins, tx.game(purse, 'a').version])
    game.dispatch({ type: 'Close' })
    seen.push([game.version, game.final])
  })
  expect(seen).toEqual([
    [1, 7, false],
    [2, 4, 2],
    [3, true],
  ])
  expect(ledger.game(purse, 'a').version).toBe(0)
  await unit
  expect(ledger.game(purse, 'a').version).toBe(3)
  receiptOf(await before)
  await ledger.close()
})

test('a read that writes nothing is an empty success', async () => {
  const ledger = await open()
  let coins = 0
  const answer = await ledger.transact((tx) => {
    coins = tx.game(purse, 'a').state.coins
    tx.game(purse, 'a').dispatch(put(0))
  })
  expect(answer).toMatchObject({ right: [] })
  expect([coins, ledger.stats().position]).toEqual([10, 0])
  await ledger.close()
})

test('a state that build has kept stays as it was', async () => {
  const ledger = await open({ checks: false })
  const kept: { coins: number }[] = []
  await ledger.transact((tx) => {
    const game = tx.game(purse, 'a')
    kept.push(game.state)
    game.dispatch(take(1))
    kept.push(game.state)
  })
  for (let nth = 0; nth < 70; nth++) await ledger.game(purse, 'a').dispatch(put(1))
  await ledger.transact((tx) => {
    kept.push(tx.game(purse, 'a').state)
    tx.game(purse, 'a').dispatch(take(1))
    kept.push(tx.game(purse, 'a').state)
  })
  await ledger.game(purse, 'a').dispatch(take(9))
  expect(kept.map(({ coins }) => coins)).toEqual([10, 9, 79, 78])
  await ledger.close()
})

test('expected versions are met with the own writes counted, else the whole unit is a conflict', async () => {
  const ledger = await open()
  await ledger.game(purse, 'a').dispatch(put(1))
  const answer = await ledger.transact((tx) => {
    tx.game(purse, 'b').dispatch(put(1), { expectedVersion: 0 })
    tx.game(purse, 'a').dispatch(put(1), { expectedVersion: 0 })
  })
  expect(answer).toMatchObject({ left: { _tag: 'VersionConflict', expected: 0, actual: 1 } })
  expect(
    await ledger.transact((tx) => {
      tx.game(purse, 'a').dispatch(put(1), { expectedVersion: 1 })
      tx.game(purse, 'a').dispatch(put(1), { expectedVersion: 2 })
    }),
  ).toMatchObject({ right: [{ version: 3 }] })
  await ledger.close()
})

test('a unit may end a game; nothing follows in it', async () => {
  const ledger = await open()
  const answer = await ledger.transact((tx) => {
    tx.game(purse, 'a').dispatch({ type: 'Close' })
    tx.game(purse, 'a').dispatch(put(1))
  })
  expect(answer).toMatchObject({ left: { _tag: 'GameCompleted', version: 1 } })
  await ledger.transact((tx) => {
    tx.game(purse, 'a').dispatch({ type: 'Close' })
    tx.game(purse, 'b').dispatch(put(1))
  })
  await ledger.settled()
  expect(await ledger.archive.has('purse/a')).toBe(true)
  await ledger.close()
})

test('a retry under its id gets the first receipts, from memory and from the archive', async () => {
  const ledger = await open()
  const gift = (tx: Unit) => {
    tx.game(purse, 'a').dispatch(take(4))
    tx.game(purse, 'a').dispatch({ type: 'Close' })
    tx.game(purse, 'b').dispatch(put(4))
  }
  const first = await ledger.transact(gift, { commandId: 'gift' })
  const again = await ledger.transact(gift, { commandId: 'gift' })
  await ledger.settled()
  expect(ledger.game(purse, 'a').version).toBe(undefined)
  const archived = await ledger.transact(gift, { commandId: 'gift' })
  const asDuplicates = isRight(first) && first.right.map((receipt) => ({ ...receipt, duplicate: true }))
  expect(isRight(again) && again.right).toEqual(asDuplicates)
  expect(isRight(archived) && archived.right).toEqual(asDuplicates)
  expect(await ledger.transact(gift, { commandId: 'other' })).toMatchObject({
    left: { _tag: 'GameCompleted' },
  })
  expect(ledger.stats().position).toBe(3)
  await ledger.close()
})

test('an archived game can be read in a unit', async () => {
  const ledger = await open()
  await ledger.game(purse, 'a').dispatch(take(3))
  await ledger.game(purse, 'a').dispatch({ type: 'Close' })
  await ledger.settled()
  const seen: unknown[] = []
  const answer = await ledger.transact((tx) => {
    const { state, version, final } = tx.game(purse, 'a')
    seen.push([state.coins, version, final])
    tx.game(purse, 'b').dispatch(put(state.coins))
  })
  expect(seen).toEqual([[7, 2, true]])
  expect(answer).toMatchObject({ right: [{ gameId: 'b', events: [{ left: 17 }] }] })
  await ledger.close()
})

test('misuse is told at once, and records nothing', async () => {
  const ledger = await open()
  const unwise = (build: (tx: Unit) => unknown) => ledger.transact(build as (tx: Unit) => void)
  await expect(unwise(async (tx) => tx.game(purse, 'a').dispatch(put(1)))).rejects.toThrow(/synchronously/)
  await expect(unwise(() => ledger.transact(move('a', 'b', 1)))).rejects.toThrow(/not nested/)
  await expect(unwise(() => ledger.game(purse, 'a').dispatch(put(1)))).rejects.toThrow(/not nested/)
  await expect(unwise((tx) => tx.game({ ...purse }, 'a'))).rejects.toThrow(/was not given to openLedger/)
  await expect(unwise((tx) => tx.game(purse, 'a/b'))).rejects.toThrow(/may not contain/)
  expect(() => unwise('build' as unknown as () => void)).toThrow(/built by a function; got string/)
  let kept: Unit | undefined
  await unwise((tx) => (kept = tx) && undefined)
  expect(() => kept!.game(purse, 'a')).toThrow(/is over/)
  expect(ledger.stats().position).toBe(0)
  receiptOf(await ledger.game(purse, 'a').dispatch(put(1)))
  await ledger.close()
})

test('its bounds: 100 games, 1 MiB of events, and the games in memory', async () => {
  const ledger = await open({ gamesLiveMax: 2 })
  const many = (games: number) => (tx: Unit) => {
    for (let nth = 0; nth < games; nth++) tx.game(purse, `p${nth}`).dispatch(put(1))
  }
  await expect(ledger.transact(many(101))).rejects.toThrow(/at most 100 games/)
  expect(await ledger.transact(many(3))).toMatchObject({
    left: { _tag: 'Overloaded', bound: 'gamesLiveMax' },
  })
  expect(ledger.liveGames()).toEqual([])
  expect(await ledger.transact(many(2))).toMatchObject({ right: [{}, {}] })
  await expect(
    ledger.transact((tx) => {
      for (let nth = 0; nth < 20_000; nth++) tx.game(purse, 'p0').dispatch(put(1))
    }),
  ).rejects.toThrow(/One unit of work may encode to at most 1048576 bytes/)
  expect(ledger.game(purse, 'p0').version).toBe(1)
  await ledger.close()
})

test('a closed ledger refuses units', async () => {
  const ledger = await open()
  await ledger.close()
  expect(await ledger.transact(move('a', 'b', 1))).toMatchObject({ left: { code: 'closed' } })
})

test('games that sleep are woken first, by runs of build that leave nothing behind', async () => {
  const disk = simulatedDisk(1, { shortWritesPerMille: 0 })
  const options = {
    journal: fileJournal('/j', { disk, lock: disk.lock, logFileBytesMax: 2_048 }),
    archive: memoryColdStore(),
  }
  const before = await open(options)
  for (const id of ['old1', 'old2']) receiptOf(await before.game(purse, id).dispatch(put(5)))
  for (let nth = 0; nth < 60; nth++) {
    receiptOf(await before.game(purse, `short${nth}`).dispatch(put(1)))
    receiptOf(await before.game(purse, `short${nth}`).dispatch({ type: 'Close' }))
    await before.settled()
  }
  await before.close()

  const ledger = await open(options)
  expect(ledger.stats().games).toMatchObject({ live: 0, asleep: 2 })
  let runs = 0
  const unit = ledger.transact((tx) => {
    runs++
    move('old1', 'old2', 14)(tx)
  })
  const behind = ledger.game(purse, 'old1').dispatch(take(1))
  // It is decided when all is at hand: whoever needs one game alone does not wait for the other.
  expect(await behind).toMatchObject({ right: { version: 2, events: [{ left: 14 }] } })
  expect(await unit).toMatchObject({ right: [{ version: 3 }, { version: 2 }] })
  expect([runs, coinsIn(ledger, 'old1'), coinsIn(ledger, 'old2')]).toEqual([3, 0, 29])
  await ledger.close()
})

const ids = ['a', 'b', 'c', 'd']
const anId = fc.constantFrom(...ids)
const someCoins = fc.integer({ min: 0, max: 9 })
const aWish = fc.oneof(
  fc.record({ moves: fc.array(fc.tuple(anId, anId, someCoins), { minLength: 1, maxLength: 4 }) }),
  fc.record({ into: anId, coins: someCoins }),
)

/** What was written, by one unit or one command; a refusal is `too-few` and nothing else. */
const writtenBy = (answer: Either<DispatchError, readonly Receipt[]>): readonly Receipt[] => {
  if (isRight(answer)) return answer.right
  expect(answer.left).toEqual({ _tag: 'Rejected', reason: 'too-few' })
  return []
}

/** The places of these events in the ledger's order. */
const positionsOf = (receipts: readonly Receipt[]): readonly number[] =>
  receipts
    .flatMap(({ position, events }) => events.map((_, nth) => position - nth))
    .sort((one, other) => one - other)

test('units and commands over the same games have one order, that of their positions', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(aWish, { maxLength: 6 }), { maxLength: 5 }), async (turns) => {
      const ledger = await open({ checks: false })
      const events = eventsOf(ledger)
      const written: Promise<readonly Receipt[]>[] = []
      for (const turn of turns) {
        for (const wish of turn)
          if ('moves' in wish) {
            const build = (tx: Unit) => wish.moves.forEach(([from, to, coins]) => move(from, to, coins)(tx))
            written.push(ledger.transact(build).then(writtenBy))
          } else {
            const putting = ledger.game(purse, wish.into).dispatch(put(wish.coins))
            written.push(putting.then((answer) => writtenBy(map((one: Receipt) => [one])(answer))))
          }
        await Promise.resolve()
      }
      // The events alone tell a serial history: nothing is taken that was not there, and `left` is the sum so far.
      const balance = new Map(ids.map((id) => [id, 10]))
      const all = await Promise.all(written)
      for (const { gameId, event } of events) {
        const { type, coins, left } = event as { type: string; coins: number; left: number }
        const after = balance.get(gameId)! + (type === 'Taken' ? -coins : coins)
        expect(after).toBe(left)
        expect(after).toBeGreaterThanOrEqual(0)
        balance.set(gameId, after)
      }
      for (const id of ids) expect(coinsIn(ledger, id)).toBe(balance.get(id))
      // What one unit wrote stands together, and all of it was told.
      for (const positions of all.map(positionsOf))
        if (positions.length > 0) expect(positions.at(-1)! - positions[0]! + 1).toBe(positions.length)
      expect(all.flatMap(positionsOf).sort((one, other) => one - other)).toEqual(
        events.map(({ position }) => position),
      )
      await ledger.close()
    }),
    { numRuns: 150 },
  )
})

/** The control: a journal that takes the parts of a unit as records of their own. */
const apart = (journal: Journal): Journal => ({
  ...journal,
  open: async (...given) => {
    const opened = await journal.open(...given)
    const append = opened.append.bind(opened)
    opened.append = (record) => {
      if (record.type !== 'unit') return append(record)
      return record.parts.map((part) => append(part)).at(-1)!
    }
    return opened
  },
})

/** Plays units, loses power, and tells how many coins there are, and how many events were kept. */
const playUntilPowerIsLost = async (seed: number, wrap: (journal: Journal) => Journal) => {
  const archive = memoryColdStore()
  const openOn = (disk: SimulatedDisk) => {
    // Small frames: what keeps a unit together is its record alone.
    const journal = fileJournal('/j', { disk, lock: disk.lock, logFileBytesMax: 8_192, batchBytesMax: 1_024 })
    const durability = seed % 2 === 0 ? 'synced' : 'memory'
    return open({ journal: wrap(journal), archive, durability })
  }
  const disk = simulatedDisk(seed)
  const ledger = await openOn(disk)
  const answers = Array.from({ length: 60 }, (_, nth) =>
    ledger.transact(move(`p${nth % 3}`, `p${(nth + 1) % 3}`, 1 + (nth % 2))),
  )
  await Promise.race([answers[seed % 60], new Promise((resolve) => setImmediate(resolve))])
  const after = disk.losePower()
  void ledger.close().catch(() => undefined)

  const again = await openOn(after)
  const coins = ['p0', 'p1', 'p2'].map((id) => coinsIn(again, id)!)
  const events = again.liveGames().reduce((sum, { version }) => sum + version, 0)
  await again.close()
  return { coins: coins.reduce((sum, one) => sum + one, 0), events }
}

const seeds = Array.from({ length: 60 }, (_, nth) => nth + 1)

test('after a loss of power all of a unit is there, or nothing is', async () => {
  const found = []
  for (const seed of seeds) found.push(await playUntilPowerIsLost(seed, (journal) => journal))
  expect(found.map(({ coins }) => coins)).toEqual(seeds.map(() => 30))
  expect(new Set(found.map(({ events }) => events)).size).toBeGreaterThan(1)
})

test('control: where a unit is no record of its own, halves of units are seen', async () => {
  const found = []
  for (const seed of seeds) found.push(await playUntilPowerIsLost(seed, apart))
  expect(found.filter(({ coins }) => coins !== 30)).not.toEqual([])
})
