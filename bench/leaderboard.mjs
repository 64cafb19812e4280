// The ranking beside what could stand in its place: a skip list, a red-black tree, sorting anew, and Redis.
//
//     npm install --prefix bench, apt-get install redis-server     the peers, once; those that are absent are skipped
//     npm run bench -- leaderboard
//
// Players have string ids, and scores that hardly ever meet (random jumps); `heavy ties` has 50 scores for all. All
// contenders of a size are filled, then take turns: a tenth of a second of each question each, medians of five rounds
// after a warm-up. CPU seconds are user + system of all threads, of client and server together (of redis-benchmark only
// those of the server count); `a second` is the clock's. p99 is that of one update, in this process. Bytes of a ranking
// are those of its arrays, the most that were seen, also right after they grew; of Redis what MEMORY USAGE says, ids
// included.
import { createRequire } from 'node:module'
import { blockList, idsOf, orderedMap, resort, scores, skipList } from './leaderboard/contenders.mjs'
import { cClient, fillRedis, ioredis, startRedis } from './leaderboard/redis.mjs'
import { boardInLedger, stampede } from './leaderboard/whole-ledger.mjs'
import { median, percentile } from './measure.mjs'

const rounds = 5
const sizes = [100_000, 1_000_000]
const askedMs = 100
/** What is asked, and the column that it has. */
const questions = {
  update: 'update',
  rank: 'rank',
  top: 'top 100',
  page: 'page of 50',
  around: 'around 5',
  pair: 'update + rank',
}
const own = 'block list'
const [p1, p100, c] = [
  'Redis, ioredis, pipeline 1',
  'Redis, ioredis, pipeline 100',
  'Redis, C client, pipeline 100',
]
const ties = `${own}, heavy ties`

const cpuOfThis = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** How many a CPU second, and a second; asked in growing loops until the time is over. */
const ratesOf = async (contender, question) => {
  const { depth, cpuOfServer = () => 0, isClientCounted = true } = contender
  const cpu = async () => (isClientCounted ? cpuOfThis() : 0) + (await cpuOfServer())
  const [cpuBegun, begun] = [await cpu(), performance.now()]
  let asked = 0
  for (
    let count = depth;
    performance.now() < begun + askedMs;
    count = Math.max(depth, Math.min(2 * count, 1024))
  ) {
    await contender[question](count)
    asked += count
  }
  const seconds = (performance.now() - begun) / 1000
  return { cpu: asked / ((await cpu()) - cpuBegun), wall: asked / seconds }
}

const figuresOf = async (contender) => {
  const figures = {}
  for (const [question, column] of Object.entries(questions)) {
    if (!contender[question]) continue
    const { cpu, wall } = await ratesOf(contender, question)
    figures[column] = cpu
    if (question === 'update' || question === 'rank') figures[`${column} a second`] = wall
  }
  if (contender.latencies) figures['p99 us'] = percentile(contender.latencies(20_000), 0.99)
  if (contender.bytes) figures['bytes a player'] = contender.bytes()
  return figures
}

/** They take turns, `once` each a round; the first round is not counted. A row has the median of each figure. */
const inTurn = async (contenders, once) => {
  const all = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]))
  for (let round = 0; round <= rounds; round++)
    for (const [name, contender] of Object.entries(contenders)) {
      const figures = await once(contender)
      if (round > 0) all[name].push(figures)
    }
  const rowOf = (list) =>
    Object.fromEntries(
      Object.keys(list[0]).map((column) => [column, median(list.map((each) => each[column]))]),
    )
  return Object.fromEntries(Object.entries(all).map(([name, list]) => [name, rowOf(list)]))
}

const sdsl = () => {
  try {
    const { OrderedMap } = createRequire(new URL('package.json', import.meta.url))('js-sdsl')
    return { 'js-sdsl ordered map': orderedMap(OrderedMap) }
  } catch (cause) {
    if (cause.code !== 'MODULE_NOT_FOUND') throw cause
    console.log('skipped: js-sdsl is not here (npm install --prefix bench)')
    return {}
  }
}

const measured = async (players, redis) => {
  const ids = idsOf(players)
  const makers = { [own]: blockList, 'skip list with spans': skipList, ...sdsl(), 'sorted anew': resort }
  const contenders = { [ties]: blockList(ids, scores['heavy ties']) }
  for (const [name, make] of Object.entries(makers)) contenders[name] = make(ids, scores.random)
  if (redis) {
    const bytes = await fillRedis(redis, ids, scores.random)
    contenders[p1] = ioredis(redis, 1, ids, scores.random, bytes)
    contenders[p100] = ioredis(redis, 100, ids, scores.random, bytes)
    contenders[c] = cClient(redis, ids)
  }
  return inTurn(contenders, figuresOf)
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
  const times = (other, question) => rows[own][questions[question]] / rows[other][questions[question]]
  return [
    atLeast(5, 'updates, times those of Redis with ioredis, pipeline 100', times(p100, 'update')),
    atLeast(6, 'ranks, times the same', times(p100, 'rank')),
    atLeast(100, 'top 100, times the same', times(p100, 'top')),
    atLeast(100, 'page of 50 in the middle, times the same', times(p100, 'page')),
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
  const board = await boardInLedger()
  const ledger = (await inTurn({ board }, ({ round }) => round())).board
  await board.close()
  const million = rows[sizes.at(-1)]
  return {
    unit: 'a CPU second of client and server; us; bytes',
    results: Object.assign(
      {},
      ...Object.entries(rows).map(([players, each]) =>
        Object.fromEntries(Object.entries(each).map(([name, row]) => [`${players}: ${name}`, row])),
      ),
      { 'whole ledger, 100000 players': ledger },
    ),
    // All at a million players, but for the last two.
    promises: [
      ...besideRedis(million),
      atMost(5, 'p99 of an update, us', million[own]['p99 us']),
      atMost(5, 'p99 of an update with heavy ties, us', million[ties]['p99 us']),
      atMost(
        70,
        'bytes a player beside the id, at the worst time',
        Math.max(million[own]['bytes a player'], million[ties]['bytes a player']),
      ),
      atMost(
        1.3,
        'an update with heavy ties, times one without',
        million[own][questions.update] / million[ties][questions.update],
      ),
      atMost(3, 'what a board adds to a command, us', ledger['us it adds']),
      atMost(1, 'renderings for 10 000 readers after a change', await stampede()),
    ],
  }
}
