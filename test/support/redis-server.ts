/**
 * A real redis-server for a test: of its own, in a temporary folder, on a socket file there, keeping nothing.
 *
 * Its client speaks RESP2 in the few lines below: a command is an array of strings,
 *
 *     *2\r\n $5\r\nZCARD\r\n $5\r\nboard\r\n        answered by   :3\r\n
 *
 * and a reply begins with its type: `+` text, `-` error, `:` integer, `$` string of so many bytes (-1: none), `*` so
 * many replies. A client package would be a development dependency for that.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type Reply = string | number | undefined | readonly Reply[]

export interface RedisServer {
  /** Sends commands at once; resolves with their replies, in order. @throws Error where the server refuses one */
  send(commands: readonly (readonly (string | number)[])[]): Promise<readonly Reply[]>
  /** Ends the server and removes its folder. */
  stop(): Promise<void>
}

/** Starts `redis-server` from the PATH; resolves when it answers. */
export const startRedisServer = async (): Promise<RedisServer> => {
  const directory = mkdtempSync(join(tmpdir(), 'gameledger-redis-'))
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
  // Where a test run is broken off, `stop` is not called.
  const kill = () => void server.kill('SIGKILL')
  process.once('exit', kill)
  let log = ''
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject)
    server.on('exit', (code) => reject(new Error(`redis-server ended with ${String(code)}: ${log}`)))
    server.stdout.on('data', (text) => {
      log += String(text)
      if (log.includes('eady to accept connections')) resolve()
    })
  })
  const socket = connect(path)
  await once(socket, 'connect')
  return {
    send: async (commands) => {
      const replies = collect(commands.length)
      socket.on('data', replies.take)
      socket.write(commands.map(encode).join(''))
      try {
        return await replies.all
      } finally {
        socket.off('data', replies.take)
      }
    },
    stop: async () => {
      socket.destroy()
      process.off('exit', kill)
      const ended = once(server, 'exit')
      server.kill()
      await ended
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

const encode = (words: readonly (string | number)[]): string =>
  `*${words.length}\r\n` + words.map((word) => `$${Buffer.byteLength(String(word))}\r\n${word}\r\n`).join('')

/** Replies as they come in, in pieces that end anywhere. */
const collect = (count: number) => {
  const found: Reply[] = []
  let rest: Buffer = Buffer.alloc(0)
  let settle: { resolve: (replies: readonly Reply[]) => void; reject: (cause: unknown) => void }
  const all = new Promise<readonly Reply[]>((resolve, reject) => {
    settle = { resolve, reject }
    if (count === 0) resolve(found)
  })
  const take = (piece: Buffer): void => {
    rest = Buffer.concat([rest, piece])
    try {
      for (let read = replyAt(rest, 0); read !== undefined; read = replyAt(rest, 0)) {
        found.push(read.reply)
        rest = rest.subarray(read.end)
      }
    } catch (cause) {
      settle.reject(cause)
    }
    if (found.length === count) settle.resolve(found)
  }
  return { all, take }
}

/** The reply that begins at a byte, and where it ends; `undefined` where it is not here whole. */
const replyAt = (bytes: Buffer, at: number): { reply: Reply; end: number } | undefined => {
  const end = bytes.indexOf('\r\n', at) + 2
  if (end === 1) return undefined
  const head = bytes.toString('utf8', at + 1, end - 2)
  const type = String.fromCharCode(bytes[at]!)
  if (type === '-') throw new Error(`redis-server refused a command: ${head}`)
  if (type === '+') return { reply: head, end }
  if (type === ':') return { reply: Number(head), end }
  if (Number(head) < 0) return { reply: undefined, end }
  return type === '$' ? stringAt(bytes, end, Number(head)) : listAt(bytes, end, Number(head))
}

const stringAt = (bytes: Buffer, at: number, length: number) =>
  at + length + 2 > bytes.length
    ? undefined
    : { reply: bytes.toString('utf8', at, at + length), end: at + length + 2 }

const listAt = (bytes: Buffer, at: number, length: number) => {
  const list: Reply[] = []
  for (; list.length < length;) {
    const read = replyAt(bytes, at)
    if (read === undefined) return undefined
    list.push(read.reply)
    at = read.end
  }
  return { reply: list, end: at }
}
