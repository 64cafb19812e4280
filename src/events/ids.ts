/**
 * The names of things: games, streams, players, and their places in order.
 *
 * Ids are plain strings with a flavour; `Version` and `Position` are branded numbers, so that an index, a
 * count, a version and a position cannot be mixed by accident. Everything that comes from outside passes
 * one of the `check` functions here before it is used.
 */
declare const flavour: unique symbol
declare const brand: unique symbol

/** The name of a kind of game, such as `'tic-tac-toe'`: 1 to 64 of `a-z`, `0-9` and `-`. */
export type Kind = string & { readonly [flavour]?: 'Kind' }

/** One game of a kind: 1 to 200 bytes, without `/` and control characters. The part before the first `~` places it. */
export type GameId = string & { readonly [flavour]?: 'GameId' }

/** One stream of events: `kind + "/" + gameId`. */
export type StreamId = string & { readonly [flavour]?: 'StreamId' }

/** A player: any string of 1 to 200 bytes. An id, not a display name. */
export type PlayerId = string & { readonly [flavour]?: 'PlayerId' }

/** How many events a stream has: 0 means not started, and event *n* has version *n*. */
export type Version = number & { readonly [brand]: 'Version' }

/** A place in the ledger's one order of events, from 1. 0 stands before the first. */
export type Position = number & { readonly [brand]: 'Position' }

const idBytesMax = 200
/** A command id has at most so many bytes. */
export const commandIdBytesMax = idBytesMax
const kindPattern = /^[a-z0-9-]{1,64}$/
// eslint-disable-next-line no-control-regex -- control characters are what this pattern is for
const controlPattern = /[\u0000-\u001f\u007f-\u009f]/
const loneSurrogatePattern = /[\ud800-\udfff]/u

const shown = (value: unknown): string =>
  typeof value === 'string'
    ? JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}...` : value)
    : typeof value

const checkText = (value: unknown, what: string): string => {
  if (typeof value !== 'string' || value.length === 0 || loneSurrogatePattern.test(value))
    throw new TypeError(`${what} must be a non-empty, well-formed string; got ${shown(value)}.`)
  if (value.length * 3 > idBytesMax && Buffer.byteLength(value) > idBytesMax)
    throw new TypeError(
      `${what} may have at most ${idBytesMax} bytes; got ${Buffer.byteLength(value)}: ${shown(value)}.`,
    )
  return value
}

/** Returns `value` as a kind. @throws TypeError that says what was got. */
export const checkKind = (value: unknown): Kind => {
  if (typeof value !== 'string' || !kindPattern.test(value))
    throw new TypeError(`A kind must be 1 to 64 characters of a-z, 0-9 and "-"; got ${shown(value)}.`)
  return value
}

/** Returns `value` as a game id. @throws TypeError that says what was got. */
export const checkGameId = (value: unknown): GameId => {
  const id = checkText(value, 'A game id')
  if (id.includes('/') || controlPattern.test(id))
    throw new TypeError(`A game id may not contain "/" or control characters; got ${shown(id)}.`)
  return id
}

/** Returns `value` as a player id. @throws TypeError that says what was got. */
export const checkPlayerId = (value: unknown): PlayerId => checkText(value, 'A player id')

/** Returns `value` as a command id: 1 to 200 bytes. @throws TypeError that says what was got. */
export const checkCommandId = (value: unknown): string => checkText(value, 'A command id')

/** The stream of one game. Both parts must have been checked. O(1). */
export const streamIdOf = (kind: Kind, gameId: GameId): StreamId => `${kind}/${gameId}`

/** The kind and the game id in a stream id. O(1). */
export const partsOfStream = (stream: StreamId): { kind: Kind; gameId: GameId } => {
  const slash = stream.indexOf('/')
  if (slash <= 0) throw new TypeError(`A stream id is "kind/gameId"; got ${shown(stream)}.`)
  return { kind: stream.slice(0, slash), gameId: stream.slice(slash + 1) }
}
