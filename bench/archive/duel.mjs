// The game of the archive's bench: events whose lines are 197 bytes long on average, as a game server writes them: who,
// with which command, what was played, and how it stands. What is played is chance; nothing in it is filling.
import { accept, defineGame, openLedger } from '../../dist/index.js'
import { seededRandom } from '../../dist/testing.js'

/** A game of so many events. */
export const duelOf = (events) =>
  defineGame({
    kind: `duel-${events}`,
    initialState: { players: [], moves: 0, scores: [0, 0] },
    decide: (command, { players, moves, scores }) => {
      if (command.type === 'Begin') return accept({ type: 'Begun', players: command.players })
      const { player, piece, from, to, points } = command
      const seat = players.indexOf(player)
      const standing = scores.map((score, at) => (at === seat ? score + points : score))
      const next = players[1 - seat]
      return accept({ type: 'PiecePlayed', player, turn: moves + 1, piece, from, to, points, standing, next })
    },
    evolve: (state, event) => {
      if (event.type === 'Begun') state.players = event.players
      else {
        state.moves++
        state.scores = event.standing
      }
    },
    isTerminal: ({ moves }) => moves === events - 1,
    players: ({ players }) => players,
    result: ({ players, scores }) => ({
      standings: players.map((player, at) => ({
        player,
        place: scores[at] >= scores[1 - at] ? 1 : 2,
        score: scores[at],
      })),
    }),
  })

const pieces = ['king', 'queen', 'rook', 'bishop', 'knight', 'pawn']

/** The commands of games, drawn from a seed: `next(pair, move)` gives one with its id. */
export const commands = (seed) => {
  const random = seededRandom(seed)
  const below = (count) => Math.floor(random.next() * count)
  const cell = () => `${'abcdefgh'[below(8)]}${1 + below(8)}`
  return {
    pair: () => [`player-${10_000 + below(25_000)}`, `player-${35_000 + below(25_000)}`],
    next: (pair, move) => ({
      command:
        move === 0
          ? { type: 'Begin', players: pair }
          : {
              type: 'Play',
              player: pair[move % 2],
              piece: pieces[below(6)],
              from: cell(),
              to: cell(),
              points: below(10),
            },
      options: { commandId: `${pair[move % 2]}:${move}` },
    }),
  }
}

/** A ledger of such games, as in production. */
export const openDuels = (game, options) =>
  openLedger({ games: [game], checks: false, gamesLiveMax: 1_000_000, ...options })

/** So many games, each played so many moves, a thousand commands in flight. Goes on with `play(one)`. */
export const playEach = async (ledger, game, { games, moves, seed = 1, prefix = 'game' }) => {
  const drawn = commands(seed)
  const all = Array.from({ length: games }, (_, nth) => ({
    game: ledger.game(game, `${prefix}-${nth}`),
    pair: drawn.pair(),
    move: 0,
  }))
  const play = (one) => {
    const { command, options } = drawn.next(one.pair, one.move++)
    return one.game.dispatch(command, options)
  }
  for (let move = 0; move < moves; move++)
    for (let from = 0; from < games; from += 1_000) await Promise.all(all.slice(from, from + 1_000).map(play))
  return { all, play }
}
