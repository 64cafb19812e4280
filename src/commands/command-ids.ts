/**
 * Which commands a game has already recorded, so that a retry is answered with the first receipt.
 *
 * 64-bit fingerprints over the versions where commands begin, 12 bytes a slot; a hit is confirmed against the log.
 * Built from the log when the first command with an id arrives: games whose commands have none pay nothing.
 * Bounded by the log of its game, and gone with it.
 */
import type { EventLog } from '../events/event-log.js'
import { fingerprintOf, FingerprintTable } from '../events/fingerprint.js'
import type { GameId, Kind } from '../events/ids.js'

export class CommandIds {
  readonly #firstVersions = new FingerprintTable()
  readonly #log: EventLog
  readonly #kind: Kind
  readonly #gameId: GameId

  /** Reads the whole log once. */
  constructor(log: EventLog, kind: Kind, gameId: GameId) {
    this.#log = log
    this.#kind = kind
    this.#gameId = gameId
    for (const { firstVersion } of log.records()) {
      const commandId = this.#commandIdAt(firstVersion)
      if (commandId !== undefined) this.add(commandId, firstVersion)
    }
  }

  /** Notes that the command's events begin at this version. */
  add(commandId: string, firstVersion: number): void {
    this.#firstVersions.add(fingerprintOf(commandId), firstVersion)
  }

  /** The version at which this command's events begin; `undefined` where it never happened. */
  firstVersionOf(commandId: string): number | undefined {
    return this.#firstVersions.find(
      fingerprintOf(commandId),
      (version) => this.#commandIdAt(version) === commandId,
    )
  }

  #commandIdAt(version: number): string | undefined {
    for (const envelope of this.#log.envelopes(this.#kind, this.#gameId, undefined, version, version))
      return envelope.commandId
    return undefined
  }
}
