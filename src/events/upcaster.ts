/**
 * Old event shapes to new, on read. What is stored never changes: an event of schema 1 is lifted to 2, then to
 * 3, until it has the shape that the game knows today. A step without an upcaster leaves the shape as it is.
 */
import type { GameEvent } from './envelope.js'

/** By event type, then by the schema that is lifted *from*: `{ Moved: { 1: (old) => new } }`. Pure; never edits `old`. */
export type Upcasters = {
  readonly [type: string]: { readonly [fromSchema: number]: (event: never) => GameEvent }
}

/** What reading needs to know of a kind: the schema of today, and how to get there. */
export interface EventShape {
  readonly schema: number
  readonly upcasters?: Upcasters
}

/** An event was written under a newer schema than this program knows. Read it with the newer rules, or add an upcaster. */
export class SchemaTooNewError extends Error {
  override readonly name = 'SchemaTooNewError'
  readonly code = 'schema-too-new'
  readonly type: string
  readonly found: number
  readonly known: number

  constructor(type: string, found: number, known: number) {
    super(
      `Event ${type}@${found} was written by a newer version of the game; this one knows 1 to ${known}. ` +
        'Use the newer rules.',
    )
    this.type = type
    this.found = found
    this.known = known
  }
}

/** An upcaster of the game threw at an event that was recorded; what is stored is as it was. */
export class UpcasterError extends Error {
  override readonly name = 'UpcasterError'
  readonly code = 'upcaster-threw'
  readonly type: string
  readonly from: number

  constructor(type: string, from: number, cause: unknown) {
    super(
      `The upcaster of ${type} from schema ${from} threw: ${String(cause).replace(/\.?$/, '.')} ` +
        `Mend \`upcasters.${type}[${from}]\` of the game: it has to take every event that was recorded under that schema.`,
      { cause },
    )
    this.type = type
    this.from = from
  }
}

/** Lifts `event` from `schema` to the shape of today. @throws SchemaTooNewError, UpcasterError */
export const upcast = (event: GameEvent, schema: number, shape: EventShape): GameEvent => {
  if (schema > shape.schema) throw new SchemaTooNewError(event.type, schema, shape.schema)
  let lifted = event
  for (let from = schema; from < shape.schema; from++) {
    const lift = shape.upcasters?.[lifted.type]?.[from] as ((old: GameEvent) => GameEvent) | undefined
    if (!lift) continue
    try {
      lifted = lift(lifted)
    } catch (cause) {
      throw new UpcasterError(lifted.type, from, cause)
    }
  }
  return lifted
}
