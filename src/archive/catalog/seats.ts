/**
 * Which archived games each player has been in, newest first, without an object a game or a player.
 *
 *     fingerprint of ann -> row -> newest: link 4      links:  0        1        2        3        4
 *                                                       game   7        7        9        12       12
 *                                                       older  -        -        0(ann)   ...      2(ann)
 *
 * Names are not kept: who lists games confirms each by the players that its index names. 8 bytes a seat, some 30 a player.
 */
import type { Fingerprint } from '../../events/fingerprint.js'
import type { Scratch } from './catalog-store.js'
import { FingerprintIndex } from './fingerprint-index.js'
import { NumberColumn } from './number-column.js'

const none = 0xffffffff

export class Seats {
  readonly #rows = new FingerprintIndex()
  readonly #newest = new NumberColumn(Uint32Array)
  readonly #games = new NumberColumn(Uint32Array)
  readonly #older = new NumberColumn(Uint32Array)

  /** Bytes held. */
  get bytes(): number {
    return this.#rows.bytes + this.#newest.bytes + this.#games.bytes + this.#older.bytes
  }

  /** Seats a player in a game, by its ordinal; ordinals rise. O(1) amortised. */
  add(player: Fingerprint, ordinal: number): void {
    let row = this.#rows.find(player)
    if (row === undefined) {
      row = this.#newest.length
      this.#rows.add(player, row)
      this.#newest.push(none)
    }
    this.#games.push(ordinal)
    this.#older.push(this.#newest.get(row))
    this.#newest.set(row, this.#games.length - 1)
  }

  /** Takes seats out of memory, but for the newest; players stay. One call at a time. */
  async page(scratch: Scratch): Promise<void> {
    await this.#games.page(scratch)
    await this.#older.page(scratch)
  }

  /**
   * The ordinals of a player's games, newest first; from those below `before`. Another's may be among them, once in
   * 2^64. O(games of the player passed).
   */
  *ordinals(player: Fingerprint, before: number): Generator<number, void, undefined> {
    const row = this.#rows.find(player)
    let link = row === undefined ? none : this.#newest.get(row)
    for (; link !== none; link = this.#older.get(link)) {
      const ordinal = this.#games.get(link)
      if (ordinal < before) yield ordinal
    }
  }
}
