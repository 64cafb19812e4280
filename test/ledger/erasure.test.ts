/**
 * An erasure on a real directory: afterwards the name is in no byte of journal, archive and read models, everything of
 * all others is as it was, and what is live equals what is rebuilt.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { isLeft, isRight } from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import {
  defineProjection,
  fileCheckpointStore,
  fileColdStore,
  fileJournal,
  glicko2,
  leaderboard,
  memoryCheckpointStore,
  openLedger,
  playerIndex,
  standardBoards,
  type EventEnvelope,
  type LeaderboardView,
  type Ledger,
  type ViewsOf,
} from 'gameledger'
import { manualClock } from 'gameledger/testing'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { OpenFileJournal } from '../../src/events/journal/open-file-journal.js'
import { ReadModels } from '../../src/read-models.js'
import { Rewriter } from '../../src/archive/rewriter.js'
import { talking, type TalkCommand, type TalkEvent } from './talking-game.js'

const dayMs = 86_400_000

const projections = {
  ...standardBoards(talking),
  glicko: leaderboard({ operator: glicko2() }),
  daily: leaderboard({
    score: (event: TalkEvent) => (event.type === 'Scored' ? event.scores : {}),
    window: ['daily', { rolling: { days: 7 } }],
  }),
  words: defineProjection({
    name: 'words',
    version: 1,
    initial: { words: {} as Record<string, number> },
    apply(model, { event }: EventEnvelope<TalkEvent>) {
      if (event.type === 'Said') model.words[event.player] = (model.words[event.player] ?? 0) + 1
    },
    view: (model) => ({ of: (player: string) => model.words[player], all: () => ({ ...model.words }) }),
  }),
}
const players = playerIndex({
  nameOf: (event) => {
    const { type, player } = event as TalkEvent & { player: string }
    return type === 'Sat' ? { [player]: `${player}!` } : undefined
  },
})

type Opened = Ledger<ViewsOf<typeof projections>>

const boards = [
  'wins',
  'games',
  'win-rate',
  'score',
  'best-score',
  'streak',
  'rating',
  'glicko',
  'daily',
] as const

let folder: string
const clock = manualClock(Date.UTC(2026, 0, 1))

const open = (
  data = join(folder, 'data'),
  checkpoints = fileCheckpointStore(join(data, 'projections')),
): Promise<Opened> =>
  openLedger({
    games: [talking],
    journal: fileJournal(join(data, 'journal'), { logFileBytesMax: 8 * 1024 }),
    archive: fileColdStore(join(data, 'archive')),
    checkpoints,
    projections,
    players,
    clock,
    batchGamesMax: 4,
    checkpointEveryMs: dayMs,
  })

const others = ['Bea', 'Cid', 'Dot']

const send = async (ledger: Opened, id: string, ...commands: readonly TalkCommand[]): Promise<void> => {
  for (const command of commands) {
    const answer = await ledger.game(talking, id).dispatch(command)
    if (isLeft(answer)) throw new Error(JSON.stringify(answer.left))
  }
}

const seated = (...names: readonly string[]): TalkCommand[] =>
  names.map((player) => ({ type: 'Sit', player }))
const say = (player: string, text: string): TalkCommand => ({ type: 'Say', player, text })
const score = (scores: Record<string, number>): TalkCommand => ({ type: 'Score', scores })
const finish: TalkCommand = { type: 'Finish' }

/** Days of play, each with an opening of its own: archived, live and sleeping games, kept models, pages of windows. */
const play = async (name: string, days = 4): Promise<void> => {
  for (let day = 1; day <= days; day++) {
    const ledger = await open()
    await send(
      ledger,
      `lasting${day}`,
      ...seated(name, 'Bea'),
      score({ [name]: 1 }),
      say('Bea', `hello ${name}`),
    )
    await send(ledger, `others${day}`, ...seated('Cid', 'Dot'), say('Dot', 'nobody is here'))
    for (let n = 1; n <= 6; n++) {
      const id = `day${day}-${n}`
      const [one, other] = [others[n % 3]!, others[(n + 1) % 3]!]
      const seats = n % 2 === 0 ? [one, name] : [one, other]
      await send(
        ledger,
        id,
        ...seated(...seats),
        score({ [seats[0]!]: n, [seats[1]!]: 4 }),
        say(one, 'x'.repeat(400)),
      )
      if (n === 3) await send(ledger, id, say(other, `where is ${name}?`))
      await send(ledger, id, finish)
      await ledger.settled()
    }
    clock.advance(dayMs)
    await ledger.close()
  }
}

