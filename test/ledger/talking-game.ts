/** A game in which players score and talk: of what is said only the game knows whom it names. */
import { accept, defineGame, reject } from 'gameledger'

export interface TalkState {
  players: string[]
  scores: Record<string, number>
  said: string[]
  isOver: boolean
}

export type TalkCommand =
  | { readonly type: 'Sit'; readonly player: string }
  | { readonly type: 'Say'; readonly player: string; readonly text: string }
  | { readonly type: 'Score'; readonly scores: Readonly<Record<string, number>> }
  | { readonly type: 'Finish' }

export type TalkEvent =
  | { readonly type: 'Sat'; readonly player: string }
  | { readonly type: 'Said'; readonly player: string; readonly text: string }
  | { readonly type: 'Scored'; readonly scores: Readonly<Record<string, number>> }
  | { readonly type: 'Finished' }

export const talking = defineGame({
  kind: 'talking',
  initialState: { players: [], scores: {}, said: [], isOver: false } as TalkState,
  decide(command: TalkCommand, { players }: TalkState) {
    switch (command.type) {
      case 'Sit':
        return players.includes(command.player)
          ? reject('already-sits')
          : accept({ type: 'Sat', player: command.player } as const)
      case 'Say':
        return accept({ type: 'Said', player: command.player, text: command.text } as const)
      case 'Score':
        return Object.keys(command.scores).every((player) => players.includes(player))
          ? accept({ type: 'Scored', scores: command.scores } as const)
          : reject('not-a-player')
      case 'Finish':
        return players.length === 0 ? reject('nobody-sits') : accept({ type: 'Finished' } as const)
    }
  },
  evolve(state: TalkState, event: TalkEvent) {
    switch (event.type) {
      case 'Sat':
        state.players.push(event.player)
        state.scores[event.player] = 0
        break
      case 'Said':
        state.said.push(`${event.player}: ${event.text}`)
        break
      case 'Scored':
        for (const [player, score] of Object.entries(event.scores)) state.scores[player]! += score
        break
      case 'Finished':
        state.isOver = true
        break
    }
  },
  isTerminal: ({ isOver }) => isOver,
  players: ({ players }) => players,
  result: ({ players, scores }) => ({
    standings: players.map((player) => ({
      player,
      place: 1 + players.filter((other) => scores[other]! > scores[player]!).length,
      score: scores[player]!,
    })),
    reason: 'finished',
  }),
  erase: (event, player, alias) =>
    event.type === 'Said' && event.text.includes(player)
      ? { ...event, text: event.text.replaceAll(player, alias) }
      : undefined,
})
