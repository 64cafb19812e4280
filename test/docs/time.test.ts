/** The code of docs/guide/time.md, as it stands there. */
import {
  accept,
  bots,
  defineGame,
  memoryCheckpointStore,
  openLedger,
  reactor,
  reject,
  type Deadline,
} from 'gameledger'
import { manualClock } from 'gameledger/testing'
import { expect, test } from 'vitest'

interface QuizState {
  asked: { to: string; dueAt: number } | null
  away: string[]
  right: Record<string, number>
}
type QuizCommand =
  | { readonly type: 'Ask'; readonly to: string }
  | { readonly type: 'Answer'; readonly player: string; readonly text: string }
  | { readonly type: 'Leave'; readonly player: string }
  | { readonly type: 'TimeOut' }
type QuizEvent =
  | { readonly type: 'Asked'; readonly to: string; readonly at: number }
  | { readonly type: 'Answered'; readonly player: string; readonly isRight: boolean }
  | { readonly type: 'Left'; readonly player: string }
  | { readonly type: 'TimedOut'; readonly player: string }

const deadline = ({ asked }: QuizState): Deadline<QuizCommand> | undefined =>
  asked === null ? undefined : { at: asked.dueAt, command: { type: 'TimeOut' } }

const botSeats = ({ asked, away }: QuizState) => (asked !== null && away.includes(asked.to) ? [asked.to] : [])

const quiz = defineGame({
  kind: 'quiz',
  initialState: { asked: null, away: [], right: {} } as QuizState,
  decide: (command: QuizCommand, { asked }: QuizState, { now }) => {
    if (command.type === 'Ask') return accept({ type: 'Asked', to: command.to, at: now })
    if (command.type === 'Leave') return accept({ type: 'Left', player: command.player })
    if (asked === null) return reject('nothing-asked')
    if (command.type === 'Answer')
      return accept({ type: 'Answered', player: command.player, isRight: command.text === 'forty-two' })
    return now < asked.dueAt ? reject('too-early') : accept({ type: 'TimedOut', player: asked.to })
  },
  evolve(state, event: QuizEvent) {
    if (event.type === 'Asked') state.asked = { to: event.to, dueAt: event.at + 30_000 }
    if (event.type === 'Left') state.away.push(event.player)
    if (event.type === 'Answered' || event.type === 'TimedOut') state.asked = null
    if (event.type === 'Answered' && event.isRight)
      state.right[event.player] = (state.right[event.player] ?? 0) + 1
  },
  isTerminal: () => false,
  players: ({ right }) => Object.keys(right),

  deadline,
  botSeats,
})

const guessing = bots({
  game: quiz,
  policy: (_view, player) => ({ type: 'Answer', player, text: 'forty-one' }),
  delayMs: [500, 1_500],
})

const prizes = defineGame({
  kind: 'prizes',
  initialState: { given: 0 },
  decide: (command: { readonly type: 'Give'; readonly to: string }) =>
    accept({ type: 'Given', to: command.to }),
  evolve(state: { given: number }, _event: { readonly type: 'Given'; readonly to: string }) {
    state.given++
  },
  isTerminal: () => false,
})

const rewarding = reactor({
  name: 'rewarding',
  of: quiz,
  from: 'start',
  on: async ({ event }, { dispatch }) => {
    if (event.type === 'Answered' && event.isRight)
      await dispatch(prizes, 'all', { type: 'Give', to: event.player })
  },
})

const turns = async (count: number): Promise<void> => {
  for (let n = 0; n < count; n++) await new Promise((resolve) => setImmediate(resolve))
}

test('what nobody plays any more ends, as the guide tells of it', async () => {
  const clock = manualClock()
  const policed = await openLedger({
    games: [quiz, prizes],
    idleCloseMs: [
      { kind: 'quiz', maxIdleMs: 24 * 3_600_000 }, // a number instead of a list is for all kinds and rooms
      { kind: 'room', maxIdleMs: 3_600_000 },
    ],
    clock,
  })
  await policed.game(quiz, 'q').dispatch({ type: 'Leave', player: 'ann' })
  await policed.rooms.create({ roomId: 'r', host: 'ann', game: 'quiz', capacity: 2 })
  clock.advance(3_600_000)
  await turns(20)
  expect(policed.stats().rooms).toMatchObject({ open: 0, closedIdle: 1 })
  clock.advance(23 * 3_600_000)
  await turns(20)
  expect(policed.stats().games.closedIdle).toBe(1)
  await policed.close()
})

test('time, bots and reactors, as the guide tells of them', async () => {
  const clock = manualClock()
  const ledger = await openLedger({
    games: [quiz, prizes],
    reactors: [guessing, rewarding],
    clock,
    checkpoints: memoryCheckpointStore(),
  })
  const game = ledger.game(quiz, 'q')

  await game.dispatch({ type: 'Ask', to: 'ann' })
  clock.advance(30_000) // of a manual clock: what is due is sent now
  await turns(10)
  expect(game.state?.asked).toBeNull()

  await game.dispatch({ type: 'Leave', player: 'bob' })
  await game.dispatch({ type: 'Ask', to: 'bob' })
  clock.advance(1_500)
  await turns(10)
  expect(game.state).toMatchObject({ asked: null, right: {} })

  await game.dispatch({ type: 'Ask', to: 'ann' })
  await game.dispatch({ type: 'Answer', player: 'ann', text: 'forty-two' })
  await turns(20)
  expect(ledger.game(prizes, 'all').state).toEqual({ given: 1 })
  await ledger.close()
})
