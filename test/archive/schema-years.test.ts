/**
 * Years of one game: its events change their shape twice, and everything that was ever archived is read by the rules of
 * today. `test/golden/archive-schemas` was written by the rules of the first two shapes, by ledgers of their time:
 *
 *     trek/old     played under schema 1        Moved { who, to }          Over { by }
 *     trek/moved   begun under 1, ended under 2 Moved { player, to }       Over { by }
 *     trek/new     played under schema 2
 *     today        schema 3                     Stepped { player, at: [x, y] }   Ended { winner }
 *
 * To write it anew for a new format: GOLDEN=write, into a new directory.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { isRight } from 'fp-ts/lib/Either.js'
import {
  accept,
  defineGame,
  memoryColdStore,
  memoryJournal,
  openLedger,
  readOnly,
  SchemaTooNewError,
  type AnyGame,
  type ColdStore,
  type EventEnvelope,
  type GameEvent,
  type Ledger,
} from 'gameledger'
import { manualClock } from 'gameledger/testing'
import { describe, expect, it } from 'vitest'

interface Trek {
  at: Record<string, unknown>
  winner?: string
}

const common = {
  kind: 'trek',
  initialState: { at: {} } as Trek,
  isTerminal: ({ winner }: Trek) => winner !== undefined,
  players: ({ at }: Trek) => Object.keys(at),
  result: ({ winner }: Trek) => ({ standings: [{ player: winner!, place: 1 }] }),
}

type Event1 =
  | { readonly type: 'Moved'; readonly who: string; readonly to: string }
  | { readonly type: 'Over'; readonly by: string }

const rules1 = defineGame({
  ...common,
  decide: (event: Event1) => accept(event),
  evolve(state: Trek, event: Event1) {
    if (event.type === 'Moved') state.at[event.who] = event.to
    else if (event.type === 'Over') state.winner = event.by
    else throw new TypeError('What is this?')
  },
})

type Event2 =
  | { readonly type: 'Moved'; readonly player: string; readonly to: string }
  | { readonly type: 'Over'; readonly by: string }

const rules2 = defineGame({
  ...common,
  schema: 2,
  decide: (event: Event2) => accept(event),
  evolve(state: Trek, event: Event2) {
    if (event.type === 'Moved') state.at[event.player] = event.to
    else if (event.type === 'Over') state.winner = event.by
    else throw new TypeError('What is this?')
  },
  upcasters: {
    Moved: { 1: ({ who, ...rest }: { type: string; who: string }) => ({ ...rest, player: who }) },
  },
})

type Event3 =
  | { readonly type: 'Stepped'; readonly player: string; readonly at: readonly [number, number] }
  | { readonly type: 'Ended'; readonly winner: string }

const placeOf = (square: string): [number, number] => [square.charCodeAt(0) - 97, Number(square[1])]

const rules3 = defineGame({
  ...common,
  schema: 3,
  decide: (event: Event3) => accept(event),
  evolve(state: Trek, event: Event3) {
    if (event.type === 'Stepped') state.at[event.player] = [...event.at]
    else if (event.type === 'Ended') state.winner = event.winner
    else throw new TypeError('What is this?')
  },
  upcasters: {
    Moved: {
      ...rules2.upcasters!['Moved'],
      2: ({ player, to }: { player: string; to: string }) =>
        ({ type: 'Stepped', player, at: placeOf(to) }) as GameEvent,
    },
    Over: { 2: ({ by }: { by: string }) => ({ type: 'Ended', winner: by }) as GameEvent },
  },
})

const directory = new URL('../golden/archive-schemas/', import.meta.url)

/** Three ledgers over the years, on one journal and one archive. */
const written = async (): Promise<ColdStore> => {
  const [journal, archive] = [memoryJournal(), memoryColdStore()]
  const clock = manualClock(Date.UTC(2019, 4, 1))
  const inYear = async (game: AnyGame, commands: readonly (readonly [string, GameEvent])[]) => {
    const ledger = await openLedger({ games: [game], journal, archive, clock })
    for (const [id, command] of commands) {
      clock.advance(1_000)
      expect(isRight(await ledger.game(game, id).dispatch(command))).toBe(true)
    }
    await ledger.close()
    clock.advance(365 * 86_400_000)
  }
  const moved = (who: string, to: string): Event1 => ({ type: 'Moved', who, to })
  const moved2 = (player: string, to: string): Event2 => ({ type: 'Moved', player, to })
  const over = (by: string): Event1 => ({ type: 'Over', by })
  await inYear(rules1, [
    ['old', moved('ann', 'a1')],
    ['moved', moved('cat', 'c3')],
    ['old', moved('bob', 'b2')],
    ['old', over('bob')],
  ])
  await inYear(rules2, [
    ['new', moved2('dan', 'd4')],
    ['moved', moved2('cat', 'e5')],
    ['moved', over('cat')],
    ['new', over('dan')],
  ])
  return archive
}

