/**
 * Erases a player from games that are not archived: in memory, and in the journal, at once in effect.
 *
 *     look     every record of the journal: which games name the player
 *     hold     those games: what is in flight is published, later commands wait
 *     journal  all records written anew, those of these games with other lines       <- one manifest: the commit point
 *     memory   their logs replaced; states are folded from them when they are next needed
 *     release  the commands that waited go on
 *
 * Where the journal cannot be rewritten the games go on as they were. It is done between two batches of the archiver. A
 * command that names the player is refused from the first step on, so no other game comes to name them.
 */
import type { StreamId } from './events/ids.js'
import { partsOfStream, type Position } from './events/ids.js'
import type { EventLog } from './events/event-log.js'
import type { EventsRecord, Rewritten } from './events/journal/journal.js'
import { orAborted } from './events/or-aborted.js'
import type { Pseudonym } from './events/pseudonym.js'
import { TimeSlice } from './events/time-slice.js'
import type { LedgerParts } from './ledger-parts.js'

/** What names the player, of what is not archived. */
export interface NamedLive {
  readonly streams: ReadonlySet<StreamId>
  /** Event lines that have the id as a part of a longer string, and keep it. */
  readonly mentions: number
  /** Games whose own id has the player's in it. */
  readonly ids: readonly StreamId[]
}

type Parts = Pick<
  LedgerParts,
  'archiver' | 'asleep' | 'dispatcher' | 'hibernation' | 'journal' | 'line' | 'live'
>

const everything = { after: 0 as Position, through: Number.MAX_SAFE_INTEGER as Position }

/** Reads the whole journal, but for what the archive holds. */
export const namedLive = async (
  { journal, line }: Parts,
  pseudonym: Pseudonym,
  signal: AbortSignal,
): Promise<NamedLive> => {
  await line.synced()
  const streams = new Set<StreamId>()
  const ids = new Set<StreamId>()
  let mentions = 0
  const slice = new TimeSlice()
  for await (const { stream, bytes, start, end } of journal.read(everything)) {
    const { kind, gameId } = partsOfStream(stream)
    const changed = pseudonym.isIn(kind, bytes, start, end)
      ? pseudonym.lines(kind, bytes, start, end)
      : undefined
    if (changed !== undefined) streams.add(stream)
    mentions +=
      changed === undefined
        ? pseudonym.remainsIn(bytes, start, end)
        : pseudonym.remainsIn(Buffer.from(changed))
    if (gameId.includes(pseudonym.player)) ids.add(stream)
    if (slice.isOverAfterStep()) await slice.next()
    signal.throwIfAborted()
  }
  return { streams, mentions, ids: [...ids] }
}

/**
 * Erases the player from these games. Resolves with what tells when the old bytes are gone.
 * @throws StorageFullError, CorruptLogError, what a game's `erase` throws: then nothing has changed
 */
export const eraseLive = (
  { archiver, asleep, dispatcher, hibernation, journal, live }: Parts,
  pseudonym: Pseudonym,
  streams: ReadonlySet<StreamId>,
  signal: AbortSignal,
): Promise<Rewritten> => {
  const { player, alias } = pseudonym
  const linesOf = ({ stream, bytes, start, end }: EventsRecord): string | undefined => {
    const { kind } = partsOfStream(stream)
    const isNamed = streams.has(stream) || pseudonym.isIn(kind, bytes, start, end)
    return isNamed ? pseudonym.lines(kind, bytes, start, end) : undefined
  }
  // The archiver may be waiting for its store: the wait can be given up, what has begun is done.
  const waiting = new AbortController()
  const leave = (): void => waiting.abort(signal.reason)
  signal.addEventListener('abort', leave, { once: true })
  const work = archiver.whileResting(() =>
    hibernation.whileResting(async () => {
      signal.throwIfAborted()
      signal.removeEventListener('abort', leave)
      const held = await dispatcher.hold(streams)
      try {
        const logs: (() => void)[] = []
        for (const stream of streams) {
          const game = live.get(stream)
          const log: EventLog | undefined = game && pseudonym.log(game.kind, game.log)
          if (game && log)
            logs.push(() => {
              live.grown(log.byteLength - game.log.byteLength)
              game.replaceLog(log)
            })
        }
        const rewritten = await journal.rewrite(linesOf)
        for (const replace of logs) replace()
        asleep.rename(player, alias)
        return rewritten
      } finally {
        held.release()
      }
    }),
  )
  return orAborted(work, waiting.signal)
}
