import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { GameEvent } from '../../../src/events/envelope.js'
import { streamIdOf, type StreamId } from '../../../src/events/ids.js'
import type {
  ArchivedGameRow,
  ArchivedGames,
  ArchivedGamesQuery,
} from '../../../src/projections/players/archived-games.js'
import {
  playerIndex,
  type PlayerIndexOptions,
  type PlayerIndexView,
} from '../../../src/projections/players/player-index.js'
import type { PlayerGameRow, PlayerGamesQuery } from '../../../src/projections/players/player-games.js'
import { clockAt, envelopeAt, resultOf } from '../envelopes.js'

/** An archive of rows in memory: newest first, cursors by number. */
class ShelfOfGames implements ArchivedGames {
  readonly rows: ArchivedGameRow[] = []
  has(stream: StreamId): boolean {
    return this.rows.some(({ kind, gameId }) => streamIdOf(kind, gameId) === stream)
  }
  ofPlayer(player: string, { kind, against, cursor, limit }: ArchivedGamesQuery) {
    const all = this.rows
      .toReversed()
      .filter((row) => row.players.includes(player) && (kind === undefined || row.kind === kind))
      .filter((row) => against === undefined || row.players.includes(against))
    const from = cursor === undefined ? 0 : all.findIndex(({ gameId }) => gameId === cursor) + 1
    const games = all.slice(from, from + limit)
    return Promise.resolve(from + limit < all.length ? { games, cursor: games.at(-1)!.gameId } : { games })
  }
}

const start = (options: PlayerIndexOptions = {}, archived?: ArchivedGames) =>
  playerIndex(options).start({ clock: clockAt(), ...(archived && { archived }) })

const everyGame = async (
  view: PlayerIndexView,
  player: string,
  query: PlayerGamesQuery = {},
): Promise<PlayerGameRow[]> => {
  const rows: PlayerGameRow[] = []
  let cursor: string | undefined
  do {
    const page = await view.gamesOf(player, { ...query, ...(cursor !== undefined && { cursor }) })
    rows.push(...page.games)
    cursor = page.cursor
  } while (cursor !== undefined)
  return rows
}

const idsOf = (rows: readonly PlayerGameRow[]) => rows.map(({ gameId }) => gameId)

