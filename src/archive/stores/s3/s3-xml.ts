/**
 * Reads the few words that are needed from the XML of S3: elements without attributes and without nesting of their own
 * name. A whole parser would be a dependency for four element names.
 */
import { S3RequestError, type S3Page } from './s3-client.js'

/** The text of the first element of this name; `undefined` where there is none. */
export const valueOf = (xml: string, name: string): string | undefined => valuesOf(xml, name).next().value

/** A page of ListObjectsV2. @throws S3RequestError where it is none */
export const pageOf = (xml: string): S3Page => {
  const isTruncated = valueOf(xml, 'IsTruncated')
  // Half a page, or the greeting of a proxy, must not pass for an empty bucket.
  if (isTruncated === undefined || !xml.includes('</ListBucketResult>'))
    throw new S3RequestError('the answer to ListObjectsV2 is no list', {})
  return { keys: [...valuesOf(xml, 'Key')], isTruncated: isTruncated === 'true' }
}

function* valuesOf(xml: string, name: string): Generator<string, undefined, undefined> {
  const open = `<${name}>`
  const shut = `</${name}>`
  for (let start = xml.indexOf(open); start >= 0; start = xml.indexOf(open, start)) {
    const end = xml.indexOf(shut, start)
    if (end < 0) return undefined
    yield plainOf(xml.slice(start + open.length, end))
    start = end
  }
  return undefined
}

const entities: { readonly [name: string]: string } = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

const plainOf = (text: string): string =>
  text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|([a-z]+));/gi, (all, decimal, hex, name: string | undefined) => {
    if (name !== undefined) return entities[name] ?? all
    return String.fromCodePoint(decimal === undefined ? parseInt(hex, 16) : Number(decimal))
  })
