/** Where ledgers usually go wrong, one test a trap: ids, retries, order, and who waits for whom. */
import { isRight } from 'fp-ts/lib/Either.js'
import { repeat, take } from 'rxjs'
import { defineProjection, openLedger } from 'gameledger'
import { describe, expect, test } from 'vitest'
import { ticTacToe } from '../../examples/tic-tac-toe/game.js'
import { count, faultsOf, finish, inMemory, join, open, receiptOf, sit, tagOf, wonByAnn } from './opened.js'
import { tally } from './tally-game.js'

describe('command ids', () => {
  test('two concurrent dispatches of one command id record it once, and both get the same receipt', async () => {
    const ledger = await open()
    const game = ledger.game(tally, 'a')
    await game.dispatch(sit('ann'))
    const options = { commandId: 'c1' }
    const [first, second] = await Promise.all([
      game.dispatch(count('ann', 1, 2), options),
      game.dispatch(count('ann', 1, 2), options),
    ])
    expect(receiptOf(first)).toMatchObject({ duplicate: false, version: 4, position: 4 })
    expect(receiptOf(second)).toEqual({ ...receiptOf(first), duplicate: true })
    expect(game.version).toBe(4)
    await ledger.close()
  })

  test('an id is remembered after other commands and a reopening, and is of its own game alone', async () => {
    const rooms = inMemory()
    const before = await open(rooms)
    const first = receiptOf(await before.game(tally, 'a').dispatch(sit('ann'), { commandId: 'c1' }))
    for (let nth = 0; nth < 50; nth++)
      await before.game(tally, 'a').dispatch(count('ann', nth), { commandId: `n${nth}` })
    await before.close()
    const ledger = await open(rooms)
    const again = await ledger.game(tally, 'a').dispatch(sit('bob'), { commandId: 'c1', expectedVersion: 77 })
    expect(receiptOf(again)).toEqual({ ...first, duplicate: true })
    const other = await ledger.game(tally, 'b').dispatch(sit('bob'), { commandId: 'c1' })
    expect(receiptOf(other)).toMatchObject({ version: 1, duplicate: false })
    await ledger.close()
  })

  test('refused and empty commands are not remembered: the id is decided again', async () => {
    const ledger = await open()
    const game = ledger.game(tally, 'a')
    expect(tagOf(await game.dispatch(finish, { commandId: 'c1' }))).toBe('Rejected')
    expect(receiptOf(await game.dispatch({ type: 'Idle' }, { commandId: 'c1' })).events).toEqual([])
    expect(receiptOf(await game.dispatch(sit('ann'), { commandId: 'c1' }))).toMatchObject({
      version: 1,
      duplicate: false,
    })
    await ledger.close()
  })

  test('a retry of a last command gets its first receipt, live, archived and reopened; without an id the game is over', async () => {
    const rooms = inMemory()
    const ledger = await open({ ...rooms, batchAgeMaxMs: 60_000 })
    const game = ledger.game(tally, 'a')
    await game.dispatch(sit('ann'))
    const last = receiptOf(await game.dispatch(finish, { commandId: 'last' }))
    const asked = async (asking: typeof game) => [
      receiptOf(await asking.dispatch(finish, { commandId: 'last' })),
      await asking.dispatch(finish),
      await asking.dispatch(sit('bob'), { commandId: 'another' }),
    ]
    const over = {
      _tag: 'Left',
      left: {
        _tag: 'GameCompleted',
        kind: 'tally',
        gameId: 'a',
        version: 2,
        outcome: { standings: [{ player: 'ann', place: 1, score: 0 }], reason: 'finished' },
      },
    }
    const wanted = [{ ...last, duplicate: true }, over, over]
    expect(await ledger.archive.has('tally/a')).toBe(false)
    expect(await asked(game)).toEqual(wanted)
    await ledger.settled()
    expect(await ledger.archive.has('tally/a')).toBe(true)
    expect(game.state).toBeUndefined()
    expect(await asked(game)).toEqual(wanted)
    await ledger.close()
    const reopened = await open(rooms)
    expect(await asked(reopened.game(tally, 'a'))).toEqual(wanted)
    await reopened.close()
  })

  test('the id of an archived game is refused for ever, also to concurrent first commands after a restart', async () => {
    const rooms = inMemory()
    const before = await open(rooms)
    for (const command of wonByAnn) receiptOf(await before.game(ticTacToe, 'a').dispatch(command))
    await before.close()
    const ledger = await open(rooms)
    const game = ledger.game(ticTacToe, 'a')
    const answers = await Promise.all(
      [join('cyd'), join('dan'), join('eve')].map((one) => game.dispatch(one)),
    )
    expect(answers.map(tagOf)).toEqual(['GameCompleted', 'GameCompleted', 'GameCompleted'])
    expect(game.version).toBeUndefined()
    expect(ledger.stats()).toMatchObject({ position: 8, commands: { inFlight: 0 }, games: { live: 0 } })
    await ledger.close()
  })
})

