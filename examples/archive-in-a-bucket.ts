/**
 * An archive in a bucket, for the command line: `gameledger archive ls --archive MODULE`. What it needs to know comes from
 * the environment, under the names that the tools of AWS use, and `ARCHIVE_BUCKET` and `ARCHIVE_PREFIX`.
 */
import { s3ColdStore, signedFetch } from 'gameledger/s3'

const { env } = process
const region = env['AWS_REGION'] ?? 'us-east-1'
const sessionToken = env['AWS_SESSION_TOKEN']

export const archive = s3ColdStore({
  bucket: env['ARCHIVE_BUCKET'] ?? 'archive',
  prefix: env['ARCHIVE_PREFIX'] ?? '',
  client: signedFetch({
    endpoint: env['AWS_ENDPOINT_URL'] ?? `https://s3.${region}.amazonaws.com`,
    region,
    credentials: {
      accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? '',
      ...(sessionToken !== undefined && { sessionToken }),
    },
  }),
})