describe('the player index', () => {
  it('keeps a game whose end it has not heard, though the archive has it by now', () => {
    const shelf = new ShelfOfGames()
    const index = start({}, shelf)
    index.apply(envelopeAt(1, { gameId: 'a', players: ['ann', 'bob'] }))
    // A model that is made anew stands here when the game, long over, leaves memory.
    index.forget!(['tally/a'])
    index.apply(envelopeAt(2, { gameId: 'a', version: 2, final: true, outcome: resultOf(['ann'], ['bob']) }))
    expect(index.view.stats('ann')).toMatchObject({ games: 1, finished: 1, wins: 1, live: 0 })
    expect(index.view.headToHead('bob', 'ann')).toMatchObject({ games: 1, losses: 1 })
  })

  it('lists the games of a player newest first, and says what they came to', async () => {
    const index = start()
    index.apply(envelopeAt(1, { gameId: 'a', players: ['ann', 'bob'] }))
    index.apply(envelopeAt(2, { gameId: 'b', players: ['ann'] }))
    index.apply(envelopeAt(3, { gameId: 'a', version: 2, final: true, outcome: resultOf(['ann'], ['bob']) }))
    expect((await index.view.gamesOf('ann')).games).toEqual([
      {
        kind: 'tally',
        gameId: 'b',
        version: 1,
        players: ['ann'],
        startedAt: 1002,
        lastEventAt: 1002,
        final: false,
        archived: false,
      },
      {
        kind: 'tally',
        gameId: 'a',
        version: 2,
        players: ['ann', 'bob'],
        startedAt: 1001,
        lastEventAt: 1003,
        final: true,
        outcome: resultOf(['ann'], ['bob']),
        archived: false,
      },
    ])
    expect(index.view.stats('ann')).toEqual({
      games: 2,
      finished: 1,
      live: 1,
      wins: 1,
      draws: 0,
      places: [1],
      firstPlayedAt: 1001,
      lastPlayedAt: 1003,
    })
    expect(index.view.stats('bob')).toMatchObject({ wins: 0, places: [0, 1], live: 0 })
    expect(index.view.stats('eve')).toBeUndefined()
    expect(await index.view.gamesOf('eve')).toEqual({ games: [] })
  })

  it('takes a game where all tie for a draw, and a shared first place before others for a win', () => {
    const index = start()
    const play = (position: number, ...places: string[][]) =>
      index.apply(envelopeAt(position, { players: places.flat(), final: true, outcome: resultOf(...places) }))
    play(1, ['ann', 'bob'])
    play(2, ['ann', 'bob'], ['cid'])
    expect(index.view.stats('ann')).toMatchObject({ finished: 2, wins: 1, draws: 1, places: [2] })
    expect(index.view.stats('cid')).toMatchObject({ finished: 1, wins: 0, draws: 0, places: [0, 0, 1] })
  })

  it('shows live games, or those that are over, to who asks for them', async () => {
    const shelf = new ShelfOfGames()
    const index = start({}, shelf)
    shelf.rows.push({
      kind: 'tally',
      gameId: 'old',
      version: 9,
      players: ['ann'],
      startedAt: 1,
      lastEventAt: 2,
    })
    index.apply(envelopeAt(1, { gameId: 'over', players: ['ann'], final: true }))
    index.apply(envelopeAt(2, { gameId: 'live', players: ['ann'] }))
    expect(idsOf(await everyGame(index.view, 'ann'))).toEqual(['live', 'over', 'old'])
    expect(idsOf(await everyGame(index.view, 'ann', { live: true }))).toEqual(['live'])
    expect(idsOf(await everyGame(index.view, 'ann', { archived: false }))).toEqual(['live'])
    expect(idsOf(await everyGame(index.view, 'ann', { archived: true }))).toEqual(['over', 'old'])
    expect(idsOf(await everyGame(index.view, 'ann', { live: false }))).toEqual(['over', 'old'])
    expect(idsOf(await everyGame(index.view, 'ann', { limit: 1 }))).toEqual(['live', 'over', 'old'])
    expect(idsOf(await everyGame(index.view, 'ann', { kind: 'chess' }))).toEqual([])
  })

  it('lists the games of two players, wherever these are', async () => {
    const shelf = new ShelfOfGames()
    const index = start({}, shelf)
    const old = {
      kind: 'tally',
      version: 9,
      startedAt: 1,
      lastEventAt: 2,
      outcome: resultOf(['ann'], ['bob']),
    }
    shelf.rows.push({ ...old, gameId: 'older', players: ['bob', 'ann'] })
    shelf.rows.push({ ...old, gameId: 'old', players: ['ann', 'cid'] })
    index.apply(envelopeAt(1, { gameId: 'over', players: ['ann', 'bob'], final: true }))
    index.apply(envelopeAt(2, { gameId: 'other', players: ['ann', 'cid'], final: true }))
    index.apply(envelopeAt(3, { gameId: 'alone', players: ['ann'] }))
    index.apply(envelopeAt(4, { gameId: 'live', players: ['cid', 'bob', 'ann'] }))
    for (const limit of [1, 2, 50]) {
      expect(idsOf(await everyGame(index.view, 'ann', { against: 'bob', limit }))).toEqual([
        'live',
        'over',
        'older',
      ])
      expect(idsOf(await everyGame(index.view, 'ann', { against: 'nobody', limit }))).toEqual([])
    }
    expect((await everyGame(index.view, 'bob', { against: 'ann', archived: true })).at(-1)).toMatchObject({
      outcome: old.outcome,
      archived: true,
    })
  })

  it('shows a game in one place only, while it moves into the archive', async () => {
    const shelf = new ShelfOfGames()
    const index = start({}, shelf)
    index.apply(envelopeAt(1, { gameId: 'g', players: ['ann'], final: true }))
    const row = { kind: 'tally', gameId: 'g', version: 1, players: ['ann'], startedAt: 1, lastEventAt: 1 }
    shelf.rows.push(row)
    expect(await everyGame(index.view, 'ann')).toEqual([{ ...row, final: true, archived: true }])
    index.forget!(['tally/g'])
    expect(await everyGame(index.view, 'ann')).toHaveLength(1)
    expect(index.view.stats('ann')).toMatchObject({ games: 1, finished: 1, live: 0 })
  })

  it('keeps nothing of an archived game when it is rebuilt from history', async () => {
    const shelf = new ShelfOfGames()
    shelf.rows.push({
      kind: 'tally',
      gameId: 'g',
      version: 1,
      players: ['ann'],
      startedAt: 1,
      lastEventAt: 1,
    })
    const index = start({}, shelf)
    index.apply(envelopeAt(1, { gameId: 'g', players: ['ann'], final: true }))
    expect((await index.view.gamesOf('ann', { live: true })).games).toEqual([])
    expect(await everyGame(index.view, 'ann')).toHaveLength(1)
  })

  it('drops what was archived while it was not looking, when it is loaded', async () => {
    const saving = start()
    saving.apply(envelopeAt(1, { gameId: 'g', players: ['ann'], final: true }))
    const shelf = new ShelfOfGames()
    shelf.rows.push({
      kind: 'tally',
      gameId: 'g',
      version: 1,
      players: ['ann'],
      startedAt: 1,
      lastEventAt: 1,
    })
    const index = start({}, shelf)
    index.load(saving.save())
    expect(await everyGame(index.view, 'ann')).toEqual([expect.objectContaining({ archived: true })])
  })

  it('agrees with a model that keeps everything, also after a save and a load', async () => {
    const step = fc.record({
      game: fc.nat(6),
      seats: fc.option(fc.uniqueArray(fc.constantFrom('ann', 'bob', 'cid', 'dan'), { maxLength: 4 }), {
        freq: 2,
      }),
      isFinal: fc.integer({ min: 0, max: 4 }).map((draw) => draw === 0),
      isReload: fc.integer({ min: 0, max: 9 }).map((draw) => draw === 0),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 1, max: 3 }),
        async (steps, limit) => {
          let index = start()
          const games = new Map<
            string,
            {
              last: number
              players: readonly string[]
              /** When each of the players came in. */
              since: Map<string, number>
              everyone: Set<string>
              final: boolean
            }
          >()
          for (const [at, { game, seats, isFinal, isReload }] of steps.entries()) {
            // A game that is over takes no more events: the next one of its number is another game.
            const rounds = [...games].filter(([id, { final }]) => id.startsWith(`${game}.`) && final).length
            const gameId = `${game}.${rounds}`
            const position = at + 1
            index.apply(envelopeAt(position, { gameId, final: isFinal, ...(seats && { players: seats }) }))
            const known = games.get(gameId) ?? {
              last: position,
              players: [],
              since: new Map<string, number>(),
              everyone: new Set<string>(),
              final: false,
            }
            games.set(gameId, {
              ...known,
              last: position,
              players: seats ?? known.players,
              since: new Map(
                (seats ?? known.players).map((player) => [player, known.since.get(player) ?? position]),
              ),
              everyone: new Set([...known.everyone, ...(seats ?? [])]),
              final: isFinal,
            })
            if (isReload) {
              const saved = Buffer.concat(index.snapshot!())
              expect(saved).toEqual(index.save())
              const loaded = start()
              loaded.load(saved)
              index = loaded
            }
          }
          for (const player of ['ann', 'bob', 'cid', 'dan']) {
            const mine = [...games].filter(([, { players }]) => players.includes(player))
            const since = (game: { since: Map<string, number> }) => game.since.get(player)!
            const live = mine.filter(([, { final }]) => !final).sort(([, a], [, b]) => since(b) - since(a))
            const over = mine.filter(([, { final }]) => final).sort(([, a], [, b]) => b.last - a.last)
            expect(idsOf(await everyGame(index.view, player, { limit }))).toEqual(
              [...live, ...over].map(([id]) => id),
            )
            const played = [...games.values()].filter(({ everyone }) => everyone.has(player)).length
            const stats = { games: played, live: live.length, finished: over.length }
            expect(index.view.liveCount(player)).toBe(live.length)
            if (played > 0) expect(index.view.stats(player)).toMatchObject(stats)
            else expect(index.view.stats(player)).toBeUndefined()
          }
        },
      ),
      { numRuns: 100 },
    )
  })

  it('passes games that a player left and came back to, and counts them once', async () => {
    const index = start()
    index.apply(envelopeAt(1, { gameId: 'a', players: ['ann'] }))
    index.apply(envelopeAt(2, { gameId: 'b', players: ['ann'] }))
    index.apply(envelopeAt(3, { gameId: 'a', version: 2, players: ['bob'] }))
    expect(idsOf(await everyGame(index.view, 'ann'))).toEqual(['b'])
    index.apply(envelopeAt(4, { gameId: 'a', version: 3, players: ['bob', 'ann'] }))
    expect(idsOf(await everyGame(index.view, 'ann', { limit: 1 }))).toEqual(['a', 'b'])
    expect(index.view.stats('ann')).toMatchObject({ games: 2, live: 2 })
  })

  it('finds players by the beginning of an id or a name, in any case, each once', () => {
    interface Named extends GameEvent {
      readonly names?: Readonly<Record<string, string>>
    }
    const index = playerIndex({ nameOf: (event: Named) => event.names }).start({ clock: clockAt() })
    const named = (position: number, names: Record<string, string>) =>
      index.apply(
        envelopeAt(position, { players: Object.keys(names), event: { type: 'Named', names } as Named }),
      )
    named(1, { u1: 'Anna', u2: 'anton', ANNIKA: 'ann' })
    expect(index.view.search('AN')).toEqual([
      { player: 'ANNIKA', name: 'ann' },
      { player: 'u1', name: 'Anna' },
      { player: 'u2', name: 'anton' },
    ])
    named(2, { u1: 'Berta' })
    expect(index.view.search('ann').map(({ player }) => player)).toEqual(['ANNIKA'])
    expect(index.view.search('b')).toEqual([{ player: 'u1', name: 'Berta' }])
    const loaded = playerIndex({ nameOf: (event: Named) => event.names }).start({ clock: clockAt() })
    loaded.load(index.save())
    expect(loaded.view.search('')).toEqual(index.view.search(''))
    expect(loaded.view.count).toBe(3)
  })

  it('finds what a filter over all sorted ids finds, however ids and searches alternate', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'é'), minLength: 1, maxLength: 4 })
    const step = fc.record({
      ids: fc.array(word, { maxLength: 40, size: 'max' }),
      prefix: word,
      limit: fc.integer({ min: 1, max: 9 }),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const index = start()
        const known = new Set<string>()
        for (const [at, { ids, prefix, limit }] of steps.entries()) {
          index.apply(envelopeAt(at + 1, { players: ids }))
          for (const id of ids) known.add(id)
          const sorted = [...known].filter((id) => id.startsWith(prefix)).sort((a, b) => (a < b ? -1 : 1))
          expect(index.view.search(prefix, limit).map(({ player }) => player)).toEqual(sorted.slice(0, limit))
        }
      }),
      { numRuns: 100 },
    )
  })

  it('finds every one of thousands of players', () => {
    const index = start()
    const ids = Array.from({ length: 3000 }, (_, at) => `p${(at * 7919) % 3000}`)
    for (const [at, id] of ids.entries()) {
      index.apply(envelopeAt(at + 1, { players: [id] }))
      if (at % 10 === 0) index.view.search('p1', 1)
    }
    for (const id of ids) expect(index.view.search(id, 1)).toEqual([{ player: id }])
    expect(index.view.search('', 1000)).toHaveLength(1000)
  })

  it('finds an erased player by nothing, and still counts for the others', async () => {
    interface Named extends GameEvent {
      readonly names: Readonly<Record<string, string>>
    }
    const index = playerIndex({ nameOf: (event: Named) => event.names }).start({ clock: clockAt() })
    const players = ['ann', 'erased:17']
    const event: Named = { type: 'Named', names: { 'erased:17': 'Bob' } }
    index.apply(envelopeAt(1, { gameId: 'a', players, event }))
    index.apply(envelopeAt(2, { gameId: 'a', version: 2, final: true, outcome: resultOf(players), event }))
    expect(index.view.search('').map(({ player }) => player)).toEqual(['ann'])
    expect(index.view.search('erased')).toEqual([])
    expect(index.view.search('bob')).toEqual([])
    expect(index.view.count).toBe(1)
    expect(index.view.stats('erased:17')).toBeUndefined()
    expect(index.view.headToHead('ann', 'erased:17')).toBeUndefined()
    expect(await everyGame(index.view, 'erased:17')).toEqual([])
    expect(index.view.stats('ann')).toMatchObject({ finished: 1, draws: 1 })
    const loaded = playerIndex().start({ clock: clockAt() })
    loaded.load(index.save())
    expect(loaded.view.count).toBe(1)
    expect(loaded.view.search('e')).toEqual([])
    index.apply(envelopeAt(3, { players: ['erased:x'] }))
    expect(index.view.search('erased')).toEqual([{ player: 'erased:x' }])
  })

  it('keeps what a snapshot took as it was, whatever comes after', () => {
    const index = start()
    for (let at = 1; at <= 2500; at++)
      index.apply(envelopeAt(at, { players: [`p${at}`, `q${at % 50}`], final: at % 3 > 0 }))
    const parts = index.snapshot!()
    const before = Buffer.concat(parts)
    for (let at = 2501; at <= 5000; at++)
      index.apply(envelopeAt(at, { players: [`p${at % 2600}`, `a${at}`], final: at % 3 > 0 }))
    expect(Buffer.concat(parts).equals(before)).toBe(true)
    expect(Buffer.concat(index.snapshot!()).equals(before)).toBe(false)
  })

  it('refuses limits and cursors that are none', async () => {
    const { view } = start()
    await expect(view.gamesOf('ann', { limit: 0 })).rejects.toThrow(/limit/)
    await expect(view.gamesOf('ann', { cursor: 'nonsense' })).rejects.toThrow(/Not a cursor/)
    expect(() => view.search('a', 1001)).toThrow(/limit/)
  })
})
