/** The reactors of a ledger, wired to it: what they read, where their places are saved, and what they act through. */
import { setTimeout as sleep } from 'node:timers/promises'
import { ReactorRun, type ReactorDispatch, type ReactorStats } from './commands/reactors/reactor-run.js'
import type { AnyGame } from './commands/game.js'
import { follow } from './events/follow.js'
import { checkGameId, type Position } from './events/ids.js'
import type { Ledger } from './ledger.js'
import type { LedgerParts } from './ledger-parts.js'
import type { CheckpointStore } from './projections/projection.js'
import type { Reactor, ReactorContext } from './reactor.js'

/** What a place is saved as: a model without content, of this version. */
const placeVersion = 'reactor-1'

export class RunningReactors {
  readonly #parts: LedgerParts
  readonly #checkpoints: CheckpointStore | undefined
  readonly #checkGiven: (definition: AnyGame) => void
  readonly #ledger: Ledger
  readonly #runs: ReadonlyMap<string, ReactorRun>

  constructor(
    reactors: readonly Reactor[],
    parts: LedgerParts,
    checkpoints: CheckpointStore | undefined,
    ledger: Ledger,
    checkGiven: (definition: AnyGame) => void,
  ) {
    this.#parts = parts
    this.#checkpoints = checkpoints
    this.#ledger = ledger
    this.#checkGiven = checkGiven
    this.#runs = new Map(reactors.map((each) => [each.name, this.#run(each)]))
  }

  /** Each finds its place: what happens from now on is reacted to. */
  async begin(): Promise<void> {
    for (const run of this.#runs.values()) await run.begin()
  }

  stats(): { readonly [name: string]: ReactorStats } {
    return Object.fromEntries([...this.#runs].map(([name, run]) => [name, run.stats()]))
  }

  /** Begins nothing more, and waits for what is under way, so long at most; what is left is reacted to after the next opening. */
  async stop(deadlineMs: number): Promise<void> {
    const runs = [...this.#runs.values()]
    if (runs.length > 0) {
      const deadline = new AbortController()
      const late = sleep(deadlineMs, undefined, { signal: deadline.signal }).catch(() => undefined)
      await Promise.race([Promise.all(runs.map((run) => run.stop())), late])
      deadline.abort()
    }
    this.#parts.own.stop()
    for (const run of runs) await run.end()
  }

  #run({ name, kinds, on, from, concurrencyMax }: Reactor): ReactorRun {
    const { recent, history, lost, reader, line, own } = this.#parts
    return new ReactorRun({
      name,
      wants: ({ kind }) => kinds === undefined || kinds.has(kind),
      on: (envelope, dispatch) => on(envelope, this.#contextOf(dispatch)),
      concurrencyMax,
      from,
      head: () => recent.head,
      follow: (checkpoint, signal) =>
        follow(checkpoint, recent, (after, through) => history.events({ after, through }), lost, signal),
      read: (stream) => reader.events(stream),
      checkpoint: this.#placeOf(name),
      own,
      onFault: (fault) => {
        // That the journal failed was told already, and is why.
        if (!line.failure) this.#parts.report(fault)
      },
    })
  }

  #contextOf(dispatch: ReactorDispatch): ReactorContext {
    return {
      ledger: this.#ledger,
      dispatch: (definition, gameId, command, options) => {
        this.#checkGiven(definition)
        return dispatch(definition, checkGameId(gameId), command, options) as ReturnType<
          ReactorContext['dispatch']
        > as never
      },
    }
  }

  /** In memory alone where no checkpoints are kept: then it begins anew at each opening. */
  #placeOf(name: string): {
    load(): Promise<Position | undefined>
    save(position: Position): Promise<void>
  } {
    const { line } = this.#parts
    const store = this.#checkpoints
    const key = `reactor/${name}`
    return {
      load: async () => {
        const saved = await store?.load(key)
        return saved?.version === placeVersion ? saved.position : undefined
      },
      save: async (position) => {
        await line.synced()
        const place = { version: placeVersion, position, recordedAt: 0, model: Buffer.alloc(0) }
        await store?.save(key, { ...place, isAfresh: true })
      },
    }
  }
}
