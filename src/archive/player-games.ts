/**
 * Which archived games each player has been in, newest first, without an object a game.
 *
 *     newest:  ann -> link 4            links:  0        1        2        3        4
 *                                        game   7        7        9        12       12
 *                                        older  -        -        0(ann)   ...      2(ann)
 *
 * One chain a player through one pair of typed arrays: 8 bytes a player and game, and a Map entry a player.
 */
import type { PlayerId } from '../events/ids.js'

const none = 0xffffffff

export class PlayerGames {
  readonly #newest = new Map<PlayerId, number>()
  #links = new Uint32Array(2 * 1_024)
  #count = 0

  get players(): number {
    return this.#newest.size
  }

  /** Enters a game by its ordinal; ordinals rise. O(1) amortised. */
  add(player: PlayerId, ordinal: number): void {
    if (2 * this.#count === this.#links.length) this.#grow()
    this.#links[2 * this.#count] = ordinal
    this.#links[2 * this.#count + 1] = this.#newest.get(player) ?? none
    this.#newest.set(player, this.#count++)
  }

  /** The ordinals of a player's games, newest first; from those below `before`. O(games of the player passed). */
  *ordinals(player: PlayerId, before: number): Generator<number, void, undefined> {
    for (let link = this.#newest.get(player) ?? none; link !== none; link = this.#links[2 * link + 1]!) {
      const ordinal = this.#links[2 * link]!
      if (ordinal < before) yield ordinal
    }
  }

  #grow(): void {
    const grown = new Uint32Array(2 * this.#links.length)
    grown.set(this.#links)
    this.#links = grown
  }
}
