/** A game for tests of time: it is turned, runs out, and is told so by the ledger. It can be made to take that badly. */
import { accept, defineGame, reject, type Deadline } from 'gameledger'

/** What becomes of the ledger's `RunOut`, and of the question for it. */
export type Mood = 'fine' | 'refuses' | 'idles' | 'throws' | 'throws-when-asked'

export interface HourglassState {
  dueAt: number | null
  mood: Mood
  turns: number
  /** The times at which it ran out, as the rules were told them. */
  ranOutAt: number[]
  isOver: boolean
}

export type HourglassCommand =
  | { readonly type: 'Turn'; readonly ms: number; readonly mood?: Mood }
  | { readonly type: 'Touch' }
  | { readonly type: 'RunOut' }
  | { readonly type: 'Smash' }

export type HourglassEvent =
  | { readonly type: 'Turned'; readonly dueAt: number; readonly mood: Mood }
  | { readonly type: 'Touched' }
  | { readonly type: 'RanOut'; readonly at: number; readonly dueAt: number }
  | { readonly type: 'Smashed' }

export const hourglass = defineGame({
  kind: 'hourglass',
  initialState: { dueAt: null, mood: 'fine', turns: 0, ranOutAt: [], isOver: false } as HourglassState,
  decide: (command: HourglassCommand, { dueAt, mood }: HourglassState, { now }) => {
    switch (command.type) {
      case 'Turn':
        return accept({ type: 'Turned', dueAt: now + command.ms, mood: command.mood ?? 'fine' })
      case 'Touch':
        return accept({ type: 'Touched' })
      case 'Smash':
        return accept({ type: 'Smashed' })
      case 'RunOut':
        if (mood === 'refuses') return reject('not-now')
        if (mood === 'idles') return accept()
        if (mood === 'throws') throw new Error('the glass broke')
        if (dueAt === null || now < dueAt) return reject('too-early')
        return accept({ type: 'RanOut', at: now, dueAt })
    }
  },
  evolve(state, event: HourglassEvent) {
    switch (event.type) {
      case 'Turned':
        state.dueAt = event.dueAt
        state.mood = event.mood
        state.turns++
        break
      case 'Touched':
        break
      case 'RanOut':
        state.dueAt = null
        state.ranOutAt.push(event.at)
        break
      case 'Smashed':
        state.isOver = true
        break
    }
  },
  isTerminal: ({ isOver }) => isOver,
  deadline: ({ dueAt, mood }): Deadline<HourglassCommand> | undefined => {
    if (mood === 'throws-when-asked') throw new Error('do not ask')
    return dueAt === null ? undefined : { at: dueAt, command: { type: 'RunOut' } }
  },
})
