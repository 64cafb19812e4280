/**
 * Read models of one's own: a model of plain JSON data, a function that applies events to it, and a view of it.
 *
 *     defineProjection({
 *       name: 'openings',
 *       version: '1',
 *       initial: () => ({ games: {} as Record<string, number> }),
 *       apply: (model, { event }: EventEnvelope<ChessEvent>) => {
 *         if (event.type === 'Opened') model.games[event.opening] = (model.games[event.opening] ?? 0) + 1
 *       },
 *       view: (model) => ({ gamesOf: (opening: string) => model.games[opening] ?? 0 }),
 *     })
 */
import { isDeepStrictEqual } from 'node:util'
import type { EventEnvelope, GameEvent } from '../events/envelope.js'
import type { GameClosed } from '../events/ledger-event.js'
import type { Projection, RunningProjection } from './projection.js'
import { viewFacade } from './view-facade.js'

/** A read model of one's own. */
export interface ProjectionDefinition<Model, View, Event extends GameEvent = GameEvent> {
  /** Says in messages which one it is, and belongs to what is saved. */
  readonly name: string
  /** Raise it when `apply` or the shape of the model changes: a saved model of another version is rebuilt. */
  readonly version: string | number
  /** The model before the first event: plain JSON data (no Map, Set, Date or undefined), or a function that makes it. */
  readonly initial: Model | (() => Model)
  /** Applies one event, the ledger's own `$closed` too: changes the model in place, or returns a new one. Pure, synchronous. Throwing detaches the projection. */
  apply(model: NoInfer<Model>, envelope: EventEnvelope<Event | GameClosed>): void | NoInfer<Model>
  /**
   * What callers are handed, asked anew at each read: query functions over the model, or a value. Hand out copies of
   * what may still change.
   */
  view(model: NoInfer<Model>): View
  /** The kinds of games that it hears. @default all */
  readonly kinds?: readonly string[]
  /** `'final'`: hears only the last event of each game. @default 'all' */
  readonly on?: 'all' | 'final'
}

/**
 * Defines a projection, for `openLedger({ projections })`. Its model is saved as JSON: keep it to some thousand
 * entries, for saving a larger one is felt by the game (about 0.5 us an entry).
 * @throws TypeError where a part is missing or the initial model is not JSON data
 */
export const defineProjection = <Model, View, Event extends GameEvent = GameEvent>(
  definition: ProjectionDefinition<Model, View, Event>,
): Projection<View> => {
  const { name, version, kinds, on } = definition
  if (typeof name !== 'string' || name === '')
    throw new TypeError(`A projection needs a name; got ${String(name)}.`)
  for (const part of ['apply', 'view'] as const)
    if (typeof definition[part] !== 'function')
      throw new TypeError(`Projection ${name} needs a function \`${part}\`; got ${typeof definition[part]}.`)
  checkJson(name, modelOf(definition))
  return Object.freeze({
    version: `${name}@${version}`,
    ...(kinds && { kinds: Object.freeze([...kinds]) }),
    ...(on && { on }),
    start: () => new RunningModel(definition),
  })
}

const modelOf = <Model>({ initial }: { readonly initial: Model | (() => Model) }): Model =>
  typeof initial === 'function' ? (initial as () => Model)() : structuredClone(initial)

const checkJson = (name: string, model: unknown): void => {
  const json = JSON.stringify(model) as string | undefined
  if (json === undefined || !isDeepStrictEqual(JSON.parse(json), model))
    throw new TypeError(
      `The initial model of projection ${name} does not survive JSON; got ${String(json).slice(0, 80)}. ` +
        'Use plain objects, arrays, strings, finite numbers, booleans and null.',
    )
}

class RunningModel<Model, View, Event extends GameEvent> implements RunningProjection<View> {
  readonly #definition: ProjectionDefinition<Model, View, Event>
  readonly #view: () => View
  #model: Model

  constructor(definition: ProjectionDefinition<Model, View, Event>) {
    this.#definition = definition
    this.#model = modelOf(definition)
    this.#view = viewFacade(() => this.#definition.view(this.#model))
  }

  get view(): View {
    return this.#view()
  }

  apply(envelope: EventEnvelope): void {
    const next = this.#definition.apply(this.#model, envelope as EventEnvelope<Event>)
    if (next === undefined) return
    if (next instanceof Promise)
      throw new TypeError(
        `apply of projection ${this.#definition.name} returned a promise; it must be synchronous.`,
      )
    this.#model = next
  }

  save(): Uint8Array {
    return Buffer.from(JSON.stringify(this.#model))
  }

  load(saved: Uint8Array): void {
    const bytes = Buffer.from(saved.buffer, saved.byteOffset, saved.byteLength)
    this.#model = JSON.parse(bytes.toString()) as Model
  }
}
