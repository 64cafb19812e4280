/** The door `gameledger/s3`: cold storage in a bucket. Re-exports only, kept by hand. */
export { s3ColdStore, type S3ColdStoreOptions } from './archive/stores/s3/s3-cold-store.js'
export { signedFetch, type SignedFetchOptions } from './archive/stores/s3/signed-fetch.js'
export type { S3Credentials } from './archive/stores/s3/signature-v4.js'
export { awsSdkClient, type AwsSdkS3 } from './archive/stores/s3/aws-sdk-client.js'
export {
  S3RequestError,
  type S3Client,
  type S3ListRequest,
  type S3Page,
  type S3PutRequest,
  type S3Range,
  type S3Target,
} from './archive/stores/s3/s3-client.js'