const filesUnder = (directory: string): string[] =>
  readdirSync(directory).flatMap((entry) => {
    const path = join(directory, entry)
    return statSync(path).isDirectory() ? filesUnder(path) : [path]
  })

const escaped = (name: string): string => {
  let text = ''
  for (let at = 0; at < name.length; at++) text += `\\u${name.charCodeAt(at).toString(16).padStart(4, '0')}`
  return text
}

/** The files that hold a name, in UTF-8 or as JSON spells it. */
const naming = (name: string, directory = join(folder, 'data')): string[] =>
  filesUnder(directory).filter((path) => {
    const stored = readFileSync(path)
    const bytes = path.endsWith('.gz') ? gunzipSync(stored) : stored
    return [name, JSON.stringify(name).slice(1, -1), escaped(name)].some((text) => bytes.includes(text))
  })

/** What everybody else may see of themselves. */
const ofOthers = async (ledger: Opened): Promise<unknown> => {
  await ledger.caughtUp()
  const scores = others.map((player) => [
    player,
    boards.map((board) => (ledger.views[board] as LeaderboardView).scoreOf(player)),
    ledger.views.words.of(player),
    ledger.views.players.stats(player),
  ])
  const order = boards.map((board) =>
    (ledger.views[board] as LeaderboardView)
      .top(100)
      .map(({ player }) => player)
      .filter((player) => others.includes(player)),
  )
  return { scores, order }
}

/** Everything that the boards tell. */
const everything = async (ledger: Opened): Promise<unknown> => {
  await ledger.caughtUp()
  const days = await Promise.all(
    ledger.views.daily.windows().map(async ({ id }) => [id, [...(await ledger.views.daily.at(id)).top(100)]]),
  )
  return {
    boards: boards.map((board) => [...(ledger.views[board] as LeaderboardView).top(100)]),
    days,
    words: ledger.views.words.all(),
    players: await Promise.all(
      others.map(async (player) => [
        ledger.views.players.stats(player),
        await ledger.views.players.gamesOf(player),
      ]),
    ),
  }
}

const eventsOf = async (ledger: Opened): Promise<EventEnvelope[]> => {
  const events: EventEnvelope[] = []
  const { position } = ledger.stats()
  for await (const envelope of ledger.eventsFrom(0)) {
    events.push(envelope)
    if (envelope.position >= position) break
  }
  return events
}

/** An envelope as it should be afterwards: the name is in whole strings and, in what is said, in parts of them. */
const renamed = (events: readonly EventEnvelope[], name: string, alias: string): unknown =>
  JSON.parse(JSON.stringify(events).replaceAll(JSON.stringify(name).slice(1, -1), alias))

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'erasure-'))
})
afterEach(async () => {
  vi.restoreAllMocks()
  await rm(folder, { recursive: true, force: true })
})