describe('concurrency', () => {
  test('concurrent first commands of one game give versions without a gap', async () => {
    const ledger = await open()
    const game = ledger.game(tally, 'new')
    const players = Array.from({ length: 40 }, (_, nth) => `p${nth}`)
    const answers = await Promise.all(players.map((player) => game.dispatch(sit(player))))
    expect(answers.map((answer) => receiptOf(answer).version)).toEqual(players.map((_, nth) => nth + 1))
    expect(game.state?.players).toEqual(players)
    await ledger.close()
  })

  test('a version conflict carries what happened since, at most 100 events', async () => {
    const ledger = await open()
    const game = ledger.game(tally, 'a')
    await game.dispatch(sit('ann'))
    const racing = [
      game.dispatch(count('ann', 5), { expectedVersion: 1 }),
      game.dispatch(count('ann', 6), { expectedVersion: 1 }),
    ]
    expect(await Promise.all(racing)).toMatchObject([
      { right: { version: 3 } },
      {
        left: {
          _tag: 'VersionConflict',
          expected: 1,
          actual: 3,
          since: [
            { type: 'RoundBegun', by: { player: 'ann', amounts: [5] } },
            { type: 'Counted', player: 'ann', amount: 5 },
          ],
        },
      },
    ])
    await game.dispatch(count('ann', ...Array<number>(200).fill(1)))
    const late = await game.dispatch(sit('bob'), { expectedVersion: 0 })
    expect(late).toMatchObject({ left: { actual: 204 } })
    if (!isRight(late) && late.left._tag === 'VersionConflict') expect(late.left.since).toHaveLength(100)
    const ahead = await game.dispatch(sit('bob'), { expectedVersion: 999 })
    expect(ahead).toMatchObject({ left: { _tag: 'VersionConflict', expected: 999, since: [] } })
    await ledger.close()
  })

  test('after an acknowledged command every view holds it', async () => {
    const seen = defineProjection({
      name: 'seen',
      version: 1,
      initial: { position: 0 },
      apply: (model, { position }) => {
        model.position = position
      },
      view: (model) => ({ through: () => model.position }),
    })
    const ledger = await openLedger({ games: [tally], ...inMemory(), projections: { seen } })
    const game = ledger.game(tally, 'a')
    const each = async (player: string): Promise<void> => {
      const receipt = receiptOf(await game.dispatch(sit(player)))
      expect(ledger.views.seen.through()).toBeGreaterThanOrEqual(receipt.position)
      expect(ledger.views.players.stats(player)).toMatchObject({ games: 1, live: 1 })
      expect(game.version).toBeGreaterThanOrEqual(receipt.version)
      await ledger.caughtUp(receipt)
    }
    await Promise.all(['ann', 'bob', 'cyd'].map(each))
    await ledger.close()
  })
})

