// One contender in a process of its own, so that none is slowed down by the heap, the garbage or the compiled code of
// another: node apart.mjs NAME PLAYERS [SOCKET]. It fills itself, says 'ready', and answers each message by a round.
import { createRequire } from 'node:module'
import { percentile } from '../measure.mjs'
import { blockList, idsOf, orderedMap, resort, scores, skipList } from './contenders.mjs'
import { cClient, connectTo, ioredis } from './redis.mjs'
import { boards, ledgerWith } from './whole-ledger.mjs'

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

const makers = {
  'block list': (ids) => blockList(ids, scores.random),
  'block list, heavy ties': (ids) => blockList(ids, scores['heavy ties']),
  'skip list with spans': (ids) => skipList(ids, scores.random),
  'js-sdsl ordered map': (ids) => {
    const { OrderedMap } = createRequire(new URL('../package.json', import.meta.url))('js-sdsl')
    return orderedMap(OrderedMap)(ids, scores.random)
  },
  'sorted anew': (ids) => resort(ids, scores.random),
  'Redis, ioredis, pipeline 1': (ids, redis) => ioredis(redis, 1, ids, scores.random),
  'Redis, ioredis, pipeline 100': (ids, redis) => ioredis(redis, 100, ids, scores.random),
  'Redis, C client, pipeline 100': (ids, redis) => cClient(redis, ids),
  ...Object.fromEntries(Object.keys(boards).map((board) => [board, (ids) => ledgerWith(board, ids)])),
}

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
  let count = depth
  for (; performance.now() < begun + askedMs; count = Math.max(depth, Math.min(2 * count, 1024))) {
    await contender[question](count)
    asked += count
  }
  const seconds = (performance.now() - begun) / 1000
  return { cpu: asked / ((await cpu()) - cpuBegun), wall: asked / seconds }
}

const figuresOf = async (contender) => {
  if (contender.figures) return contender.figures()
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

const [name, players, socket] = process.argv.slice(2)
const contender = await makers[name](idsOf(Number(players)), socket ? connectTo(socket) : undefined)
process.on('message', async () => process.send(await figuresOf(contender)))
process.send('ready')
