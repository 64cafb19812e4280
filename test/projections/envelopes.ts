/** Envelopes for tests of projections, made from what matters to them. */
import type { EventEnvelope, GameEvent, GameResult } from '../../src/events/envelope.js'
import type { Position, Version } from '../../src/events/ids.js'

export interface Scored extends GameEvent {
  readonly type: 'Scored'
  readonly scores: Readonly<Record<string, number | readonly number[]>>
}

/** Somebody leaves: their account is gone. */
export interface Left extends GameEvent {
  readonly type: 'Left'
  readonly players: readonly string[]
}

type Parts = Partial<Omit<EventEnvelope, 'position' | 'version'>> & { readonly version?: number }

export const envelopeAt = (position: number, { version = 1, ...parts }: Parts = {}): EventEnvelope => ({
  kind: 'tally',
  gameId: `game-${position}`,
  version: version as Version,
  position: position as Position,
  recordedAt: 1_000 + position,
  schema: 1,
  event: { type: 'Moved' },
  final: false,
  ...parts,
})

export const scoredAt = (position: number, scores: Scored['scores'], parts: Parts = {}): EventEnvelope => {
  const event: Scored = { type: 'Scored', scores }
  return envelopeAt(position, { event, ...parts })
}

/** `[['ann'], ['bob', 'cid']]`: ann first, bob and cid share place 2. */
export const resultOf = (...places: readonly (readonly string[])[]): GameResult => ({
  standings: places.flatMap((players, index) => {
    const place = 1 + places.slice(0, index).reduce((sum, { length }) => sum + length, 0)
    return players.map((player) => ({ player, place }))
  }),
})

export const leftAt = (position: number, ...players: readonly string[]): EventEnvelope => {
  const event: Left = { type: 'Left', players }
  return envelopeAt(position, { event })
}

export const scoresOf = (event: Scored | Left): Scored['scores'] =>
  event.type === 'Scored' ? event.scores : {}

export const leaversOf = (event: Scored | Left): readonly string[] =>
  event.type === 'Left' ? event.players : []

export async function* streamOf<Value>(values: readonly Value[]): AsyncGenerator<Value, void, undefined> {
  await Promise.resolve()
  yield* values
}

/** A clock that stands where it is set. */
export const clockAt = (now = 0) => ({
  at: now,
  now(): number {
    return this.at
  },
})
