/** Everything that happened, as an iterable and as an observable: whole, cut, by kind, while games move, and given up. */
import { setImmediate as turn } from 'node:timers/promises'
import { CheckpointLostError, type EventEnvelope, type Fault, type HistoryQuery } from 'gameledger'
import { firstValueFrom, lastValueFrom, map, toArray } from 'rxjs'
import { describe, expect, test } from 'vitest'
import { ticTacToe } from '../../examples/tic-tac-toe/game.js'
import { count, faultsOf, finish, inMemory, open, receiptOf, sit, wonByAnn, type Opened } from './opened.js'
import { tally } from './tally-game.js'

const all = async (events: AsyncIterable<EventEnvelope>): Promise<EventEnvelope[]> => {
  const found: EventEnvelope[] = []
  for await (const envelope of events) found.push(envelope)
  return found
}

/** Games of two kinds that overlap; some are over, and archived. */
const played = async (options = {}): Promise<{ ledger: Opened; published: EventEnvelope[] }> => {
  const ledger = await open({ batchGamesMax: 2, recentEventsMax: 4, ...options })
  const published: EventEnvelope[] = []
  ledger.events$.subscribe((envelope) => published.push(envelope))
  await Promise.all([
    ...[0, 1, 2, 3, 4].flatMap((nth) =>
      wonByAnn.map((command) => ledger.game(ticTacToe, `g${nth}`).dispatch(command)),
    ),
    ...[0, 1, 2].flatMap((nth) =>
      [sit('ann'), count('ann', 1, 2), ...(nth === 0 ? [] : [finish])].map((command) =>
        ledger.game(tally, `t${nth}`).dispatch(command),
      ),
    ),
  ])
  await ledger.settled()
  return { ledger, published }
}

describe('the history of a ledger', () => {
  test('is every event once, in order, live games and archived ones', async () => {
    const { ledger, published } = await played()
    expect(ledger.stats().games).toMatchObject({ live: 1, archived: 7 })
    expect(await all(ledger.history())).toEqual(published)
    expect(await lastValueFrom(ledger.history$().pipe(toArray()))).toEqual(published)
    await ledger.close()
  })

  test('is cut as it is asked, from memory and from the archive', async () => {
    const { ledger, published } = await played()
    const queries: readonly HistoryQuery[] = [
      { after: 7 },
      { through: 20 },
      { after: 7, through: 20 },
      { after: published.length - 3 },
      { after: published.length },
      { after: 20, through: 7 },
      { through: Infinity },
      { kinds: ['tally'] },
      { kinds: ['tally'], after: 7, through: published.length - 2 },
      { kinds: ['tally'], after: published.length - 3 },
      { kinds: [] },
    ]
    for (const query of queries) {
      const { after = 0, through = Infinity, kinds } = query
      const wanted = published.filter(
        ({ position, kind }) => position > after && position <= through && (kinds?.includes(kind) ?? true),
      )
      expect(await all(ledger.history(query)), JSON.stringify(query)).toEqual(wanted)
    }
    await ledger.close()
  })

  test('ends where the ledger stood when it was called, whatever happens meanwhile', async () => {
    const { ledger, published } = await played({ recentEventsMax: 1_000 })
    const [before, after] = [ledger.history(), ledger.history$()]
    const upTo = published.slice()
    receiptOf(await ledger.game(tally, 'later').dispatch(sit('bob')))
    expect(await all(before)).toEqual(upTo)
    // An observable begins when somebody subscribes.
    expect(await lastValueFrom(after.pipe(toArray()))).toEqual(published)
    expect(published).toHaveLength(upTo.length + 1)
    await ledger.close()
  })

  test('refuses what is no position, and a position that is lost', async () => {
    const { ledger, published } = await played()
    for (const none of [-1, 0.5, NaN, '7' as never]) {
      expect(() => ledger.history({ after: none })).toThrow(TypeError)
      expect(() => ledger.history$({ through: none })).toThrow(TypeError)
    }
    expect(() => ledger.history({ kinds: 'tally' as never })).toThrow(TypeError)
    const beyond = { after: published.length + 1 }
    await expect(all(ledger.history(beyond))).rejects.toThrow(CheckpointLostError)
    await expect(lastValueFrom(ledger.history$(beyond))).rejects.toThrow(CheckpointLostError)
    await ledger.close()
  })

  test('ends with its signal', async () => {
    const { ledger } = await played()
    const stopping = new AbortController()
    const read: number[] = []
    for await (const { position } of ledger.history({ signal: stopping.signal })) {
      read.push(position)
      if (position === 5) stopping.abort()
    }
    expect(read).toEqual([1, 2, 3, 4, 5])
    await ledger.close()
  })
})

describe('the history as an observable', () => {
  test('reads the next event when `next` has returned, and none after unsubscribing', async () => {
    const { ledger, published } = await played()
    const heard: number[] = []
    const subscription = ledger.history$().subscribe(({ position }) => {
      heard.push(position)
      if (position === 10) subscription.unsubscribe()
    })
    for (let nth = 0; nth < 50; nth++) await turn()
    expect(heard).toEqual(published.slice(0, 10).map(({ position }) => position))
    expect((await firstValueFrom(ledger.history$({ after: 3 }))).position).toBe(4)
    await ledger.close()
  })

  test('a subscriber that throws is a fault, and hears the rest', async () => {
    const { ledger, published } = await played()
    const faults: Fault[] = faultsOf(ledger)
    const heard: number[] = []
    await new Promise<void>((resolve) =>
      ledger.history$({ through: 4 }).subscribe({
        next: ({ position }) => {
          heard.push(position)
          if (position === 2) throw new Error('a subscriber')
        },
        complete: resolve,
      }),
    )
    expect(heard).toEqual([1, 2, 3, 4])
    expect(faults.map(({ code }) => code)).toEqual(['subscriber-threw'])
    expect(published.length).toBeGreaterThan(4)
    await ledger.close()
  })

  test('lets others run while a long history is handed to a subscriber that works', async () => {
    const ledger = await open({ ...inMemory(), recentEventsMax: 100_000, checks: false })
    const game = ledger.game(tally, 'long')
    await game.dispatch(sit('ann'))
    await Promise.all(
      Array.from({ length: 200 }, () => game.dispatch(count('ann', ...Array<number>(100).fill(1)))),
    )
    let turns = 0
    let isOver = false
    const turning = (): void => {
      turns++
      if (!isOver) setImmediate(turning)
    }
    setImmediate(turning)
    const texts = ledger.history$().pipe(map((envelope) => JSON.stringify(envelope)))
    expect(await lastValueFrom(texts.pipe(toArray()))).toHaveLength(20_201)
    isOver = true
    expect(turns).toBeGreaterThan(1)
    await ledger.close()
  })
})
