// redis-server, of its own, in a temporary folder, on a socket file there, keeping nothing; with ioredis (a command a
// round trip, and a hundred) and with the C client of redis-benchmark. All through the socket file, which is faster than
// a port.
import { execFile, execFileSync, spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { generator } from './contenders.mjs'

const run = promisify(execFile)
const requireHere = createRequire(new URL('../package.json', import.meta.url))
const key = 'board'

/** What is missing for it, in words; `undefined` where nothing is. */
const lack = () => {
  try {
    execFileSync('redis-server', ['--version'])
    execFileSync('redis-benchmark', ['--version'])
  } catch {
    return 'redis-server is not here (apt-get install redis-server)'
  }
  try {
    requireHere.resolve('ioredis')
    return undefined
  } catch {
    return 'ioredis is not here (npm install --prefix bench)'
  }
}

/** A server and a client on it, or `undefined`, when it is said what is missing. */
export const startRedis = async () => {
  const missing = lack()
  if (missing !== undefined) {
    console.log(`skipped: ${missing}`)
    return undefined
  }
  const directory = mkdtempSync(join(tmpdir(), 'gameledger-bench-'))
  const path = join(directory, 'socket')
  const options = [
    '--port',
    '0',
    '--unixsocket',
    path,
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    directory,
  ]
  const server = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'inherit'] })
  const kill = () => server.kill('SIGKILL')
  process.once('exit', kill)
  await new Promise((resolve, reject) => {
    server.once('exit', (code) => reject(new Error(`redis-server ended with ${code}`)))
    server.stdout.on('data', (text) => String(text).includes('eady to accept') && resolve())
  })
  const { client } = connectTo(path)
  return {
    client,
    path,
    stop: async () => {
      await client.quit()
      process.off('exit', kill)
      server.kill()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** A client on the socket of a server. */
export const connectTo = (path) => {
  const { Redis } = requireHere('ioredis')
  const client = new Redis({ path })
  return {
    client,
    path,
    /** The CPU seconds of the server so far. */
    cpuOfServer: async () => {
      const info = await client.info('cpu')
      return Number(/used_cpu_sys:([\d.]+)/.exec(info)[1]) + Number(/used_cpu_user:([\d.]+)/.exec(info)[1])
    },
  }
}

/** The board of these players, anew. @returns the bytes a player that the server says it takes, id included */
export const fillRedis = async ({ client }, ids, drawScore) => {
  const random = generator(1)
  await client.del(key)
  for (let from = 0; from < ids.length; from += 1000)
    await client.zadd(key, ...ids.slice(from, from + 1000).flatMap((id) => [drawScore(random), id]))
  return (await client.memory('USAGE', key, 'SAMPLES', 1000)) / ids.length
}

/** Through ioredis, so many commands a round trip. */
export const ioredis = ({ client, cpuOfServer }, depth, ids, drawScore) => {
  const random = generator(depth)
  const pick = () => ids[Math.floor(random() * ids.length)]
  /** `depth` commands at once: their replies. */
  const batch = async (command) => {
    if (depth === 1) return [await client.call(...command(0))]
    const pipeline = client.pipeline()
    for (let nth = 0; nth < depth; nth++) pipeline.call(...command(nth))
    return (await pipeline.exec()).map(([, reply]) => reply)
  }
  const loop = (command) => async (count) => {
    for (let nth = 0; nth < count; nth += depth) await batch(command)
  }
  const range = (from, to) => ['ZRANGE', key, from, to, 'REV', 'WITHSCORES']
  return {
    depth,
    cpuOfServer,
    update: loop(() => ['ZADD', key, drawScore(random), pick()]),
    rank: loop(() => ['ZREVRANK', key, pick()]),
    top: loop(() => range(0, 99)),
    page: loop(() => range(ids.length >> 1, (ids.length >> 1) + 49)),
    around: async (count) => {
      for (let nth = 0; nth < count; nth += depth) {
        const places = await batch(() => ['ZREVRANK', key, pick()])
        await batch((at) => range(Math.max(0, places[at] - 5), places[at] + 5))
      }
    },
  }
}

/**
 * Through redis-benchmark, a hundred commands a round trip, with its fifty connections. It draws players, and scores below their number.
 */
export const cClient = ({ path, cpuOfServer }, ids) => {
  const ask =
    (...words) =>
    (count) => {
      const options = ['-s', path, '-P', 100, '-n', count, '-r', ids.length, '-q', ...words]
      return run('redis-benchmark', options.map(String))
    }
  return {
    depth: 50_000,
    cpuOfServer,
    // It is a process of its own, and the server is the busier one.
    isClientCounted: false,
    update: ask('ZADD', key, '__rand_int__', 'player:__rand_int__'),
    rank: ask('ZREVRANK', key, 'player:__rand_int__'),
  }
}