describe('subscribers and projections', () => {
  test('a subscriber that throws fails no command, stops no other, is reported, and hears the next event; also behind pipe', async () => {
    const ledger = await open()
    const faults = faultsOf(ledger)
    const heard = { direct: 0, piped: 0, quiet: 0 }
    ledger.events$.subscribe(() => {
      heard.direct++
      throw new Error('direct')
    })
    ledger.events$.pipe(take(5)).subscribe(() => {
      heard.piped++
      throw new Error('piped')
    })
    ledger.events$.subscribe(() => heard.quiet++)
    const game = ledger.game(tally, 'a')
    for (const player of ['ann', 'bob', 'cyd']) receiptOf(await game.dispatch(sit(player)))
    expect(heard).toEqual({ direct: 3, piped: 3, quiet: 3 })
    expect(faults.map(({ code }) => code)).toEqual(Array(6).fill('subscriber-threw'))
    expect(String(faults[0]!.cause)).toBe('Error: direct')
    await ledger.close()
  })

  test('a subscriber of faults$ that throws harms nobody either', async () => {
    const ledger = await open()
    const faults: string[] = []
    let isThrowing = true
    ledger.faults$.subscribe(() => {
      if (!isThrowing) return
      isThrowing = false
      throw new Error('once')
    })
    ledger.faults$.subscribe(({ code }) => faults.push(code))
    ledger.events$.subscribe(() => {
      throw new Error('always')
    })
    receiptOf(await ledger.game(tally, 'a').dispatch(sit('ann')))
    expect(faults).toContain('subscriber-threw')
    await ledger.close()
  })

  test('a subscriber that comes during an event hears the next one first', async () => {
    const ledger = await open()
    const late: number[] = []
    const repeated: number[] = []
    ledger.events$.pipe(take(1)).subscribe(() => {
      ledger.events$.subscribe(({ position }) => late.push(position))
    })
    ledger.events$.pipe(take(1), repeat(3)).subscribe(({ position }) => repeated.push(position))
    for (const player of ['ann', 'bob', 'cyd', 'dan']) await ledger.game(tally, 'a').dispatch(sit(player))
    expect(late).toEqual([2, 3, 4])
    expect(repeated).toEqual([1, 2, 3])
    expect(ledger.stats().subscribers).toBe(1)
    await ledger.close()
  })

  test('a subscriber that dispatches inside a publish does not reorder what later subscribers see', async () => {
    const ledger = await open()
    const game = ledger.game(tally, 'a')
    const answers: Promise<unknown>[] = []
    ledger.events$.subscribe(({ version }) => {
      if (version < 6) answers.push(game.dispatch(sit(`echo${version}`)))
    })
    const positions: number[] = []
    ledger.events$.subscribe(({ position }) => positions.push(position))
    await game.dispatch(sit('ann'))
    await ledger.settled()
    await Promise.all(answers)
    expect(positions).toEqual([1, 2, 3, 4, 5, 6])
    await ledger.close()
  })

  test('a projection that throws is detached and reported once; commands and the other projections go on', async () => {
    const brittle = defineProjection({
      name: 'brittle',
      version: 1,
      initial: { heard: 0 },
      apply(model, { version }) {
        if (version === 2) throw new Error('cannot')
        model.heard++
      },
      view: (model) => ({ heard: () => model.heard }),
    })
    const ledger = await openLedger({ games: [tally], ...inMemory(), projections: { brittle } })
    const faults = faultsOf(ledger)
    for (const player of ['ann', 'bob', 'cyd']) receiptOf(await ledger.game(tally, 'a').dispatch(sit(player)))
    expect(faults.map(({ code }) => code)).toEqual(['projection-faulted'])
    expect(ledger.stats().projections).toMatchObject({
      brittle: { state: 'faulted', checkpoint: 1, lag: 2 },
      players: { state: 'live', checkpoint: 3, lag: 0 },
    })
    expect(ledger.views.brittle.heard()).toBe(1)
    expect(ledger.views.players.count).toBe(3)
    await ledger.close()
  })
})
