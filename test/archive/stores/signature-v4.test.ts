/** The examples of docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html. */
import { expect, it } from 'vitest'
import { canonicalQuery, signedHeaders } from '../../../src/archive/stores/s3/signature-v4.js'
import { pageOf, valueOf } from '../../../src/archive/stores/s3/s3-xml.js'

const credentials = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
}
const at = Date.UTC(2013, 4, 24)
const host = 'https://examplebucket.s3.amazonaws.com'

const signatureOf = (
  method: string,
  path: string,
  headers: { readonly [name: string]: string } = {},
  body = '',
) => {
  const request = { method, url: new URL(host + path), headers, body: Buffer.from(body) }
  return /Signature=(.*)$/.exec(signedHeaders(request, credentials, 'us-east-1', at)['authorization']!)?.[1]
}

it('signs as the examples of the vendor do', () => {
  expect(signatureOf('GET', '/test.txt', { range: 'bytes=0-9' })).toBe(
    'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  )
  const stored = { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' }
  expect(signatureOf('PUT', '/test%24file.text', stored, 'Welcome to Amazon S3.')).toBe(
    '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  )
  expect(signatureOf('GET', '/?lifecycle=')).toBe(
    'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  )
  expect(signatureOf('GET', `/?${canonicalQuery({ prefix: 'J', 'max-keys': '2' })}`)).toBe(
    '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  )
})

it('signs the token of credentials that are lent', () => {
  const request = { method: 'GET', url: new URL(`${host}/a`), headers: {}, body: Buffer.alloc(0) }
  const headers = signedHeaders(request, { ...credentials, sessionToken: 'lent' }, 'us-east-1', at)
  expect(headers['x-amz-security-token']).toBe('lent')
  expect(headers['authorization']).toContain(';x-amz-security-token,')
})

it('escapes a query as it is signed', () => {
  expect(canonicalQuery({ prefix: "a/b c*'()!~", 'list-type': '2' })).toBe(
    'list-type=2&prefix=a%2Fb%20c%2A%27%28%29%21~',
  )
})

it('reads lists and refusals, and takes nothing else for a list', () => {
  const page =
    '<?xml version="1.0"?><ListBucketResult xmlns="x"><IsTruncated>true</IsTruncated>' +
    '<Contents><Key>a&amp;&#98;&#x63;&lt;</Key></Contents><Contents><Key>b</Key></Contents></ListBucketResult>'
  expect(pageOf(page)).toEqual({ keys: ['a&bc<', 'b'], isTruncated: true })
  expect(valueOf('<Error><Code>SlowDown</Code></Error>', 'Code')).toBe('SlowDown')
  expect(valueOf('<Error>', 'Code')).toBeUndefined()
  for (const other of ['', '<html>Welcome</html>', page.slice(0, -10)])
    expect(() => pageOf(other)).toThrow('is no list')
})
