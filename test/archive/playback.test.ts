/** Games as they were played, for spectators, on a clock that a test moves: pace, pauses, following, secrets, giving up. */
import { setImmediate as turn } from 'node:timers/promises'
import { right } from 'fp-ts/lib/Either.js'
import {
  accept,
  defineGame,
  openLedger,
  UnknownEventError,
  type AnyGame,
  type PlaybackOptions,
  type PlaybackStep,
  type Viewer,
} from 'gameledger'
import { manualClock } from 'gameledger/testing'
import { describe, expect, test } from 'vitest'
import { ticTacToe } from '../../examples/tic-tac-toe/game.js'
import { inMemory, join, mark, receiptOf, wonByAnn } from '../ledger/opened.js'

interface HandsState {
  hands: Record<string, number[]>
  table: number[]
  isOver: boolean
}

type HandsEvent =
  | { readonly type: 'Dealt'; readonly player: string; readonly cards: readonly number[] }
  | { readonly type: 'Played'; readonly card: number }
  | { readonly type: 'Ended' }

const isOwn = (viewer: Viewer, player: string): boolean =>
  viewer.as === 'operator' || (viewer.as === 'player' && viewer.player === player)

/** A hand is its player's until it is played. */
const hands = defineGame({
  kind: 'hands',
  initialState: { hands: {}, table: [], isOver: false },
  decide: (command: HandsEvent) => accept(command),
  evolve(state: HandsState, event: HandsEvent) {
    if (event.type === 'Dealt') state.hands[event.player] = [...event.cards]
    if (event.type === 'Played') state.table.push(event.card)
    if (event.type === 'Ended') state.isOver = true
  },
  isTerminal: ({ isOver }) => isOver,
  view: (state, viewer) => ({
    table: state.table,
    hands: Object.fromEntries(
      Object.entries(state.hands).map(([player, cards]) => [
        player,
        isOwn(viewer, player) ? cards : cards.length,
      ]),
    ),
  }),
  viewEvent: (event, viewer) =>
    event.type === 'Dealt' && !isOwn(viewer, event.player) ? { type: 'Dealt', player: event.player } : event,
})

const games = [ticTacToe, hands]

const openOn = (clock = manualClock(1_000_000), options = {}) =>
  openLedger({ games, ...inMemory(), clock, checks: true, batchAgeMaxMs: 1, ...options })

/** Long enough for everything that does not wait for the clock. */
const settle = async (): Promise<void> => {
  for (let nth = 0; nth < 30; nth++) await turn()
}

/** What a spectator sees, each step with the time at which it came. */
const watching = (steps: AsyncIterable<PlaybackStep>, clock: { now(): number }) => {
  const seen: { at: number; version: number; step: PlaybackStep }[] = []
  const over = (async () => {
    for await (const step of steps) seen.push({ at: clock.now(), version: step.version, step })
  })()
  over.catch(() => undefined)
  return { seen, over, times: () => seen.map(({ at, version }) => [version, at]) }
}

/** A game of tic-tac-toe that ann wins, a second a move, but for the fifth event, an hour later. */
const playedGame = async (clock = manualClock(1_000_000)) => {
  const ledger = await openOn(clock)
  for (const [nth, command] of wonByAnn.entries()) {
    if (nth > 0) clock.advance(nth === 4 ? 3_600_000 : 1_000)
    receiptOf(await ledger.game(ticTacToe, 'g').dispatch(command))
  }
  await ledger.settled()
  return { ledger, clock }
}

const advanceBySteps = async (clock: ReturnType<typeof manualClock>, ms: number, stepMs: number) => {
  for (let passed = 0; passed < ms; passed += stepMs) {
    clock.advance(stepMs)
    await settle()
  }
}

