/** One game in the archive: what its index says, and the way to its log. */
import type { EventEnvelope } from '../events/envelope.js'
import { streamIdOf, type StreamId } from '../events/ids.js'
import type { EventShape } from '../events/upcaster.js'
import { CorruptSegmentError } from './archive-error.js'
import { unpackLog, type ArchivedLog } from './archived-log.js'
import type { ColdStore } from './cold-store.js'
import type { GameHeader } from './game-header.js'
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
  const log = await unpackLog(packed, key, index.offset)
  confirmHeader(log.header, key, index)
  return log
}

/** Checks that a header is that of the game which the index names. @throws CorruptSegmentError */
export const confirmHeader = ({ kind, gameId, hash }: GameHeader, key: string, index: IndexedGame): void => {
  if (kind === index.kind && gameId === index.gameId && hash === index.hash) return
  const stream = streamIdOf(index.kind, index.gameId)
  throw new CorruptSegmentError(
    key,
    index.offset,
    `${streamIdOf(kind, gameId)} stands where ${stream} should`,
  )
}