describe('after an erasure', { timeout: 120_000 }, () => {
  test('the name is in no byte, all else is as it was, and what is live equals what is rebuilt', async () => {
    const name = 'Zaphod "Ω" \\B'
    await play(name)
    expect(naming(name).length).toBeGreaterThan(10)
    const ledger = await open()
    expect(ledger.stats().games.asleep).toBeGreaterThan(0)
    await send(ledger, 'now', ...seated(name, 'Cid'), say(name, 'still here'))
    const before = {
      others: await ofOthers(ledger),
      events: await eventsOf(ledger),
      live: ledger.liveGames().length,
    }
    const told = await ledger.erase(name, { dryRun: true })
    expect(told.alias).toBeUndefined()
    expect(naming(name).length).toBeGreaterThan(10)

    const report = await ledger.erase(name)
    expect(report).toMatchObject({
      alias: 'erased:1',
      liveGames: 5,
      archivedGames: 16,
      mentions: 0,
      faulted: [],
      unread: [],
      namedIds: [],
    })
    expect(report).toEqual({ ...told, alias: 'erased:1', mentions: 0 })
    expect(naming(name)).toEqual([])
    expect(await ofOthers(ledger)).toEqual(before.others)
    expect(await eventsOf(ledger)).toEqual(renamed(before.events, name, 'erased:1'))
    expect(ledger.liveGames()).toHaveLength(before.live)
    expect(ledger.views.players.search(name.slice(0, 3))).toEqual([])
    expect((await ledger.views.players.gamesOf('erased:1')).games).toEqual([])
    expect((await ledger.views.players.gamesOf(name)).games).toEqual([])
    expect((await ledger.archive.list({ player: name })).games).toEqual([])
    expect(ledger.views.rating.rankOf('erased:1')).toBeUndefined()

    // Play goes on with whoever is left, in memory and out of sleep.
    const { state } = ledger.game(talking, 'now')
    expect(state?.players).toEqual(['erased:1', 'Cid'])
    await send(ledger, 'now', score({ 'erased:1': 2, Cid: 1 }), finish)
    await send(ledger, 'lasting1', score({ Bea: 3 }), finish)
    await ledger.settled()
    const live = await everything(ledger)
    const afterwards = await ledger.verify({ deep: true })
    expect(afterwards).toMatchObject({ ok: true, problems: [] })
    await ledger.close()
    expect(naming(name)).toEqual([])

    // From the saved models, and from nothing.
    const again = await open()
    expect(await everything(again)).toEqual(live)
    expect(await again.erase(name)).toMatchObject({ liveGames: 0, archivedGames: 0, batches: 0 })
    await again.close()
    const rebuilt = await open(undefined, memoryCheckpointStore())
    expect(await everything(rebuilt)).toEqual(live)
    await rebuilt.close()
    expect(naming(name)).toEqual([])
  })

  test('whatever the player is called', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(
          fc.constantFrom('Ann', 'ÄÖ', '"', '\\', '\n', '💥'),
          fc.string({ unit: 'grapheme', maxLength: 20 }),
        ),
        async ([first, rest]) => {
          // Long enough that no byte of anything else spells it by chance.
          const name = `${first}-q7x~${rest}`
          await rm(join(folder, 'data'), { recursive: true, force: true })
          await play(name, 2)
          expect(naming(name)).not.toEqual([])
          const ledger = await open()
          const before = await ofOthers(ledger)
          await ledger.erase(name)
          expect(await ofOthers(ledger)).toEqual(before)
          expect((await ledger.verify({ deep: true })).problems).toEqual([])
          const live = await everything(ledger)
          await ledger.close()
          expect(naming(name)).toEqual([])
          const rebuilt = await open(undefined, memoryCheckpointStore())
          expect(await everything(rebuilt)).toEqual(live)
          await rebuilt.close()
        },
      ),
      { numRuns: 5 },
    )
  })

  test('two players are two aliases, and one who comes again is a third', async () => {
    await play('Zaphod', 1)
    const ledger = await open()
    expect((await ledger.erase('Zaphod')).alias).toBe('erased:1')
    expect((await ledger.erase('Bea')).alias).toBe('erased:2')
    await send(ledger, 'again', ...seated('Zaphod', 'Cid'), finish)
    expect((await ledger.erase('Zaphod')).alias).toBe('erased:3')
    expect(ledger.views.words.all()).toEqual({ 'erased:2': 3, Cid: 3, Dot: 3 })
    expect(() => ledger.erase('erased:2')).toThrow(TypeError)
    await ledger.close()
    for (const name of ['Zaphod', 'Bea']) expect(naming(name)).toEqual([])
  })
})

test('a ledger in memory forgets the name, too', async () => {
  const ledger = await openLedger({ games: [talking], projections, players, clock })
  await ledger.game(talking, 'over').dispatch({ type: 'Sit', player: 'Zaphod' })
  await ledger.game(talking, 'over').dispatch(finish)
  await ledger.game(talking, 'live').dispatch({ type: 'Sit', player: 'Zaphod' })
  await ledger.settled()
  const before = await eventsOf(ledger)
  expect(await ledger.erase('Zaphod', { everywhere: false })).toMatchObject({
    liveGames: 1,
    archivedGames: 1,
  })
  expect(await eventsOf(ledger)).toEqual(renamed(before, 'Zaphod', 'erased:1'))
  expect(ledger.game(talking, 'live').state?.players).toEqual(['erased:1'])
  expect(ledger.views.players.search('Zaph')).toEqual([])
  await ledger.close()
})

test('where games were dropped from the archive it has to be meant', async () => {
  const ledger = await openLedger({ games: [talking], projections, players, clock })
  await ledger.game(talking, 'over').dispatch({ type: 'Sit', player: 'Zaphod' })
  await ledger.game(talking, 'over').dispatch(finish)
  await ledger.settled()
  clock.advance(10 * dayMs)
  await ledger.archive.retain({ olderThanMs: dayMs })
  await expect(ledger.erase('Zaphod')).rejects.toMatchObject({ code: 'history-shortened' })
  expect(await ledger.erase('Zaphod', { shortened: true })).toMatchObject({ archivedGames: 0 })
  await ledger.close()
})

