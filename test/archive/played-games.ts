/** Games to archive: a small game of chance-free points, and a table at which several are played at a time. */
import { right } from 'fp-ts/lib/Either.js'
import { defineGame, type AnyGame } from '../../src/commands/game.js'
import { encodeLine } from '../../src/events/codec.js'
import type { EventEnvelope, GameEvent, GameResult } from '../../src/events/envelope.js'
import { EventLog } from '../../src/events/event-log.js'
import { streamIdOf, type GameId, type Position, type StreamId, type Version } from '../../src/events/ids.js'
import type { EventsRecord } from '../../src/events/journal/journal.js'

interface RaceState {
  players: string[]
  points: Record<string, number>
  moves: number
  isOver: boolean
}

type RaceEvent =
  | { readonly type: 'Joined'; readonly player: string }
  | { readonly type: 'Scored'; readonly player: string; readonly points: number }
  | { readonly type: 'Finished' }

/** Players score points until somebody calls it a day. */
export const race = defineGame({
  kind: 'race',
  initialState: { players: [], points: {}, moves: 0, isOver: false },
  decide: (command: RaceEvent) => right([command]),
  evolve: (state: RaceState, event: RaceEvent) => {
    if (event.type === 'Joined') state.players.push(event.player)
    else if (event.type === 'Scored') {
      state.points[event.player] = (state.points[event.player] ?? 0) + event.points
      state.moves++
    } else if (event.type === 'Finished') state.isOver = true
    else throw new TypeError('What is this?')
  },
  isTerminal: ({ isOver }: RaceState) => isOver,
  players: ({ players }: RaceState) => players,
})

export const rules: ReadonlyMap<string, AnyGame> = new Map([[race.kind, race]])

/** What a played game is asked for. */
export interface PlayedGame {
  readonly stream: StreamId
  readonly log: EventLog
  readonly envelopes: EventEnvelope[]
  isFinal: boolean
}

/** Plays games into logs; positions are given in the order of play, as a journal gives them. */
export class Table {
  readonly games = new Map<StreamId, PlayedGame>()
  readonly records: EventsRecord[] = []
  /** What the archiver said may be forgotten: gone from the journal for good, whatever crashes later. */
  readonly released = new Set<StreamId>()
  position = 0
  readonly #startedAt = 1_763_900_000_000

  /** Records one command's events; the last may end the game. */
  play(
    gameId: GameId,
    events: readonly GameEvent[],
    head: Partial<EventEnvelope> = {},
    kind = race.kind,
  ): PlayedGame {
    const stream = streamIdOf(kind, gameId)
    let game = this.games.get(stream)
    if (!game) this.games.set(stream, (game = { stream, log: new EventLog(), envelopes: [], isFinal: false }))
    const firstVersion = game.log.version + 1
    const firstPosition = (this.position + 1) as Position
    let lines = ''
    events.forEach((event, at) => {
      const { final = false, outcome, players, ...rest } = head
      const isLast = at === events.length - 1
      const envelope: EventEnvelope = {
        kind,
        gameId,
        version: (firstVersion + at) as Version,
        position: (firstPosition + at) as Position,
        recordedAt: this.#startedAt + 1_000 * ++this.position,
        schema: 1,
        event,
        final: final && isLast,
        ...rest,
        ...(players && isLast && { players }),
        ...(outcome && isLast && { outcome }),
      }
      lines += encodeLine(envelope, JSON.stringify(event))
      game.envelopes.push(envelope)
    })
    const record = game.log.append(lines, events.length)
    game.log.place(record.offset, firstPosition)
    const bytes = Buffer.from(lines)
    const part = { bytes, start: 0, end: bytes.length }
    this.records.push({ type: 'events', stream, firstVersion, count: events.length, firstPosition, ...part })
    game.isFinal = head.final ?? false
    return game
  }

  join(gameId: GameId, players: readonly string[], kind = race.kind): PlayedGame {
    const joined = players.map((player) => ({ type: 'Joined', player }))
    return this.play(gameId, joined, { players }, kind)
  }

  score(gameId: GameId, player: string, points: number): PlayedGame {
    return this.play(gameId, [{ type: 'Scored', player, points } as GameEvent])
  }

  finish(gameId: GameId, winner: string): PlayedGame {
    const outcome: GameResult = { standings: [{ player: winner, place: 1, score: 3 }] }
    return this.play(gameId, [{ type: 'Finished' }], { final: true, outcome })
  }

  /** A whole game of 2 players. */
  playThrough(gameId: GameId, players: readonly [string, string] = ['ann', 'bob'], moves = 3): PlayedGame {
    this.join(gameId, players)
    for (let move = 0; move < moves; move++) this.score(gameId, players[move % 2]!, move)
    return this.finish(gameId, players[0])
  }
}
