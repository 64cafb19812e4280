/**
 * Speaks S3 by `fetch`, signed with Signature Version 4 (signature-v4.ts): a way into a bucket without any vendor's code.
 *
 * Addresses are of the path style (`https://host/bucket/key`), which S3 and all that speak its protocol know. The
 * signature holds the SHA-256 of the body, so a server refuses bytes that were changed on the way to it. Redirects are not
 * followed: a bucket of another region is an error that says so.
 */
import { systemClock, type Clock } from '../../../events/clock.js'
import { S3RequestError, type S3Client } from './s3-client.js'
import { pageOf, valueOf } from './s3-xml.js'
import { canonicalQuery, signedHeaders, type S3Credentials } from './signature-v4.js'

export interface SignedFetchOptions {
  /** Where the service is, such as `https://s3.eu-central-1.amazonaws.com`. */
  readonly endpoint: string
  /** Such as `eu-central-1`; many services other than AWS take any. */
  readonly region: string
  /** A function is asked for every request: it may hand out what it renews in time. */
  readonly credentials: S3Credentials | (() => S3Credentials | Promise<S3Credentials>)
  /** @default the global fetch */
  readonly fetch?: typeof globalThis.fetch
  /** Signatures tell the time; servers allow 15 minutes. @default systemClock */
  readonly clock?: Clock
}

/** A client of any service that speaks S3. @throws TypeError where the endpoint is no address */
export const signedFetch = (options: SignedFetchOptions): S3Client => {
  const root = rootOf(options.endpoint)
  const send = senderOf(options)
  const addressOf = (bucket: string, key: string) => new URL(`${root}/${bucket}/${key}`)
  return {
    async putObject({ bucket, key, body, contentType, ifNoneMatch, signal }) {
      const headers = { 'content-type': contentType, ...(ifNoneMatch && { 'if-none-match': ifNoneMatch }) }
      await send({ method: 'PUT', url: addressOf(bucket, key), headers, body, signal })
    },
    async getObject({ bucket, key, range, signal }) {
      const headers = range ? { range: `bytes=${range.first}-${range.last}` } : {}
      const { status, bytes } = await send({ method: 'GET', url: addressOf(bucket, key), headers, signal })
      return range && status !== 206 ? bytes.subarray(range.first, range.last + 1) : bytes
    },
    async headObject({ bucket, key, signal }) {
      await send({ method: 'HEAD', url: addressOf(bucket, key), headers: {}, signal })
    },
    async deleteObject({ bucket, key, signal }) {
      await send({ method: 'DELETE', url: addressOf(bucket, key), headers: {}, signal })
    },
    async listObjects({ bucket, prefix, startAfter, signal }) {
      const query = canonicalQuery({ 'list-type': '2', prefix, 'start-after': startAfter })
      const url = new URL(`${root}/${bucket}?${query}`)
      const { bytes } = await send({ method: 'GET', url, headers: {}, signal })
      return pageOf(bytes.toString('utf8'))
    },
  }
}

interface Asked {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'DELETE'
  readonly url: URL
  readonly headers: { readonly [name: string]: string }
  readonly body?: Uint8Array
  readonly signal: AbortSignal
}

interface Answer {
  readonly status: number
  readonly bytes: Buffer
}

const nothing = new Uint8Array()

/** Sends one request, and gives an answer that is a success. */
const senderOf =
  ({ region, credentials, fetch = globalThis.fetch, clock = systemClock }: SignedFetchOptions) =>
  async ({ method, url, headers, body, signal }: Asked): Promise<Answer> => {
    const known = typeof credentials === 'function' ? await credentials() : credentials
    const request = { method, url, headers, body: body ?? nothing }
    try {
      const response = await fetch(url, {
        method,
        // Plain bytes, so that lengths can be compared; not signed, for there are proxies that change this header.
        headers: { ...signedHeaders(request, known, region, clock.now()), 'accept-encoding': 'identity' },
        ...(body && { body: body as Uint8Array<ArrayBuffer> }),
        redirect: 'manual',
        signal,
      })
      // Read to the end in any case: so the connection can be used again.
      const bytes = Buffer.from(await response.arrayBuffer())
      if (!response.ok) throw refusalOf(method, response.status, bytes)
      const told = response.headers.get('content-length')
      if (method === 'GET' && told !== null && Number(told) !== bytes.length)
        throw new S3RequestError(`${bytes.length} of ${told} bytes came`, {})
      return { status: response.status, bytes }
    } catch (cause) {
      if (cause instanceof S3RequestError) throw cause
      throw new S3RequestError(`${method} got no answer (${reasonOf(cause)})`, {}, cause)
    }
  }

const refusalOf = (method: string, status: number, body: Buffer): S3RequestError => {
  const text = body.toString('utf8')
  const vendorCode = valueOf(text, 'Code')
  const words = [vendorCode, valueOf(text, 'Message')].filter((word) => word !== undefined && word !== '')
  return new S3RequestError([`${method} was answered with ${status}`, ...words].join(', '), {
    status,
    vendorCode,
  })
}

/** `fetch failed` says nothing; its cause does. */
const reasonOf = (cause: unknown): string => {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
  if (!(inner instanceof Error)) return String(inner)
  return inner.message || ((inner as NodeJS.ErrnoException).code ?? inner.name)
}

const rootOf = (endpoint: string): string => {
  if (!URL.canParse(endpoint) || !/^https?:\/\/[^?#]*$/.test(endpoint))
    throw new TypeError(
      `\`endpoint\` of signedFetch is an address such as https://s3.eu-central-1.amazonaws.com; got ${JSON.stringify(endpoint)}.`,
    )
  return endpoint.replace(/\/$/, '')
}
