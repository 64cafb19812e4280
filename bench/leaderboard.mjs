// The ranking beside what could stand in its place: a skip list, a red-black tree, sorting anew, and Redis.
//
//     npm install --prefix bench, apt-get install redis-server     the peers, once; those that are absent are skipped
//     npm run bench -- leaderboard
//
// Players have string ids, and scores that hardly ever meet (random jumps); `heavy ties` has 50 scores for all. All
// contenders of a size are filled, each in a process of its own, then take turns: a tenth of a second of each question
// each, medians of five rounds after a warm-up. CPU seconds are user + system of all threads, of client and server
// together (of redis-benchmark only those of the server count); `a second` is the clock's. p99 is that of one update.
// Bytes of a ranking are those of its arrays, the most that were seen, also right after they grew; of Redis what MEMORY
// USAGE says, ids included.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { idsOf, scores } from './leaderboard/contenders.mjs'
import { fillRedis, startRedis } from './leaderboard/redis.mjs'
import { boards, stampede } from './leaderboard/whole-ledger.mjs'
import { median } from './measure.mjs'

const rounds = 5
const sizes = [100_000, 1_000_000]
/** Players in a whole ledger: those of a thousand games, and so many that hardly anything of them is in the cache. */
const [few, many] = [4_000, 100_000]
const [own, ties] = ['block list', 'block list, heavy ties']
const [p100, c] = ['Redis, ioredis, pipeline 100', 'Redis, C client, pipeline 100']
const redisNames = ['Redis, ioredis, pipeline 1', p100, c]

/** They take turns, asked once each a round; the first round is not counted. A row has the median of each figure. */
const inTurn = async (contenders) => {
  const all = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]))
  for (let round = 0; round <= rounds; round++)
    for (const [name, ask] of Object.entries(contenders)) {
      const figures = await ask()
      if (round > 0) all[name].push(figures)
    }
  const rowOf = (list) =>
    Object.fromEntries(
      Object.keys(list[0]).map((column) => [column, median(list.map((each) => each[column]))]),
    )
  return Object.fromEntries(Object.entries(all).map(([name, list]) => [name, rowOf(list)]))
}

const inProcess = () => {
  const names = [own, ties, 'skip list with spans', 'sorted anew']
  try {
    createRequire(new URL('package.json', import.meta.url)).resolve('js-sdsl')
    return [...names, 'js-sdsl ordered map']
  } catch {
    console.log('skipped: js-sdsl is not here (npm install --prefix bench)')
    return names
  }
}

/** Each in a process of its own, in turn. */
const measuredApart = async (names, players, socketOf) => {
  const apart = fileURLToPath(new URL('leaderboard/apart.mjs', import.meta.url))
  const contenders = {}
  const children = []
  try {
    for (const name of names) {
      const child = fork(apart, [name, String(players), ...socketOf(name)])
      children.push(child)
      await once(child, 'message')
      contenders[name] = async () => {
        child.send('round')
        return (await once(child, 'message'))[0]
      }
    }
    return await inTurn(contenders)
  } finally {
    for (const child of children) child.kill()
  }
}

/** All contenders of a size. */
const measured = async (players, redis) => {
  const bytesOfRedis = redis && (await fillRedis(redis, idsOf(players), scores.random))
  const names = [...inProcess(), ...(redis ? redisNames : [])]
  const rows = await measuredApart(names, players, (name) => (redisNames.includes(name) ? [redis.path] : []))
  if (redis) for (const name of redisNames) rows[name]['bytes a player'] = bytesOfRedis
  return rows
}

const atLeast = (bound, promise, value) => ({
  promise: `${promise}: at least ${bound}`,
  holds: value >= bound,
  value: Number(value.toFixed(2)),
})
const atMost = (bound, promise, value) => ({
  promise: `${promise}: at most ${bound}`,
  holds: value <= bound,
  value: Number(value.toFixed(2)),
})

/** Those that need Redis; none where it is absent. */
const besideRedis = (rows) => {
  if (!rows[c]) return []
  const times = (other, question) => rows[own][question] / rows[other][question]
  return [
    atLeast(5, 'updates, times those of Redis with ioredis, pipeline 100', times(p100, 'update')),
    atLeast(6, 'ranks, times the same', times(p100, 'rank')),
    atLeast(100, 'top 100, times the same', times(p100, 'top 100')),
    atLeast(100, 'page of 50 in the middle, times the same', times(p100, 'page of 50')),
    atLeast(2, 'updates, times those of Redis with its C client, pipeline 100', times(c, 'update')),
    atLeast(2, 'ranks, times the same', times(c, 'rank')),
  ]
}

export const run = async () => {
  const redis = await startRedis()
  const rows = {}
  try {
    for (const players of sizes) rows[players] = await measured(players, redis)
  } finally {
    await redis?.stop()
  }
  const ledgers = {}
  for (const players of [few, many])
    ledgers[players] = await measuredApart(Object.keys(boards), players, () => [])
  const added = (players, name) =>
    ledgers[players][name]['us a command'] - ledgers[players]['without a board']['us a command']
  const million = rows[sizes.at(-1)]
  return {
    unit: 'a CPU second of client and server; us; bytes',
    results: Object.assign(
      {},
      ...Object.entries(rows).map(([players, each]) =>
        Object.fromEntries(Object.entries(each).map(([name, row]) => [`${players}: ${name}`, row])),
      ),
      ...Object.entries(ledgers).map(([players, each]) =>
        Object.fromEntries(
          Object.entries(each).map(([name, row]) => [`${players} in a ledger, ${name}`, row]),
        ),
      ),
    ),
    // All at a million players, but for the last five.
    promises: [
      ...besideRedis(million),
      atMost(5, 'p99 of an update, us', million[own]['p99 us']),
      atMost(5, 'p99 of an update with heavy ties, us', million[ties]['p99 us']),
      atMost(
        70,
        'bytes a player beside the id, at the worst time',
        Math.max(million[own]['bytes a player'], million[ties]['bytes a player']),
      ),
      atMost(1.3, 'an update with heavy ties, times one without', million[own].update / million[ties].update),
      ...[few, many].flatMap((players) => [
        atMost(
          3,
          `what a board of ${players} adds to a command, us`,
          added(players, 'with a board, by pairs'),
        ),
        atMost(3, 'the same where `score` makes a record for each, us', added(players, 'with a board')),
      ]),
      atMost(1, 'renderings for 10 000 readers after a change', await stampede()),
    ],
  }
}
