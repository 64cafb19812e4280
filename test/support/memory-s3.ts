/**
 * A bucket in memory behind the port `S3Client`: for what no real server does when it is asked to, such as failing three
 * times and then not. It counts requests, and answers each by the first fault that waits, if any does.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { S3RequestError, type S3Client } from '../../src/archive/stores/s3/s3-client.js'

/** An answer instead of the right one: a status, no answer at all, or none after the work was done. */
export type S3Fault = number | 'no answer' | 'silence' | 'done, but no answer'

export interface MemoryS3 extends S3Client {
  readonly objects: Map<string, Buffer>
  /** Of every request since the beginning: its method and, of an object, its key. */
  readonly requests: string[]
  /** Answers to come, one a request. */
  readonly faults: S3Fault[]
}

export interface MemoryS3Options {
  /** What it does with `If-None-Match`. @default 'heeds' */
  readonly condition?: 'heeds' | 'ignores' | 'answers 501'
  /** @default 1 000 */
  readonly keysPerPage?: number
}

export const memoryS3 = ({ condition = 'heeds', keysPerPage = 1_000 }: MemoryS3Options = {}): MemoryS3 => {
  const objects = new Map<string, Buffer>()
  const requests: string[] = []
  const faults: S3Fault[] = []

  const answer = async <Result>(
    request: string,
    signal: AbortSignal,
    work: () => Result,
  ): Promise<Result> => {
    requests.push(request)
    const fault = faults.shift()
    if (typeof fault === 'number') throw refusal(fault)
    if (fault === 'no answer') throw new S3RequestError('connection refused', {})
    if (fault === 'silence') await sleep(60_000, undefined, { signal, ref: false })
    const result = work()
    if (fault === 'done, but no answer') throw new S3RequestError('connection reset', {})
    return result
  }

  const objectAt = (key: string): Buffer => {
    const bytes = objects.get(key)
    if (!bytes) throw refusal(404, 'NoSuchKey')
    return bytes
  }

  return {
    objects,
    requests,
    faults,
    putObject: ({ key, body, ifNoneMatch, signal }) =>
      answer(`PUT ${key}`, signal, () => {
        if (ifNoneMatch && condition === 'answers 501') throw refusal(501, 'NotImplemented')
        if (ifNoneMatch && condition === 'heeds' && objects.has(key)) throw refusal(412, 'PreconditionFailed')
        objects.set(key, Buffer.from(body))
      }),
    getObject: ({ key, range, signal }) =>
      answer(`GET ${key}`, signal, () => {
        const bytes = objectAt(key)
        if (!range) return Buffer.from(bytes)
        if (range.first >= bytes.length) throw refusal(416, 'InvalidRange')
        return Buffer.from(bytes.subarray(range.first, range.last + 1))
      }),
    headObject: ({ key, signal }) => answer(`HEAD ${key}`, signal, () => void objectAt(key)),
    deleteObject: ({ key, signal }) => answer(`DELETE ${key}`, signal, () => void objects.delete(key)),
    listObjects: ({ prefix, startAfter, signal }) =>
      answer('LIST', signal, () => {
        const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > startAfter).sort()
        return { keys: keys.slice(0, keysPerPage), isTruncated: keys.length > keysPerPage }
      }),
  }
}

const refusal = (status: number, vendorCode?: string): S3RequestError =>
  new S3RequestError(`answered with ${status}`, { status, vendorCode })