describe('while a player is erased', { timeout: 60_000 }, () => {
  test('commands that name them are refused, those of others go on, and no event of a game is lost', async () => {
    await play('Zaphod', 2)
    const ledger = await open()
    await send(ledger, 'now', ...seated('Zaphod', 'Cid'))
    let isOver = false
    const erasing = ledger.erase('Zaphod').finally(() => (isOver = true))
    const refused: string[] = []
    let accepted = 0
    // Before it had begun.
    let early = 0
    for (let n = 1; !isOver; n++) {
      const [named, other, sleeping, fresh] = await Promise.all([
        ledger.game(talking, 'now').dispatch(say('Zaphod', `word ${n}`)),
        ledger.game(talking, 'now').dispatch(say('Cid', `word ${n}`)),
        ledger.game(talking, 'lasting1').dispatch(say('Bea', `word ${n}`)),
        ledger.game(talking, `fresh${n}`).dispatch({ type: 'Sit', player: 'Dot' }),
      ])
      if (isLeft(named)) refused.push(named.left._tag === 'Unavailable' ? named.left.code : named.left._tag)
      else early++
      for (const answer of [other, sleeping, fresh]) if (isRight(answer)) accepted++
    }
    await erasing
    expect(new Set(refused)).toEqual(new Set(['player-being-erased']))
    expect(accepted).toBeGreaterThan(10)
    expect(accepted % 3).toBe(0)
    const loaded = await ledger.game(talking, 'now').load()
    expect(isRight(loaded) && loaded.right.state.players).toEqual(['erased:1', 'Cid'])
    const { version } = ledger.game(talking, 'now')
    expect(version).toBe(2 + early + accepted / 3)
    const live = await everything(ledger)
    await ledger.close()
    expect(naming('Zaphod')).toEqual([])
    const rebuilt = await open(undefined, memoryCheckpointStore())
    expect(await everything(rebuilt)).toEqual(live)
    const again = await rebuilt.game(talking, 'now').load()
    expect(isRight(again) && again.right).toEqual(isRight(loaded) && loaded.right)
    await rebuilt.close()
  })

  test('it can be given up, and goes on under its number when it is run again', async () => {
    await play('Zaphod', 2)
    const ledger = await open()
    const giving = new AbortController()
    const first = ledger.erase('Zaphod', {
      signal: giving.signal,
      onProgress: ({ stage, done }) => {
        if (stage === 'archive' && done === 1) giving.abort(new Error('enough'))
      },
    })
    await expect(first).rejects.toThrow('enough')
    await ledger.close()
    expect(naming('Zaphod')).not.toEqual([])
    const again = await open()
    const faults: string[] = []
    again.faults$.subscribe(({ code }) => faults.push(code))
    expect(faults).toEqual(['erasure-unfinished'])
    expect((await again.erase('Bea')).alias).toBe('erased:2')
    expect((await again.erase('Zaphod')).alias).toBe('erased:1')
    expect((await again.verify({ deep: true })).problems).toEqual([])
    await again.close()
    expect([...naming('Zaphod'), ...naming('Bea')]).toEqual([])
  })

  test('a close on the way ends it, and it goes on in the next opening', async () => {
    await play('Zaphod', 2)
    const ledger = await open()
    const erasing = ledger.erase('Zaphod')
    await Promise.all([expect(erasing).rejects.toMatchObject({ code: 'erasure-stopped' }), ledger.close()])
    const again = await open()
    expect((await again.erase('Zaphod')).alias).toBe('erased:1')
    await again.close()
    expect(naming('Zaphod')).toEqual([])
  })
})

describe('without one of its steps the name is found (controls)', { timeout: 60_000 }, () => {
  const namedAfter = async (): Promise<string[]> => {
    await play('Zaphod', 2)
    const ledger = await open()
    await ledger.erase('Zaphod')
    await ledger.close()
    return naming('Zaphod').map((path) => path.slice(join(folder, 'data').length + 1).split('/')[0]!)
  }

  test('the rewriting of the journal', async () => {
    const nothing = { vanished: () => Promise.resolve() }
    vi.spyOn(OpenFileJournal.prototype, 'rewrite').mockResolvedValue(nothing)
    expect(await namedAfter()).toContain('journal')
  })

  test('the deletion of what was replaced in the archive', async () => {
    const { close, cleared } = Rewriter.prototype
    vi.spyOn(Rewriter.prototype, 'cleared').mockImplementation(async function (this: Rewriter) {
      close.call(this)
      await cleared.call(this).catch(() => undefined)
    })
    expect(await namedAfter()).toContain('archive')
  })

  test('the read models made anew', async () => {
    vi.spyOn(ReadModels.prototype, 'remake').mockResolvedValue([])
    expect(await namedAfter()).toContain('projections')
  })
})
