/**
 * Cold storage in a bucket that speaks S3: one object, one key under `prefix`.
 *
 *     put     PUT, If-None-Match: *      200 'stored'     412 'exists'     409 HEAD: there 'exists', else again
 *                                        501 or not heeded: HEAD, then PUT (weaker, see below)
 *     get     GET [Range]                206, 200         404 undefined    416 nothing of it lies in the range
 *     list    ListObjectsV2, a thousand keys a page, each page beginning behind the last key of the one before
 *     delete  DELETE, without a limit of time: one that was given up could still take what was put anew
 *
 * The condition makes one of many racing writers win. A server that does not know it answers 501; one that knows
 * nothing of it overwrites without a word. So before the first put of a store, an object that means nothing,
 * `.conditional-put`, is put, and once more where it was not there yet: that has to be refused. Where it is not, a HEAD comes before every PUT, without condition: two that put one key at the same
 * moment may then both hear `'stored'`, and the later one stays. So let one ledger alone write there.
 *
 * An answer can be lost when the object is not. The next attempt then hears 'exists' of its own object, which is true:
 * who puts compares what stands there. Needs a bucket with strong consistency and listing in order, as S3 itself has.
 */
import { systemChance, type Chance } from '../../../events/chance.js'
import type { ColdStore } from '../../cold-store.js'
import { ColdStoreError, type ColdStoreErrorCode } from '../cold-store-error.js'
import { checkKey, isKey } from '../object-key.js'
import { Attempts } from './attempts.js'
import { S3RequestError, type S3Client } from './s3-client.js'

export interface S3ColdStoreOptions {
  readonly bucket: string
  /** How the requests are sent: `signedFetch(...)` or `awsSdkClient(...)`. */
  readonly client: S3Client
  /** The folder of the archive, made of `a-z 0-9 . - _ /`. One ledger, one prefix. @default '' (the whole bucket) */
  readonly prefix?: string
  /** Of one attempt, in ms. 4 MiB take it at 3.4 Mbit/s. @default 10 000 */
  readonly timeoutMs?: number
  /** Three of 10 s are as long as a ledger waits for an answer (`storeAnswerMsMax`). @default 3 */
  readonly attemptsMax?: number
  /** The longest wait before the second attempt, in ms; it doubles with every other. @default 200 */
  readonly retryAfterMs?: number
  /** Draws the waits between attempts. @default systemChance */
  readonly chance?: Chance
}

/**
 * Cold storage in a bucket. `put` costs one request (the first of a store two or three), `get` one, `list` one a thousand keys.
 * @throws TypeError where an option is not usable; ColdStoreError from every method, with the vendor's error as `cause`
 */
export const s3ColdStore = (options: S3ColdStoreOptions): ColdStore => new S3ColdStore(options)

/** No key of ours begins with a dot. */
const probeName = '.conditional-put'
const probeBytes = Buffer.from('Tells whether this store heeds If-None-Match.\n')

type Range = { readonly offset: number; readonly length: number }

class S3ColdStore implements ColdStore {
  readonly #client: S3Client
  readonly #bucket: string
  readonly #prefix: string
  readonly #attempts: Attempts
  #conditionHeeded: Promise<boolean> | undefined

