/**
 * The port to a bucket: five requests of the S3 protocol, as thin as they are on the wire. What they mean together
 * (immutability, retries, timeouts, paging) is the business of s3-cold-store.ts.
 *
 * LAW
 * - **One call, one request.** An adapter does not repeat; where its vendor does, it bounds that.
 * - **Known lengths.** Bodies are whole in memory, in both directions.
 * - **Failure.** Every answer other than success rejects with an `S3RequestError` that has the status and the vendor's
 *   code, 404, 412 and 416 included; with neither where there was no answer.
 * - **Signals.** A request ends soon after its signal does.
 */

/** What every request says. */
export interface S3Target {
  readonly bucket: string
  readonly key: string
  readonly signal: AbortSignal
}

export interface S3Client {
  /** PUT; with `ifNoneMatch`, only where nothing stands (412 or 409 where something does, 501 where it cannot tell). */
  putObject(request: S3PutRequest): Promise<void>
  /** GET. With `range`, those bytes alone, also where the server sends all; 416 where nothing lies in it. */
  getObject(request: S3Target & { readonly range?: S3Range }): Promise<Buffer>
  /** HEAD. */
  headObject(request: S3Target): Promise<void>
  /** DELETE; deleting what is not there is a success. */
  deleteObject(request: S3Target): Promise<void>
  /** A page of ListObjectsV2, ascending by bytes, strictly after `startAfter`. */
  listObjects(request: S3ListRequest): Promise<S3Page>
}

/** From one byte to another, both included. */
export interface S3Range {
  readonly first: number
  readonly last: number
}

export interface S3PutRequest extends S3Target {
  readonly body: Uint8Array
  readonly contentType: string
  readonly ifNoneMatch?: '*'
}

export interface S3ListRequest {
  readonly bucket: string
  readonly prefix: string
  readonly startAfter: string
  readonly signal: AbortSignal
}

export interface S3Page {
  readonly keys: readonly string[]
  /** Whether there are keys behind this page. */
  readonly isTruncated: boolean
}

/** A request that did not succeed. */
export class S3RequestError extends Error {
  override readonly name = 'S3RequestError'
  /** Of HTTP; absent where no answer came. */
  readonly status?: number
  /** The vendor's word, such as `NoSuchBucket`. */
  readonly vendorCode?: string

  constructor(
    message: string,
    answer: { readonly status?: number | undefined; readonly vendorCode?: string | undefined },
    cause?: unknown,
  ) {
    super(message, { cause })
    if (answer.status !== undefined) this.status = answer.status
    if (answer.vendorCode !== undefined) this.vendorCode = answer.vendorCode
  }
}
