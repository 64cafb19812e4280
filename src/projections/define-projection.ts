/** A read model of one's own: plain JSON data, a function that applies events to it, and what callers may ask of it. */
import type { EventEnvelope } from '../events/envelope.js'
import type { Projection } from './projection.js'

export interface ProjectionDefinition<Model, View> {
  /** For messages. */
  readonly name: string
  /** Raise it when `apply` changes its meaning: the saved model is then made anew from the events. */
  readonly version: number
  /** The model before the first event: plain JSON data, cloned for each start. Bound what grows. */
  readonly initial: Model
  /** Applies one event: changes the model, or returns another. A pure function of the two. */
  apply(model: Model, envelope: EventEnvelope): void | Model
  /** What callers are handed, made once: functions that ask `model()` whenever they are called. */
  view(model: () => Readonly<Model>): View
  /** The kinds of games that it hears. @default all */
  readonly kinds?: readonly string[]
  /** `'final'`: only the last event of each game. @default 'all' */
  readonly on?: 'all' | 'final'
}

/** Defines a projection. Saving costs one JSON of the model. @throws TypeError where a part is missing */
export const defineProjection = <Model, View>(
  definition: ProjectionDefinition<Model, View>,
): Projection<View> => {
  const { name, version, initial, apply, view, kinds, on } = definition
  if (typeof apply !== 'function' || typeof view !== 'function')
    throw new TypeError(`The projection ${name} needs the functions \`apply\` and \`view\`.`)
  return Object.freeze({
    version: `${name}@${version}`,
    ...(kinds && { kinds }),
    ...(on && { on }),
    start: () => {
      let model = structuredClone(initial)
      return {
        view: view(() => model),
        apply: (envelope: EventEnvelope) => {
          const next = apply(model, envelope)
          if (next !== undefined) model = next
        },
        save: () => Buffer.from(JSON.stringify(model)),
        load: (saved: Uint8Array) => {
          model = JSON.parse(Buffer.from(saved).toString('utf8')) as Model
        },
      }
    },
  })
}