describe('a playback', () => {
  test('gives each step at the pace of play, with pauses of at most so long', async () => {
    const { ledger, clock } = await playedGame()
    const begun = clock.now()
    const { over, times, seen } = watching(ledger.playback(ticTacToe, 'g', { maxPauseMs: 2_500 }), clock)
    await settle()
    await advanceBySteps(clock, 8_000, 100)
    await over
    // 1 and 2 came a second apart; the hour is cut; the last command made two events at a time.
    const at = [0, 0, 1_000, 2_000, 3_000, 5_500, 6_500, 7_500, 7_500]
    expect(times()).toEqual(at.map((ms, version) => [version, begun + ms]))
    expect(seen.map(({ step }) => step.final)).toEqual([...Array<boolean>(8).fill(false), true])
    expect(seen[0]!.step).toEqual({ version: 0, view: ticTacToe.initialState, final: false })
    expect(seen[8]!.step).toMatchObject({ event: { event: { type: 'Won' } }, view: { winner: 'ann' } })
    await ledger.close()
  })

  test('is as much faster as is asked, or makes no pause at all', async () => {
    const { ledger, clock } = await playedGame()
    const begun = clock.now()
    const twice = watching(ledger.playback(ticTacToe, 'g', { factor: 2, maxPauseMs: 1_000 }), clock)
    const half = watching(ledger.playback(ticTacToe, 'g', { factor: 0.5, maxPauseMs: 10_000 }), clock)
    const atOnce = watching(ledger.playback(ticTacToe, 'g', { factor: Infinity }), clock)
    await atOnce.over
    expect(new Set(atOnce.seen.map(({ at }) => at))).toEqual(new Set([begun]))
    await advanceBySteps(clock, 20_000, 100)
    await Promise.all([twice.over, half.over])
    expect(twice.times().at(-1)).toEqual([8, begun + 500 * 5 + 1_000])
    expect(half.times().at(-1)).toEqual([8, begun + 2_000 * 5 + 10_000])
    await ledger.close()
  })

  test('shows the same states as the replay, from any version on', async () => {
    const { ledger } = await playedGame()
    const replay = await ledger.replay(ticTacToe, 'g')
    if (replay._tag === 'Left') throw new Error(replay.left._tag)
    const states = [...replay.right.states()]
    for (const from of [0, 1, 5, 8, 20, Infinity]) {
      const steps: PlaybackStep[] = []
      for await (const step of ledger.playback(ticTacToe, 'g', { from, factor: Infinity })) steps.push(step)
      const wanted = states.slice(Math.min(from, 8))
      expect(steps.map(({ version, view }) => ({ version, state: view }))).toEqual(wanted)
      expect(steps.at(-1)!.final).toBe(true)
      expect(steps[0]!.event?.version).toBe(from === 0 ? undefined : Math.min(from, 8))
    }
    await ledger.close()
  })

  test('a reader that takes its time sees the game later, and never in a rush', async () => {
    const { ledger, clock } = await playedGame()
    const begun = clock.now()
    const times: number[] = []
    const over = (async () => {
      for await (const { version } of ledger.playback(ticTacToe, 'g', { maxPauseMs: 1_000 })) {
        times.push(clock.now() - begun)
        if (version === 2) await clock.sleep(10_000)
      }
    })()
    await settle()
    await advanceBySteps(clock, 20_000, 500)
    await over
    expect(times).toEqual([0, 0, 1_000, 11_000, 12_000, 13_000, 14_000, 15_000, 15_000])
    await ledger.close()
  })

  test('follows a game that goes on, from before its first event to its last, into the archive', async () => {
    const clock = manualClock(1_000_000)
    const ledger = await openOn(clock)
    const { seen, over } = watching(ledger.playback(ticTacToe, 'g'), clock)
    await settle()
    expect(seen.map(({ version }) => version)).toEqual([0])
    for (const [nth, command] of wonByAnn.entries()) {
      clock.advance(60_000)
      receiptOf(await ledger.game(ticTacToe, 'g').dispatch(command))
      await settle()
      // It waited with the players: nothing has to be made up for.
      if (nth < 6) expect(seen.at(-1)).toMatchObject({ version: nth + 1, at: clock.now() })
    }
    await over
    expect(seen.map(({ version }) => version)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
    await ledger.close()
  })

  test('goes on where a game was archived while it was in a pause', async () => {
    const clock = manualClock(1_000_000)
    const ledger = await openOn(clock)
    const dispatch = async (commands: typeof wonByAnn) => {
      for (const command of commands) {
        clock.advance(1_000)
        receiptOf(await ledger.game(ticTacToe, 'g').dispatch(command))
      }
    }
    await dispatch(wonByAnn.slice(0, 4))
    const { seen, over } = watching(ledger.playback(ticTacToe, 'g'), clock)
    await settle()
    await dispatch(wonByAnn.slice(4))
    await ledger.settled()
    expect(ledger.stats().games).toMatchObject({ live: 0, archived: 1 })
    expect(seen.length).toBeLessThan(8)
    await advanceBySteps(clock, 10_000, 500)
    await over
    expect(seen.map(({ version }) => version)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
    await ledger.close()
  })

  test('ends at the newest event where it is not to follow', async () => {
    const ledger = await openOn()
    for (const command of [join('ann'), join('bob'), mark('ann', 4)])
      await ledger.game(ticTacToe, 'g').dispatch(command)
    const versions: number[] = []
    for await (const { version, final } of ledger.playback(ticTacToe, 'g', {
      follow: false,
      factor: Infinity,
    })) {
      versions.push(version)
      expect(final).toBe(false)
    }
    expect(versions).toEqual([0, 1, 2, 3])
    await ledger.close()
  })

  test('sets no timer while it waits for players', async () => {
    const clock = manualClock(1_000_000)
    let sleeps = 0
    const counted = {
      ...clock,
      sleep: (ms: number, signal?: AbortSignal) => (sleeps++, clock.sleep(ms, signal)),
    }
    const ledger = await openOn(counted)
    const { seen } = watching(ledger.playback(ticTacToe, 'g'), clock)
    await settle()
    // Other games are none of its business.
    for (const command of wonByAnn) receiptOf(await ledger.game(ticTacToe, 'other').dispatch(command))
    expect([sleeps, seen.length]).toEqual([0, 1])
    await ledger.game(ticTacToe, 'g').dispatch(join('ann'))
    await settle()
    clock.advance(1_000)
    await ledger.game(ticTacToe, 'g').dispatch(join('bob'))
    await settle()
    expect([sleeps, seen.length]).toEqual([0, 3])
    await ledger.close()
  })

  test('is given up in a pause, while it waits, and with the ledger', async () => {
    const { ledger, clock } = await playedGame()
    const stopping = new AbortController()
    const pausing = watching(ledger.playback(ticTacToe, 'g', { signal: stopping.signal }), clock)
    const waiting = watching(ledger.playback(ticTacToe, 'none', { signal: stopping.signal }), clock)
    const closed = watching(ledger.playback(ticTacToe, 'none'), clock)
    await settle()
    stopping.abort()
    await Promise.all([pausing.over, waiting.over])
    expect([pausing.seen.length, waiting.seen.length]).toEqual([2, 1])
    const never = watching(ledger.playback(ticTacToe, 'g', { signal: stopping.signal }), clock)
    await never.over
    expect(never.seen).toEqual([])
    await ledger.close()
    await closed.over
  })

  test('says what is no option, and which event the rules do not know', async () => {
    const { ledger, clock } = await playedGame()
    const wrong: readonly PlaybackOptions[] = [
      { factor: 0 },
      { factor: -1 },
      { factor: NaN },
      { from: -1 },
      { from: 1.5 },
      { maxPauseMs: -1 },
      { maxPauseMs: Infinity },
      { maxPauseMs: NaN },
    ]
    for (const options of wrong) {
      expect(() => ledger.playback(ticTacToe, 'g', options)).toThrow(TypeError)
      expect(() => ledger.playback$(ticTacToe, 'g', options)).toThrow(TypeError)
    }
    expect(() => ledger.playback(ticTacToe, 'a/b')).toThrow(TypeError)
    await ledger.close()
    const rooms = inMemory()
    const first = await openLedger({ games, ...rooms, clock })
    await first.game(hands, 'h').dispatch({ type: 'Dealt', player: 'ann', cards: [1] })
    await first.game(hands, 'h').dispatch({ type: 'Ended' })
    await first.close()
    const forgetful: AnyGame = defineGame({
      ...hands,
      decide: () => right([]),
      evolve: (state, event) => {
        if (event.type === 'Ended') throw new TypeError('What is this?')
        hands.evolve(state, event)
      },
    })
    const second = await openLedger({ games: [forgetful], ...rooms, clock })
    for (const from of [0, Infinity])
      await expect(
        watching(second.playback(forgetful, 'h', { from, factor: Infinity }), clock).over,
      ).rejects.toThrow(UnknownEventError)
    await second.close()
  })
})

describe('what is hidden', () => {
  const dealt = async () => {
    const ledger = await openOn()
    const game = ledger.game(hands, 'h')
    await game.dispatch({ type: 'Dealt', player: 'ann', cards: [77, 88] })
    await game.dispatch({ type: 'Dealt', player: 'bob', cards: [33, 44] })
    await game.dispatch({ type: 'Played', card: 77 })
    await game.dispatch({ type: 'Ended' })
    await ledger.settled()
    return ledger
  }
  const seenBy = async (ledger: Awaited<ReturnType<typeof dealt>>, game: AnyGame, viewer?: Viewer) => {
    const steps: PlaybackStep[] = []
    const options = { factor: Infinity, ...(viewer && { viewer }) }
    for await (const step of ledger.playback(game, 'h', options)) steps.push(step)
    return steps
  }

  test('stays hidden in every step, for spectators where nobody is named', async () => {
    const ledger = await dealt()
    expect(JSON.stringify(await seenBy(ledger, hands))).not.toMatch(/cards|88|33|44/)
    const ann = JSON.stringify(await seenBy(ledger, hands, { as: 'player', player: 'ann' }))
    expect(ann).toContain('[77,88]')
    expect(ann).not.toContain('[33,44]')
    const all = JSON.stringify(await seenBy(ledger, hands, { as: 'operator' }))
    expect(all).toContain('[77,88]')
    expect(all).toContain('[33,44]')
    await ledger.close()
  })

  test('where a game hides states and says nothing of events, steps have none but for operators', async () => {
    const { viewEvent: _, ...silent } = hands
    const quiet = defineGame({ ...silent, kind: 'quiet' })
    const ledger = await openLedger({ games: [quiet], ...inMemory() })
    await ledger.game(quiet, 'h').dispatch({ type: 'Dealt', player: 'ann', cards: [77, 88] })
    await ledger.game(quiet, 'h').dispatch({ type: 'Ended' })
    const events = async (viewer?: Viewer) => {
      const steps: (string | undefined)[] = []
      const options = { factor: Infinity, ...(viewer && { viewer }) }
      for await (const { event } of ledger.playback(quiet, 'h', options)) steps.push(event?.event.type)
      return steps
    }
    expect(await events()).toEqual([undefined, undefined, undefined])
    expect(await events({ as: 'player', player: 'ann' })).toEqual([undefined, undefined, undefined])
    expect(await events({ as: 'operator' })).toEqual([undefined, 'Dealt', 'Ended'])
    await ledger.close()
  })
})

describe('a playback as an observable', () => {
  test('plays anew for each subscriber, completes, and ends in a pause when nobody listens', async () => {
    const { ledger, clock } = await playedGame()
    const playing = ledger.playback$(ticTacToe, 'g', { maxPauseMs: 1_000 })
    const heard: number[][] = [[], []]
    let isComplete = false
    const first = playing.subscribe(({ version }) => heard[0]!.push(version))
    playing.subscribe({
      next: ({ version }) => heard[1]!.push(version),
      complete: () => (isComplete = true),
    })
    await settle()
    await advanceBySteps(clock, 2_000, 500)
    first.unsubscribe()
    await advanceBySteps(clock, 10_000, 500)
    expect(heard).toEqual([
      [0, 1, 2, 3],
      [0, 1, 2, 3, 4, 5, 6, 7, 8],
    ])
    expect(isComplete).toBe(true)
    await ledger.close()
  })
})