const golden = async (): Promise<ColdStore> => {
  if (process.env['GOLDEN'] === 'write') {
    const store = await written()
    mkdirSync(directory, { recursive: true })
    for await (const key of store.list(''))
      writeFileSync(new URL(key.replace(/\.json$/, '.json.golden'), directory), (await store.get(key))!)
  }
  const store = memoryColdStore()
  for (const name of readdirSync(directory))
    await store.put(name.replace('.golden', ''), readFileSync(new URL(name, directory)))
  return readOnly(store)
}

const openBy = async (...games: readonly AnyGame[]): Promise<Ledger> =>
  openLedger({ games, archive: await golden() }) as Promise<Ledger>

const all = async (events: AsyncIterable<EventEnvelope>): Promise<EventEnvelope[]> => {
  const found: EventEnvelope[] = []
  for await (const envelope of events) found.push(envelope)
  return found
}

/** What a replay comes to, or why there is none. */
const replayed = async (ledger: Ledger, game: AnyGame, id: string): Promise<unknown> => {
  const replay = await ledger.replay(game, id)
  if (!isRight(replay)) return replay.left
  const { state, hash, events } = replay.right
  const steps = [...replay.right.states()]
  expect(steps.at(-1)!.state).toEqual(state)
  return { state, hash, types: events.map(({ event, schema }) => `${event.type}@${schema}`) }
}

const [stepped, ended] = ['Stepped@3', 'Ended@3']

