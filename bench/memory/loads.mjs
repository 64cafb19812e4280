// What is put into memory for its bench: each load plays so many things of one kind, and says what was played.
import { accept, defineGame } from '../../dist/index.js'
import { manualClock, seededRandom } from '../../dist/testing.js'
import { chooseCommand, liap, seatsOf } from '../../dist/examples/liap/index.js'
import { ticTacToe } from '../../dist/examples/tic-tac-toe/game.js'
import { load } from '../load.mjs'

/** A state of 16 KB, of which each event changes a little: numbers in rows, as maps of cells are. */
const size = 64
const territory = defineGame({
  kind: 'territory',
  initialState: { turn: 0, owners: Array.from({ length: size }, () => Array(size).fill(null)) },
  decide: ({ player, row, cell }) => accept({ type: 'Claimed', player, row, cell }),
  evolve(state, { player, row, cell }) {
    state.turn++
    state.owners[row][cell] = player
  },
  isTerminal: () => false,
  players: () => ['p0', 'p1'],
})

const ofRight = (answer) => {
  if (answer._tag === 'Left') throw new Error(JSON.stringify(answer.left))
  return answer.right
}

/** One command after another to a game, and many games at once. */
const commandsOf =
  (definition, commandAt, options = () => undefined) =>
  async (ledger, id, events) => {
    const game = ledger.game(definition, id)
    for (let move = 0; move < events; move++) ofRight(await game.dispatch(commandAt(move), options(move)))
  }

const points = (move) => ({ type: 'Move', player: move & 3, points: 1 })

/** Bots of Liap, each seeing its own view, until so many events have happened; a game that ended is begun under another id. */
const random = seededRandom(1)
const playLiap = async (ledger, id, events) => {
  const game = ledger.game(liap, id)
  const seats = seatsOf()
  const send = async (command) => ofRight(await game.dispatch(command)).version
  let version = await send({ type: 'Start', seats, options: { target: 10_000, roundLimit: null } })
  while (version < events) {
    for (const [seat, { player }] of seats.entries()) {
      const command = chooseCommand(ofRight(await game.view({ as: 'player', player })), seat, () =>
        random.next(),
      )
      if (!command) continue
      version = await send(command)
      break
    }
  }
}

const marks = [4, 0, 1, 7, 2, 6, 3]
const ticTacToeMove = (move) =>
  move < 2
    ? { type: 'Join', player: ['ann', 'bob'][move] }
    : { type: 'Mark', player: ['ann', 'bob'][move % 2], cell: marks[move - 2] }

const waitingRoom = async (ledger, id) => {
  ofRight(
    await ledger.rooms.create({
      roomId: id,
      host: `host-${id}`,
      game: load.kind,
      capacity: 4,
      isForBots: true,
    }),
  )
}

/** So many rooms are in memory, and all others sleep: they come by the two hundred, a second apart. */
const roomsAwake = 8_000

/** `count` of them in one ledger, each of so many events. */
export const loads = {
  'state of 3 numbers and a list': {
    definition: load,
    events: 100,
    count: 5_000,
    play: commandsOf(load, points),
  },
  'the same, each command with an id': {
    definition: load,
    events: 100,
    count: 5_000,
    play: commandsOf(load, points, (move) => ({ commandId: `p${move & 3}:${move}` })),
  },
  'Liap, seen by its bots': { definition: liap, events: 100, count: 2_000, play: playLiap },
  'state of 16 KB': {
    definition: territory,
    events: 100,
    count: 1_000,
    play: commandsOf(territory, (move) => ({
      type: 'Claim',
      player: `p${move & 1}`,
      row: move % size,
      cell: (7 * move) % size,
    })),
  },
  'tic-tac-toe, 9 events': {
    definition: ticTacToe,
    events: 9,
    count: 20_000,
    play: commandsOf(ticTacToe, ticTacToeMove),
  },
  'waiting room': { definition: load, events: 1, count: 20_000, play: waitingRoom, isRoom: true },
  'room that sleeps': {
    definition: load,
    events: 1,
    count: 20_000,
    play: waitingRoom,
    isRoom: true,
    options: { roomsLiveMax: roomsAwake, idleAfterMs: 1 },
    clock: manualClock(1_700_000_000_000),
  },
}
