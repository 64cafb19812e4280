// The load of promise 1, which benches share: games of state { moves, turn, scores }, one event a command; a leaderboard
// and the player index attached.
import { accept, defineGame, leaderboard, openLedger } from '../dist/index.js'

export const initialState = { moves: 0, turn: 0, scores: [0, 0, 0, 0] }
export const evolve = (draft, event) => {
  draft.moves++
  draft.turn = (draft.turn + 1) % 4
  draft.scores[event.player] += event.points
}
export const load = defineGame({
  kind: 'load',
  initialState,
  decide: (command) => accept({ type: 'Moved', player: command.player, points: command.points }),
  evolve,
  isTerminal: () => false,
  players: () => ['p0', 'p1', 'p2', 'p3'],
})

/** Plays games x moves through `dispatch(id, command)`, a thousand commands in flight. */
export const play = async (games, moves, dispatch) => {
  const ids = Array.from({ length: games }, (_, nth) => `game-${nth}`)
  for (let move = 0; move < moves; move++)
    for (let from = 0; from < games; from += 1_000)
      await Promise.all(
        ids
          .slice(from, from + 1_000)
          .map((id) => dispatch(id, { type: 'Move', player: move & 3, points: 1 })),
      )
}

/** A ledger of such games, as in production. */
export const openLoad = (options) =>
  openLedger({
    games: [load],
    checks: false,
    gamesLiveMax: 1_000_000,
    projections: { points: leaderboard({ score: ({ player, points }) => ({ [`p${player}`]: points }) }) },
    ...options,
  })

/** `dispatch(id, command)` of a ledger, with a handle a game. */
export const dispatchTo = (ledger) => {
  const handles = new Map()
  return (id, command) => {
    let handle = handles.get(id)
    if (!handle) handles.set(id, (handle = ledger.game(load, id)))
    return handle.dispatch(command)
  }
}
