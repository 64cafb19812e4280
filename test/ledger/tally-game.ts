/** A game for tests of the ledger: nested state, many moves, several events a command, and rules that fail when they are asked to. */
import { accept, defineGame, reject } from 'gameledger'

export interface TallyState {
  players: string[]
  rounds: { player: string; counted: number[] }[]
  totals: Record<string, { score: number }>
  isOver: boolean
}

export type TallyCommand =
  | { readonly type: 'Sit'; readonly player: string }
  | { readonly type: 'Count'; readonly player: string; readonly amounts: readonly number[] }
  | { readonly type: 'Idle' }
  | { readonly type: 'Finish' }
  /** Throws in `decide`. */
  | { readonly type: 'Explode' }
  /** Throws in `evolve`, half-way through a command that has changed the state already. */
  | { readonly type: 'Poison' }

export type TallyEvent =
  | { readonly type: 'Sat'; readonly player: string }
  | {
      readonly type: 'RoundBegun'
      readonly by: { readonly player: string; readonly amounts: readonly number[] }
    }
  | { readonly type: 'Counted'; readonly player: string; readonly amount: number }
  | { readonly type: 'Finished' }
  | { readonly type: 'Poisoned' }

const decide = (command: TallyCommand, { players }: TallyState) => {
  switch (command.type) {
    case 'Sit':
      return players.includes(command.player)
        ? reject('already-sits')
        : accept({ type: 'Sat', player: command.player })
    case 'Count': {
      const { player, amounts } = command
      if (!players.includes(player)) return reject('not-a-player')
      if (amounts.some((amount) => amount < 0)) return reject('negative', `Got ${amounts.join(', ')}.`)
      const counted = amounts.map((amount) => ({ type: 'Counted', player, amount }) as const)
      return accept({ type: 'RoundBegun', by: { player, amounts } } as const, ...counted)
    }
    case 'Idle':
      return accept()
    case 'Finish':
      return players.length === 0 ? reject('nobody-sits') : accept({ type: 'Finished' })
    case 'Explode':
      throw new Error('decide exploded')
    case 'Poison':
      return accept({ type: 'Sat', player: 'nobody' } as const, { type: 'Poisoned' } as const)
  }
}

export const tally = defineGame({
  kind: 'tally',
  initialState: { players: [], rounds: [], totals: {}, isOver: false },
  decide,
  evolve(state: TallyState, event: TallyEvent) {
    switch (event.type) {
      case 'Sat':
        state.players.push(event.player)
        state.totals[event.player] = { score: 0 }
        break
      case 'RoundBegun':
        state.rounds.push({ player: event.by.player, counted: [] })
        break
      case 'Counted':
        state.rounds.at(-1)!.counted.push(event.amount)
        state.totals[event.player]!.score += event.amount
        break
      case 'Finished':
        state.isOver = true
        break
      case 'Poisoned':
        state.players.length = 0
        throw new Error('evolve was poisoned')
    }
  },
  isTerminal: ({ isOver }) => isOver,
  players: ({ players }) => players,
  result: ({ players, totals }) => ({
    standings: players.map((player) => {
      const { score } = totals[player]!
      return {
        player,
        place: 1 + players.filter((other) => totals[other]!.score > score).length,
        score,
      }
    }),
    reason: 'finished',
  }),
})
