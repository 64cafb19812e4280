/** The boards of a ledger, held against a full replay: each is made anew from all events, and must be the same. */
import { isDeepStrictEqual } from 'node:util'
import {
  roomKind,
  systemClock,
  type EventEnvelope,
  type LeaderboardView,
  type Projection,
  type RunningProjection,
} from '../../index.js'
import type { DataLedger, GamesModule } from '../data.js'

export interface CheckedBoards {
  readonly events: number
  /** Names of those that differ. */
  readonly differing: readonly string[]
}

const hears = ({ kinds, on }: Projection, { kind, final }: EventEnvelope): boolean =>
  (on !== 'final' || final) && (kinds ? kinds.includes(kind) : kind !== roomKind)

export const checkBoards = async (
  ledger: DataLedger,
  { projections = {} }: GamesModule,
): Promise<CheckedBoards> => {
  const boards = Object.keys(projections).filter((name) => 'rankOf' in (ledger.views[name] as object))
  const anew = new Map<string, RunningProjection<LeaderboardView>>()
  for (const name of boards)
    anew.set(name, projections[name]!.start({ clock: systemClock }) as RunningProjection<LeaderboardView>)
  const head = ledger.stats().position
  let events = 0
  if (head > 0)
    for await (const envelope of ledger.eventsFrom(0)) {
      for (const [name, running] of anew) if (hears(projections[name]!, envelope)) running.apply(envelope)
      events++
      if (envelope.position >= head) break
    }
  const differing = [...anew].filter(([name, { view }]) => {
    const live = ledger.views[name] as LeaderboardView
    return live.count !== view.count || !isDeepStrictEqual(live.top(live.count), view.top(view.count))
  })
  return { events, differing: differing.map(([name]) => name) }
}
