/**
 * Speaks S3 through the caller's `S3` of @aws-sdk/client-s3: for who has one already, with its credential chain, its
 * proxies and its metrics. Typed by its form, so no version of the SDK is bound, and none is installed for anybody.
 */
import { S3RequestError, type S3Client } from './s3-client.js'

interface SendOptions {
  readonly abortSignal?: AbortSignal
}

interface Named {
  Bucket: string
  Key: string
}

/** What is used of the `S3` class of @aws-sdk/client-s3. */
export interface AwsSdkS3 {
  putObject(
    input: Named & { Body: Uint8Array; ContentLength: number; ContentType: string; IfNoneMatch?: string },
    options: SendOptions,
  ): Promise<unknown>
  getObject(
    input: Named & { Range?: string },
    options: SendOptions,
  ): Promise<{
    Body?: { transformToByteArray(): Promise<Uint8Array> } | undefined
    ContentRange?: string | undefined
  }>
  headObject(input: Named, options: SendOptions): Promise<unknown>
  deleteObject(input: Named, options: SendOptions): Promise<unknown>
  listObjectsV2(
    input: { Bucket: string; Prefix: string; StartAfter: string },
    options: SendOptions,
  ): Promise<{
    Contents?: readonly { Key?: string | undefined }[] | undefined
    IsTruncated?: boolean | undefined
  }>
}

/**
 * A client that sends through `s3`, which stays the caller's: nobody else destroys it. The SDK repeats by itself, too
 * (three attempts each by default): give it `maxAttempts: 1`, or the store `attemptsMax: 1`, to have one of the two.
 * Services other than AWS may want `forcePathStyle: true` and `requestChecksumCalculation: 'WHEN_REQUIRED'`.
 * @throws TypeError where it is given an `S3Client`, which has no methods of its own
 */
export const awsSdkClient = (s3: AwsSdkS3): S3Client => {
  if (typeof s3?.listObjectsV2 !== 'function')
    throw new TypeError(
      'awsSdkClient needs an `S3` of @aws-sdk/client-s3 (`new S3({...})`, not `new S3Client({...})`); got none.',
    )
  return {
    async putObject({ bucket, key, body, contentType, ifNoneMatch, signal }) {
      const what = {
        Bucket: bucket,
        Key: key,
        Body: body,
        ContentLength: body.length,
        ContentType: contentType,
      }
      const condition = ifNoneMatch && { IfNoneMatch: ifNoneMatch }
      await answered(s3.putObject({ ...what, ...condition }, { abortSignal: signal }))
    },
    async getObject({ bucket, key, range, signal }) {
      const what = { Bucket: bucket, Key: key, ...(range && { Range: `bytes=${range.first}-${range.last}` }) }
      const { Body, ContentRange } = await answered(s3.getObject(what, { abortSignal: signal }))
      const bytes = await answered(Body ? Body.transformToByteArray() : Promise.resolve(new Uint8Array()))
      const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      return range && ContentRange === undefined ? body.subarray(range.first, range.last + 1) : body
    },
    async headObject({ bucket, key, signal }) {
      await answered(s3.headObject({ Bucket: bucket, Key: key }, { abortSignal: signal }))
    },
    async deleteObject({ bucket, key, signal }) {
      await answered(s3.deleteObject({ Bucket: bucket, Key: key }, { abortSignal: signal }))
    },
    async listObjects({ bucket, prefix, startAfter, signal }) {
      const what = { Bucket: bucket, Prefix: prefix, StartAfter: startAfter }
      const page = await answered(s3.listObjectsV2(what, { abortSignal: signal }))
      const keys = (page.Contents ?? []).flatMap(({ Key }) => (Key === undefined ? [] : [Key]))
      return { keys, isTruncated: page.IsTruncated === true }
    },
  }
}

interface SdkError {
  readonly name?: string
  readonly message?: string
  readonly $metadata?: { readonly httpStatusCode?: number }
}

const answered = async <Result>(request: Promise<Result>): Promise<Result> => {
  try {
    return await request
  } catch (cause) {
    const { name, message, $metadata } = cause as SdkError
    const status = $metadata?.httpStatusCode
    const words = [status, name, message].filter((word) => word !== undefined && word !== '')
    throw new S3RequestError(words.join(', '), { status, vendorCode: name }, cause)
  }
}
