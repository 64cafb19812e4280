/** A game for tests of bots: each player has a secret, and they move in turn, or all at once each round. */
import { accept, bots, defineGame, reject, type BotPolicy, type Viewer } from 'gameledger'

export interface SparringSeat {
  player: string
  isBot: boolean
  secret: number
  hasMoved: boolean
}

export interface SparringState {
  isTogether: boolean
  rounds: number
  round: number
  seats: SparringSeat[]
}

export interface SparringView {
  readonly round: number
  readonly seats: readonly { readonly player: string; readonly secret?: number }[]
}

export type SparringCommand =
  | {
      readonly type: 'Start'
      readonly seats: readonly { readonly player: string; readonly isBot: boolean; readonly secret: number }[]
      readonly rounds: number
      readonly isTogether?: boolean
    }
  | { readonly type: 'Move'; readonly player: string; readonly value: number }
  | { readonly type: 'Leave'; readonly player: string }
  | { readonly type: 'Return'; readonly player: string }

export type SparringEvent =
  | Extract<SparringCommand, { readonly type: 'Start' }>
  | { readonly type: 'Moved'; readonly player: string; readonly value: number; readonly at: number }
  | { readonly type: 'Left' | 'Returned'; readonly player: string }

/** Who the game waits for. */
const toMove = ({ seats, isTogether, round, rounds }: SparringState): readonly SparringSeat[] =>
  round === rounds ? [] : seats.filter(({ hasMoved }) => !hasMoved).slice(0, isTogether ? undefined : 1)

export const sparring = defineGame({
  kind: 'sparring',
  initialState: { isTogether: false, rounds: 0, round: 0, seats: [] } as SparringState,
  decide: (command: SparringCommand, state: SparringState, { now }) => {
    if (command.type === 'Start') return accept(command)
    const seat = state.seats.find(({ player }) => player === command.player)
    if (!seat) return reject('not-a-player')
    if (command.type === 'Leave') return accept({ type: 'Left', player: seat.player })
    if (command.type === 'Return') return accept({ type: 'Returned', player: seat.player })
    if (!toMove(state).includes(seat)) return reject('not-your-turn')
    if (command.value !== seat.secret) return reject('wrong-secret')
    return accept({ type: 'Moved', player: seat.player, value: command.value, at: now })
  },
  evolve(state, event: SparringEvent) {
    if (event.type === 'Start') {
      state.isTogether = event.isTogether ?? false
      state.rounds = event.rounds
      state.seats = event.seats.map((seat) => ({ ...seat, hasMoved: false }))
      return
    }
    const seat = state.seats.find(({ player }) => player === event.player)!
    if (event.type !== 'Moved') {
      seat.isBot = event.type === 'Left'
      return
    }
    seat.hasMoved = true
    if (state.seats.some(({ hasMoved }) => !hasMoved)) return
    state.round++
    for (const each of state.seats) each.hasMoved = false
  },
  isTerminal: ({ round, rounds }) => rounds > 0 && round === rounds,
  players: ({ seats }) => seats.map(({ player }) => player),
  view: ({ round, seats }, viewer: Viewer): SparringView => ({
    round,
    seats: seats.map(({ player, secret }) => ({
      player,
      ...(viewer.as === 'player' && viewer.player === player && { secret }),
    })),
  }),
  botSeats: (state) =>
    toMove(state)
      .filter(({ isBot }) => isBot)
      .map(({ player }) => player),
})

export const ownSecret: BotPolicy<SparringView, SparringCommand> = (view, player) => ({
  type: 'Move',
  player,
  value: view.seats.find((seat) => seat.player === player)!.secret!,
})

export const sparringBots = (policy = ownSecret, delayMs?: readonly [number, number]) =>
  bots({ game: sparring, policy, ...(delayMs && { delayMs }) })
