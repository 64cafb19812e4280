// The alternative that was measured: a skip list whose links count what they jump over, as Redis has it (t_zset.c; Pugh,
// "Skip lists: a probabilistic alternative to balanced trees", 1990), on typed arrays.
//
//     level 2   head ------------------ 5 ------------> end        each link: the next player, and how many places on
//     level 1   head ------- 2 -------- 5 --- 9 ------> end
//     level 0   head - 7 --- 2 --- 4 -- 5 --- 9 - 3 --> end        all players, in order
//
// A player is a node by their handle. A node has a tower of 1 to 16 links (each next level with one in four), in `next`
// and `span` from `tower[node]` on, for life: a new score only moves it. The order is that of the ranking: key, then
// reach position. The sum of the spans on the way to a node is its place, from 1.
const levelsMax = 16
const end = 0xffffffff

export class SkipList {
  #keys
  #reachedAts
  #towers
  #heights
  #next
  #spans
  #head
  #used = 0
  #level = 1
  #size = 0
  /** By level: the last node before the one that is looked for, and its place. */
  #before = new Uint32Array(levelsMax)
  #places = new Uint32Array(levelsMax)
  #random

  /** For so many players at most, all arrays made at once. `random` gives the heights of towers. */
  constructor(players, random) {
    this.#random = random
    this.#head = players
    this.#keys = new Float64Array(players + 1).fill(NaN)
    this.#reachedAts = new Float64Array(players + 1)
    this.#towers = new Uint32Array(players + 1)
    this.#heights = new Uint8Array(players + 1)
    const links = Math.ceil(1.34 * players) + 64 * levelsMax
    this.#next = new Uint32Array(links).fill(end)
    this.#spans = new Uint32Array(links)
    this.#build(this.#head, levelsMax)
  }

  get bytes() {
    const arrays = [this.#keys, this.#reachedAts, this.#towers, this.#heights, this.#next, this.#spans]
    return arrays.reduce((sum, { byteLength }) => sum + byteLength, 0)
  }

  /** The higher score is better. */
  set(node, score, reachedAt) {
    const key = -score
    if (this.#keys[node] === key) return
    if (Number.isNaN(this.#keys[node])) this.#build(node, this.#drawHeight())
    else this.#take(node)
    this.#keys[node] = key
    this.#reachedAts[node] = reachedAt
    this.#insert(node)
  }

  scoreOf(node) {
    return -this.#keys[node]
  }

  /** The place of a player who is there, from 0. */
  ordinal(node) {
    this.#descend(this.#keys[node], this.#reachedAts[node])
    return this.#places[0]
  }

  /** The players from a place on, at most `count`. */
  slice(ordinal, count) {
    const found = []
    let node = this.#nodeAt(ordinal + 1)
    for (; node !== end && found.length < count; node = this.#next[this.#towers[node]]) found.push(node)
    return found
  }

  #build(node, height) {
    this.#towers[node] = this.#used
    this.#heights[node] = height
    this.#used += height
  }

  #drawHeight() {
    let height = 1
    while (height < levelsMax && this.#random() < 0.25) height++
    return height
  }

  /** Finds the last node before this mark on every level, and its place. */
  #descend(key, reachedAt) {
    const [keys, reachedAts, towers, next] = [this.#keys, this.#reachedAts, this.#towers, this.#next]
    let node = this.#head
    let place = 0
    for (let level = this.#level - 1; level >= 0; level--) {
      for (;;) {
        const link = towers[node] + level
        const other = next[link]
        if (other === end) break
        if (keys[other] > key || (keys[other] === key && reachedAts[other] >= reachedAt)) break
        place += this.#spans[link]
        node = other
      }
      this.#before[level] = node
      this.#places[level] = place
    }
  }

  #insert(node) {
    const height = this.#heights[node]
    for (; this.#level < height; this.#level++)
      this.#spans[this.#towers[this.#head] + this.#level] = this.#size
    this.#descend(this.#keys[node], this.#reachedAts[node])
    for (let level = 0; level < this.#level; level++) {
      const link = this.#towers[this.#before[level]] + level
      if (level >= height) {
        this.#spans[link]++
        continue
      }
      const jumped = this.#places[0] - this.#places[level]
      const own = this.#towers[node] + level
      this.#next[own] = this.#next[link]
      this.#spans[own] = this.#spans[link] - jumped
      this.#next[link] = node
      this.#spans[link] = jumped + 1
    }
    this.#size++
  }

  #take(node) {
    this.#descend(this.#keys[node], this.#reachedAts[node])
    for (let level = 0; level < this.#level; level++) {
      const link = this.#towers[this.#before[level]] + level
      if (this.#next[link] === node) {
        const own = this.#towers[node] + level
        this.#spans[link] += this.#spans[own] - 1
        this.#next[link] = this.#next[own]
      } else this.#spans[link]--
    }
    this.#size--
  }

  #nodeAt(place) {
    let node = this.#head
    let passed = 0
    for (let level = this.#level - 1; level >= 0; level--)
      for (;;) {
        const link = this.#towers[node] + level
        if (this.#next[link] === end || passed + this.#spans[link] > place) break
        passed += this.#spans[link]
        node = this.#next[link]
      }
    return passed === place && place > 0 ? node : end
  }
}
