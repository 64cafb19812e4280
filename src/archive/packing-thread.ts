/**
 * The one thread of a process in which games are packed, a batch at a time.
 *
 *     main thread   members, end to end --transfer--> [ gzip, member by member ] --transfer--> packed, end to end
 *
 * Not the thread pool of libuv: the journal's syncs wait for their turn there, and handing over each game costs more than
 * packing it (docs/decisions/packing-thread.md, `npm run bench -- archive`). The thread is made for the first batch, is
 * shared by all ledgers of the process, and never keeps the process alive while it has nothing to do. Its program is a
 * text, so that nobody who bundles this package has to bring a file along; it knows Node alone.
 *
 * Where threads are not permitted, or one dies, the batch is packed in the pool, one game after the other: slower, and
 * the same bytes.
 */
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { gzip } from 'node:zlib'

/** 79 MB/s, 34.5 B an event of 197 B (docs/formats/archive.md). */
const level = 6

const program = `
const { parentPort } = require('node:worker_threads')
const { gzipSync } = require('node:zlib')
parentPort.on('message', ({ id, bytes, lengths, level }) => {
  const packed = []
  let start = 0
  for (const length of lengths) {
    const chunkSize = Math.max(1024, length >> 2)
    packed.push(gzipSync(bytes.subarray(start, (start += length)), { level, chunkSize }))
  }
  const whole = new Uint8Array(packed.reduce((sum, { length }) => sum + length, 0))
  let end = 0
  for (const member of packed) {
    whole.set(member, end)
    end += member.length
  }
  parentPort.postMessage({ id, bytes: whole, lengths: packed.map(({ length }) => length) }, [whole.buffer])
})`

/** A member to be packed, in parts that belong end to end; they are left as they are. */
export type MemberParts = readonly Buffer[]

/** Members of a segment, packed, end to end. */
export interface PackedMembers {
  readonly bytes: Buffer
  /** Of each, in the order given. */
  readonly lengths: readonly number[]
}

interface Answer {
  readonly id: number
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly lengths: readonly number[]
}

interface Waiting {
  readonly resolve: (answer: Answer) => void
  readonly reject: (cause: unknown) => void
}

class PackingThread {
  #worker: Worker | undefined
  #lastId = 0
  readonly #waiting = new Map<number, Waiting>()

  /** @throws where there is no thread, or it ends before it has answered */
  pack(members: readonly MemberParts[]): Promise<Answer> {
    const bytes = endToEnd(members.flat())
    const lengths = members.map(lengthOf)
    const worker = (this.#worker ??= this.#begin())
    worker.ref()
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId
      this.#waiting.set(id, { resolve, reject })
      worker.postMessage({ id, bytes, lengths, level }, [bytes.buffer])
    })
  }

  #begin(): Worker {
    // Whatever this process was started with (a loader, a profiler) is not for this thread.
    const worker = new Worker(program, { eval: true, execArgv: [] })
    let cause: unknown = new Error('The thread that packs games has ended.')
    worker.on('message', (answer: Answer) => {
      this.#waiting.get(answer.id)?.resolve(answer)
      this.#waiting.delete(answer.id)
      if (this.#waiting.size === 0) worker.unref()
    })
    worker.on('error', (error) => {
      cause = error
    })
    worker.on('exit', () => {
      this.#worker = undefined
      for (const { reject } of this.#waiting.values()) reject(cause)
      this.#waiting.clear()
    })
    return worker
  }
}

const thread = new PackingThread()

/** Packs each of these on its own. The main thread copies them once, and is free meanwhile. */
export const packMembers = async (members: readonly MemberParts[]): Promise<PackedMembers> => {
  try {
    const { bytes, lengths } = await thread.pack(members)
    return { bytes: Buffer.from(bytes.buffer), lengths }
  } catch {
    // Threads are not permitted here, or this one has died; a game must not wait for the archive because of it.
    return packInPool(members)
  }
}

const packInPool = async (members: readonly MemberParts[]): Promise<PackedMembers> => {
  const packed: Buffer[] = []
  for (const member of members) packed.push(await promisify(gzip)(Buffer.concat(member), { level }))
  return { bytes: Buffer.concat(packed), lengths: packed.map(({ length }) => length) }
}

const lengthOf = (parts: MemberParts): number => parts.reduce((sum, { length }) => sum + length, 0)

/** A copy of its own, which can be given away: what small buffers share cannot. */
const endToEnd = (parts: MemberParts): Uint8Array<ArrayBuffer> => {
  const whole = new Uint8Array(lengthOf(parts))
  let end = 0
  for (const part of parts) {
    whole.set(part, end)
    end += part.length
  }
  return whole
}
