/**
 * AWS Signature Version 4, as far as S3 needs it: headers alone, bodies whole, paths that need no escapes.
 *
 *     canonical request   method LF path LF query LF name:value LF ... LF LF names LF sha256(body)
 *     string to sign      AWS4-HMAC-SHA256 LF time LF scope LF sha256(canonical request)
 *     signing key         HMAC(HMAC(HMAC(HMAC("AWS4" + secret, day), region), "s3"), "aws4_request")
 *     authorization       HMAC(signing key, string to sign), in hex
 *
 * All headers that are given are signed, and the hash of the body with them: a server refuses what was changed on the
 * way. Four HMACs a request derive the key, about 10 us: nothing is cached, so rotating credentials are no case of its own.
 * Source: docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html; its examples are the tests.
 */
import { createHash, createHmac } from 'node:crypto'

export interface S3Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Of credentials that are lent for a time. */
  readonly sessionToken?: string
}

export interface SignableRequest {
  readonly method: string
  /** Its query is in canonical form: see `canonicalQuery`. */
  readonly url: URL
  /** Names in lower case. */
  readonly headers: { readonly [name: string]: string }
  readonly body: Uint8Array
}

const algorithm = 'AWS4-HMAC-SHA256'

/** The headers to send: those of the request, and the ones that sign it. `at` in ms; servers allow 15 minutes. */
export const signedHeaders = (
  { method, url, headers, body }: SignableRequest,
  { accessKeyId, secretAccessKey, sessionToken }: S3Credentials,
  region: string,
  at: number,
): Record<string, string> => {
  const time = new Date(at).toISOString().replace(/[-:]|\.\d{3}/g, '')
  const day = time.slice(0, 8)
  const scope = `${day}/${region}/s3/aws4_request`
  const bodyHash = sha256Of(body)
  const sent: Record<string, string> = {
    ...headers,
    'x-amz-content-sha256': bodyHash,
    'x-amz-date': time,
    ...(sessionToken !== undefined && { 'x-amz-security-token': sessionToken }),
  }
  // Sent by fetch itself.
  const signed = Object.entries({ ...sent, host: url.host }).toSorted(byText)
  const names = signed.map(([name]) => name).join(';')
  const lines = signed.map(([name, value]) => `${name}:${value.trim()}\n`).join('')
  const canonical = [method, url.pathname, url.search.slice(1), lines, names, bodyHash].join('\n')
  const toSign = [algorithm, time, scope, sha256Of(canonical)].join('\n')
  const key = [day, region, 's3', 'aws4_request'].reduce<string | Buffer>(
    (secret, word) => createHmac('sha256', secret).update(word).digest(),
    `AWS4${secretAccessKey}`,
  )
  const signature = createHmac('sha256', key).update(toSign).digest('hex')
  return {
    ...sent,
    authorization: `${algorithm} Credential=${accessKeyId}/${scope},SignedHeaders=${names},Signature=${signature}`,
  }
}

/** A query as it is signed and sent: sorted, with everything escaped but `A-Z a-z 0-9 - . _ ~`. */
export const canonicalQuery = (query: { readonly [name: string]: string }): string =>
  Object.entries(query)
    .map(([name, value]) => [escaped(name), escaped(value)] as const)
    .toSorted(byText)
    .map((pair) => pair.join('='))
    .join('&')

const byText = ([one]: readonly [string, string], [other]: readonly [string, string]): number =>
  one < other ? -1 : 1

const escaped = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)

const sha256Of = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex')