describe('an archive of schemas 1 and 2', () => {
  it('replays under schema 3, lifted step by step', async () => {
    const ledger = await openBy(rules3)
    const hash = 'not-comparable'
    expect(await replayed(ledger, rules3, 'old')).toEqual({
      state: { at: { ann: [0, 1], bob: [1, 2] }, winner: 'bob' },
      types: [stepped, stepped, ended],
      hash,
    })
    expect(await replayed(ledger, rules3, 'moved')).toEqual({
      state: { at: { cat: [4, 5] }, winner: 'cat' },
      types: [stepped, stepped, ended],
      hash,
    })
    expect(await replayed(ledger, rules3, 'new')).toMatchObject({ state: { at: { dan: [3, 4] } }, hash })
    const past = await all(ledger.history())
    expect(past.map(({ event }) => event.type)).toEqual([
      'Stepped',
      'Stepped',
      'Stepped',
      'Ended',
      'Stepped',
      'Stepped',
      'Ended',
      'Ended',
    ])
    expect(new Set(past.map(({ schema }) => schema))).toEqual(new Set([3]))
    const versions: number[] = []
    for await (const { version } of ledger.playback(rules3, 'moved', { factor: Infinity }))
      versions.push(version)
    expect(versions).toEqual([0, 1, 2, 3])
    expect(await ledger.verify({ deep: true })).toMatchObject({ ok: true, games: 3, notComparable: 3 })
    await ledger.close()
  })

  it('is compared with what was recorded by rules of its own schema, also where a game lived through a change', async () => {
    const ledger = await openBy(rules2)
    expect(await replayed(ledger, rules2, 'moved')).toMatchObject({
      hash: 'equal',
      types: ['Moved@2', 'Moved@2', 'Over@2'],
    })
    expect(await replayed(ledger, rules2, 'new')).toMatchObject({ hash: 'equal' })
    expect(await replayed(ledger, rules2, 'old')).toMatchObject({ hash: 'not-comparable' })
    expect(await ledger.verify({ deep: true })).toMatchObject({ ok: true, games: 3, notComparable: 1 })
    await ledger.close()
  })

  it('is too new for rules of schema 1, but for what they wrote; and nothing is guessed', async () => {
    const ledger = await openBy(rules1)
    expect(await replayed(ledger, rules1, 'old')).toMatchObject({ hash: 'equal' })
    for (const [id, type] of [
      ['moved', 'Moved'],
      ['new', 'Moved'],
    ] as const)
      expect(await replayed(ledger, rules1, id)).toEqual({
        _tag: 'SchemaTooNew',
        stream: `trek/${id}`,
        type,
        found: 2,
        known: 1,
      })
    await expect(all(ledger.history())).rejects.toThrow(SchemaTooNewError)
    await expect(all(ledger.game(rules1, 'new').events())).rejects.toThrow(SchemaTooNewError)
    const playing = ledger.playback(rules1, 'new', { factor: Infinity })[Symbol.asyncIterator]()
    await expect(playing.next()).rejects.toThrow(SchemaTooNewError)
    await ledger.close()
  })

  it('says which event rules do not know, that have no upcaster for it', async () => {
    const { upcasters: _, ...forgetful } = rules3
    const game = defineGame({ ...forgetful, upcasters: { Moved: rules3.upcasters!['Moved']! } })
    const ledger = await openBy(game)
    expect(await replayed(ledger, game, 'old')).toMatchObject({
      _tag: 'UnknownEvent',
      stream: 'trek/old',
      type: 'Over',
      version: 3,
    })
    const upTo = await ledger.replay(game, 'old', { toVersion: 2 })
    expect(upTo).toMatchObject({ right: { version: 2, state: { at: { ann: [0, 1] } } } })
    await ledger.close()
  })

  it('says which upcaster threw, wherever it is met, and an import leaves the game out', async () => {
    const throwing = defineGame({
      ...rules3,
      upcasters: {
        ...rules3.upcasters,
        Moved: {
          ...rules3.upcasters!['Moved'],
          1: () => {
            throw new RangeError('no such square')
          },
        },
      },
    })
    const ledger = await openBy(throwing)
    const told = {
      name: 'UpcasterError',
      code: 'upcaster-threw',
      type: 'Moved',
      from: 1,
      message:
        'The upcaster of Moved from schema 1 threw: RangeError: no such square. Mend `upcasters.Moved[1]` of the game: ' +
        'it has to take every event that was recorded under that schema.',
    }
    await expect(ledger.replay(throwing, 'old')).rejects.toMatchObject(told)
    await expect(all(ledger.game(throwing, 'old').events())).rejects.toMatchObject(told)
    await expect(all(ledger.history())).rejects.toMatchObject(told)
    expect(await replayed(ledger, throwing, 'new')).toMatchObject({ hash: 'not-comparable' })
    const lines: string[] = []
    for await (const line of ledger.archive.export()) lines.push(line)
    const other = await openLedger({ games: [throwing] })
    const imported = await other.importEvents(lines)
    expect(imported.skipped).toContainEqual(
      expect.objectContaining({ game: 'trek/old', reason: told.message }),
    )
    await Promise.all([ledger.close(), other.close()])
  })

  it('is exported as it was written, and taken in by rules of schema 3', async () => {
    const ledger = await openBy(rules3)
    const lines: string[] = []
    for await (const line of ledger.archive.export()) lines.push(line)
    const shapes = lines.map((line) => JSON.parse(line) as EventEnvelope).map(({ schema }) => schema)
    expect(shapes).toEqual([1, 1, 1, 1, 2, 2, 2, 2])
    const other = await openLedger({ games: [rules3] })
    expect(await other.importEvents(lines)).toMatchObject({ games: 3, events: 8, skipped: [] })
    await other.settled()
    expect(await replayed(other as Ledger, rules3, 'moved')).toMatchObject({
      state: { at: { cat: [4, 5] }, winner: 'cat' },
      hash: 'equal',
    })
    await Promise.all([ledger.close(), other.close()])
  })

  it('is read as it was written where its rules are not given', async () => {
    const ledger = await openBy()
    expect(
      (await all(ledger.archive.events('trek/old'))).map(({ event, schema }) => [schema, event]),
    ).toEqual([
      [1, { type: 'Moved', who: 'ann', to: 'a1' }],
      [1, { type: 'Moved', who: 'bob', to: 'b2' }],
      [1, { type: 'Over', by: 'bob' }],
    ])
    await ledger.close()
  })
})
