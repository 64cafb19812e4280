/** One game in the archive: what its index says, and the way to its log. */
import type { EventEnvelope } from '../events/envelope.js'
import { streamIdOf, type StreamId } from '../events/ids.js'
import type { EventShape } from '../events/upcaster.js'
import { CorruptSegmentError } from './archive-error.js'
import { ArchivedLog, unpackLog } from './archived-log.js'
import type { ColdStore } from './cold-store.js'
import type { IndexedGame } from './manifest.js'
import type { GameEvents } from './replay.js'

export class ArchivedGame {
  /** What can be known without opening a segment. */
  readonly index: IndexedGame
  readonly #store: ColdStore
  readonly #segment: string

  /** @param segment the key of the segment that the game is in */
  constructor(store: ColdStore, segment: string, index: IndexedGame) {
    this.index = index
    this.#store = store
    this.#segment = segment
  }

  get stream(): StreamId {
    return streamIdOf(this.index.kind, this.index.gameId)
  }

  /** Its log, by one ranged read. @throws CorruptSegmentError, ArchiveTooNewError */
  async load(): Promise<ArchivedLog> {
    const { offset, length } = this.index
    return unpackIndexed(await this.#store.get(this.#segment, { offset, length }), this.#segment, this.index)
  }

  /** Its log, for a replay. @throws as `load` */
  async events(shape: EventShape | undefined): Promise<GameEvents> {
    const log = await this.load()
    return {
      stream: this.stream,
      envelopes: (fromVersion) => log.envelopes(shape, fromVersion),
      recorded: log.header,
    }
  }

  /** All its events; lifted to the shape of today where a shape is given. @throws as `load`, and SchemaTooNewError */
  async envelopes(shape: EventShape | undefined): Promise<readonly EventEnvelope[]> {
    return [...(await this.load()).envelopes(shape)]
  }
}

/** Unpacks the bytes that the index points at, and checks that they are that game. */
export const unpackIndexed = async (
  packed: Buffer | undefined,
  key: string,
  index: IndexedGame,
): Promise<ArchivedLog> => {
  const stream = streamIdOf(index.kind, index.gameId)
  if (packed?.length !== index.length)
    throw new CorruptSegmentError(
      key,
      index.offset,
      `${stream}: ${index.length} bytes are wanted, ${packed?.length ?? 0} are there`,
    )
  return confirmed(await unpackLog(packed, key, index.offset), key, index)
}

/** The same of bytes that are unpacked already. */
export const indexedLog = (unpacked: Buffer, key: string, index: IndexedGame): ArchivedLog =>
  confirmed(new ArchivedLog(unpacked, key, index.offset), key, index)

const confirmed = (log: ArchivedLog, key: string, index: IndexedGame): ArchivedLog => {
  const stream = streamIdOf(index.kind, index.gameId)
  if (log.stream === stream && log.header.hash === index.hash) return log
  throw new CorruptSegmentError(key, index.offset, `${log.stream} stands where ${stream} should`)
}