  constructor({ bucket, client, prefix = '', ...given }: S3ColdStoreOptions) {
    if (typeof bucket !== 'string' || bucket === '')
      throw new TypeError(`s3ColdStore needs the name of a bucket; got ${JSON.stringify(bucket)}.`)
    if (typeof client?.putObject !== 'function')
      throw new TypeError('s3ColdStore needs a `client`: give it signedFetch(...) or awsSdkClient(...).')
    this.#client = client
    this.#bucket = bucket
    this.#prefix = prefix === '' ? '' : `${checkKey(prefix.replace(/\/$/, ''))}/`
    this.#attempts = new Attempts({
      attemptsMax: ordinal('attemptsMax', given.attemptsMax ?? 3),
      timeoutMs: ordinal('timeoutMs', given.timeoutMs ?? 10_000),
      retryAfterMs: ordinal('retryAfterMs', given.retryAfterMs ?? 200),
      chance: given.chance ?? systemChance,
    })
  }

  async put(key: string, body: Uint8Array): Promise<'stored' | 'exists'> {
    const name = this.#prefix + checkKey(key)
    return this.#named(`put ${name} into`, async () =>
      (await this.#isConditionHeeded()) ? this.#putIfAbsent(name, body) : this.#putUnlessThere(name, body),
    )
  }

  async get(key: string, range?: Range): Promise<Buffer | undefined> {
    const name = this.#prefix + checkKey(key)
    const bytes = await this.#named(`get ${name} from`, () => this.#getOrNone(name, range))
    if (!range) return bytes
    // No bytes at all cannot be asked for: one is.
    return bytes?.subarray(0, range.length)
  }

  async *list(prefix: string, after = ''): AsyncGenerator<string, void, undefined> {
    const within = this.#prefix + prefix
    let startAfter = this.#prefix + after
    for (;;) {
      const page = await this.#named(`list ${within} in`, () =>
        this.#attempts.until((signal) =>
          this.#client.listObjects({ bucket: this.#bucket, prefix: within, startAfter, signal }),
        ),
      )
      for (const name of page.keys) {
        const key = name.slice(this.#prefix.length)
        // Others may keep things in the bucket that no key of ours can name.
        if (isKey(key)) yield key
      }
      const last = page.keys.at(-1)
      if (!page.isTruncated || last === undefined) return
      startAfter = last
    }
  }

  async delete(key: string): Promise<void> {
    const name = this.#prefix + checkKey(key)
    await this.#named(`delete ${name} from`, () =>
      this.#attempts.untilEnded((signal) =>
        this.#client.deleteObject({ bucket: this.#bucket, key: name, signal }),
      ),
    )
  }

  async close(): Promise<void> {
    this.#attempts.close()
  }

  /** Found out once, before the first put; again where that failed. */
  #isConditionHeeded(): Promise<boolean> {
    this.#conditionHeeded ??= this.#probe().catch((cause: unknown) => {
      this.#conditionHeeded = undefined
      throw cause
    })
    return this.#conditionHeeded
  }

  async #probe(): Promise<boolean> {
    const key = this.#prefix + probeName
    try {
      const isStanding = (await this.#putIfAbsent(key, probeBytes)) === 'exists'
      return isStanding || (await this.#putIfAbsent(key, probeBytes)) === 'exists'
    } catch (cause) {
      if (statusOf(cause) === 501) return false
      throw cause
    }
  }

  async #putIfAbsent(key: string, body: Uint8Array): Promise<'stored' | 'exists'> {
    const object = { bucket: this.#bucket, key, body, contentType: contentTypeOf(key) }
    return this.#attempts.until(async (signal) => {
      try {
        await this.#client.putObject({ ...object, ifNoneMatch: '*', signal })
        return 'stored'
      } catch (cause) {
        const status = statusOf(cause)
        if (status === 412) return 'exists'
        if (status === 409 && (await this.#isThere(key, signal))) return 'exists'
        // The one that was in our way is gone again: the next attempt tells.
        throw status === 409 ? new S3RequestError('it was put by several at once', {}, cause) : cause
      }
    })
  }

  async #putUnlessThere(key: string, body: Uint8Array): Promise<'stored' | 'exists'> {
    const object = { bucket: this.#bucket, key, body, contentType: contentTypeOf(key) }
    return this.#attempts.until(async (signal) => {
      if (await this.#isThere(key, signal)) return 'exists'
      await this.#client.putObject({ ...object, signal })
      return 'stored'
    })
  }

  async #isThere(key: string, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#client.headObject({ bucket: this.#bucket, key, signal })
      return true
    } catch (cause) {
      if (statusOf(cause) === 404) return false
      throw cause
    }
  }

  async #getOrNone(key: string, range: Range | undefined): Promise<Buffer | undefined> {
    const asked = range && { first: range.offset, last: range.offset + Math.max(range.length, 1) - 1 }
    try {
      return await this.#attempts.until((signal) =>
        this.#client.getObject({ bucket: this.#bucket, key, ...(asked && { range: asked }), signal }),
      )
    } catch (cause) {
      if (statusOf(cause) === 416) return Buffer.alloc(0)
      if (statusOf(cause) === 404 && vendorCodeOf(cause) !== 'NoSuchBucket') return undefined
      throw cause
    }
  }

  async #named<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work()
    } catch (cause) {
      throw new ColdStoreError(codeOf(cause), `Could not ${what} bucket ${this.#bucket}`, cause)
    }
  }
}

const contentTypeOf = (key: string): string =>
  key.endsWith('.json') ? 'application/json' : 'application/octet-stream'

const statusOf = (cause: unknown): number | undefined =>
  cause instanceof S3RequestError ? cause.status : undefined

const vendorCodeOf = (cause: unknown): string | undefined =>
  cause instanceof S3RequestError ? cause.vendorCode : undefined

const codeOf = (cause: unknown): ColdStoreErrorCode => {
  const status = statusOf(cause)
  if (status === 401 || status === 403) return 'cold-store-denied'
  return status === 404 ? 'cold-store-missing' : 'cold-store-failed'
}

const ordinal = (name: string, value: number): number => {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new TypeError(`\`${name}\` of s3ColdStore is a whole number from 1 on; got ${String(value)}.`)
  return value
}
