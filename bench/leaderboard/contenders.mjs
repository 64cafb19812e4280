// The structures that stand in this process. Each is filled with players by string id and then asked, in loops of
// `count`: a new score for a random player, the place of one, the first hundred, fifty in the middle, five on either
// side of one; rows are a flat list of ids and scores, as Redis answers. Reach positions rise with each update.
import { PlayerTable } from '../../dist/projections/player-table.js'
import { Ranking } from '../../dist/projections/ranking/ranking.js'
import { SkipList } from './skip-list.mjs'

/** A generator for all draws: every run has the same. */
export const generator = (seed) => {
  let state = seed
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32
}

/** Scores that hardly ever meet, and fifty that all players share. */
export const scores = {
  random: (random) => Math.floor(random() * 1e9),
  'heavy ties': (random) => Math.floor(random() * 50),
}

/** Ids as redis-benchmark makes them, and as they come from outside: parsed, not put together, which V8 reads slower. */
export const idsOf = (players) =>
  JSON.parse(
    JSON.stringify(Array.from({ length: players }, (_, nth) => `player:${String(nth).padStart(12, '0')}`)),
  )

/** What came out is added up, so that no loop is taken for a useless one. */
let sink = 0

/** Loops over a structure of `set(id, score)`, `ordinal(id)` and `rows(from, count)`. */
const looping = (structure, ids, random, drawScore) => {
  const pick = () => ids[Math.floor(random() * ids.length)]
  const loop = (once) => (count) => {
    for (let nth = 0; nth < count; nth++) sink += once()
  }
  return {
    depth: 1,
    update: loop(() => structure.set(pick(), drawScore(random))),
    rank: loop(() => structure.ordinal(pick())),
    top: loop(() => structure.rows(0, 100).length),
    page: loop(() => structure.rows(ids.length >> 1, 50).length),
    around: loop(() => structure.rows(Math.max(0, structure.ordinal(pick()) - 5), 11).length),
  }
}

/** A structure by handle under ids. */
const byId = (structure) => {
  const table = new PlayerTable()
  let position = 0
  return {
    set: (id, score) => {
      structure.set(table.intern(id), score, ++position)
      return score
    },
    ordinal: (id) => structure.ordinal(table.handleOf(id)),
    rows: (from, count) => {
      const handles = structure.slice(from, count)
      const rows = new Array(2 * handles.length)
      // No iterator: whether V8 does without its pairs is another choice in each process.
      for (let nth = 0; nth < handles.length; nth++) {
        rows[2 * nth] = table.idOf(handles[nth])
        rows[2 * nth + 1] = structure.scoreOf(handles[nth])
      }
      return rows
    },
    bytes: () => structure.bytes,
  }
}

/** The most bytes a player that the ranking held from half of its players on: also right after it grew. */
const filled = (structure, ids, random, drawScore) => {
  let most = 0
  for (const [nth, id] of ids.entries()) {
    structure.set(id, drawScore(random))
    if (nth > ids.length / 2 && nth % 64 === 0) most = Math.max(most, (structure.bytes?.() ?? 0) / (nth + 1))
  }
  return most
}

/** The structure of a board, or what could stand in its place, by string id. `make(players)` makes it. */
const handled = (make) => (ids, drawScore) => {
  const random = generator(1)
  const structure = byId(make(ids.length))
  const most = filled(structure, ids, random, drawScore)
  const loops = looping(structure, ids, random, drawScore)
  return {
    ...loops,
    bytes: () => Math.max(most, structure.bytes() / ids.length),
    latencies: latenciesOf(loops.update),
  }
}

export const blockList = handled(() => new Ranking())
export const skipList = handled((players) => new SkipList(players, generator(2)))

/** Each of so many updates, in microseconds; the clock itself takes some 0.05 of them. */
const latenciesOf = (update) => (count) =>
  Float64Array.from({ length: count }, () => {
    const begun = process.hrtime.bigint()
    update(1)
    return Number(process.hrtime.bigint() - begun) / 1000
  })

/** A red-black tree that counts, keyed by score and reach position. `OrderedMap` is that of js-sdsl. */
export const orderedMap = (OrderedMap) => (ids, drawScore) => {
  const random = generator(1)
  const keys = new Map()
  const map = new OrderedMap([], (one, other) => other[0] - one[0] || one[1] - other[1], true)
  let position = 0
  const structure = {
    set: (id, score) => {
      const old = keys.get(id)
      if (old) map.eraseElementByKey(old)
      const key = [score, ++position]
      keys.set(id, key)
      map.setElement(key, id)
      return score
    },
    ordinal: (id) => map.find(keys.get(id)).index,
    rows: (from, count) => {
      const rows = []
      const last = Math.min(from + count, map.size())
      if (from >= last) return rows
      const at = map.find(map.getElementByPos(from)[0])
      for (let nth = from; nth < last; nth++, at.next()) rows.push(at.pointer[1], at.pointer[0][0])
      return rows
    },
  }
  filled(structure, ids, random, drawScore)
  return looping(structure, ids, random, drawScore)
}

/** All players are sorted when somebody asks after a change: an update and the place that is asked for then. */
export const resort = (ids, drawScore) => {
  const random = generator(1)
  const held = Float64Array.from(ids, () => drawScore(random))
  return {
    depth: 1,
    pair: (count) => {
      for (let nth = 0; nth < count; nth++) {
        const changed = Math.floor(random() * ids.length)
        held[changed] = drawScore(random)
        const order = Array.from(held, (score, player) => ({ score, player }))
        order.sort((one, other) => other.score - one.score || one.player - other.player)
        sink += order.findIndex(({ player }) => player === changed)
      }
    },
  }
}
