/** A purse: what goes out of one goes into another, so units of work over several can be counted. */
import { accept, defineGame, reject } from 'gameledger'

export interface PurseState {
  coins: number
  isClosed: boolean
}

export type PurseCommand =
  | { readonly type: 'Take'; readonly coins: number }
  | { readonly type: 'Put'; readonly coins: number }
  | { readonly type: 'Close' }

export type PurseEvent =
  | { readonly type: 'Taken'; readonly coins: number; readonly left: number }
  | { readonly type: 'Added'; readonly coins: number; readonly left: number }
  | { readonly type: 'Closed' }

export const purse = defineGame({
  kind: 'purse',
  initialState: { coins: 10, isClosed: false },
  decide(command: PurseCommand, { coins }: PurseState) {
    switch (command.type) {
      case 'Take':
        return command.coins > coins
          ? reject('too-few')
          : accept({ type: 'Taken', coins: command.coins, left: coins - command.coins })
      case 'Put':
        return command.coins === 0
          ? accept()
          : accept({ type: 'Added', coins: command.coins, left: coins + command.coins })
      case 'Close':
        return accept({ type: 'Closed' })
    }
  },
  evolve(state: PurseState, event: PurseEvent) {
    if (event.type === 'Closed') state.isClosed = true
    else state.coins = event.left
  },
  isTerminal: ({ isClosed }) => isClosed,
})
