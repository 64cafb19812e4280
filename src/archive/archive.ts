/** The completed games, as callers are handed them: `ledger.archive`. */
import type { EventEnvelope } from '../events/envelope.js'
import { streamIdOf, type GameId, type Kind } from '../events/ids.js'
import type { ArchivePage, ArchiveQuery } from './catalog.js'
import { verifyArchive, type Verification, type VerificationPorts, type VerifyOptions } from './verification.js'

export class Archive {
  readonly #ports: VerificationPorts

  constructor(ports: VerificationPorts) {
    this.#ports = ports
  }

  /** Whether this game is archived. Exact; reads one manifest at most, and none for a game that is not. */
  async has(kind: Kind, gameId: GameId): Promise<boolean> {
    return (await this.#ports.catalog.find(streamIdOf(kind, gameId))) !== undefined
  }

  /** Games by player, kind and time of their end; newest first, by pages. Reads no segment. */
  list(query: ArchiveQuery = {}): Promise<ArchivePage> {
    return this.#ports.catalog.list(query)
  }

  /** All events of an archived game, lifted to the shape of today; `undefined` where it is not archived. One ranged read. */
  async events(kind: Kind, gameId: GameId): Promise<readonly EventEnvelope[] | undefined> {
    const game = await this.#ports.catalog.find(streamIdOf(kind, gameId))
    return game?.envelopes(this.#ports.rules.get(kind))
  }

  /** Checks the whole archive; see `Verification`. */
  verify(options: VerifyOptions = {}): Promise<Verification> {
    return verifyArchive(this.#ports, options)
  }
}
