/** What `signedFetch` makes of answers that a well-behaved server never gives; the others come from a real one. */
import { expect, it } from 'vitest'
import { signedFetch, type SignedFetchOptions } from '../../../src/archive/stores/s3/signed-fetch.js'

const clientOf = (answer: () => Response | Promise<Response>, other: Partial<SignedFetchOptions> = {}) =>
  signedFetch({
    endpoint: 'https://s3.example.com/base/',
    region: 'r',
    credentials: { accessKeyId: 'a', secretAccessKey: 's' },
    fetch: async () => answer(),
    ...other,
  })
const target = { bucket: 'b', key: 'k', signal: new AbortController().signal }

it('cuts the range out where a server sends the whole object', async () => {
  const whole = clientOf(() => new Response('0123456789'))
  expect((await whole.getObject({ ...target, range: { first: 3, last: 5 } })).toString()).toBe('345')
  const part = clientOf(() => new Response('345', { status: 206 }))
  expect((await part.getObject({ ...target, range: { first: 3, last: 5 } })).toString()).toBe('345')
})

it('refuses half an answer', async () => {
  const half = clientOf(() => new Response('01234', { headers: { 'content-length': '10' } }))
  await expect(half.getObject(target)).rejects.toThrow('5 of 10 bytes came')
})

it('follows no redirect, and says where the bucket is', async () => {
  const body = '<Error><Code>PermanentRedirect</Code><Message>Use s3.other.example.com</Message></Error>'
  const moved = clientOf(() => new Response(body, { status: 301 }))
  await expect(moved.headObject(target)).rejects.toMatchObject({
    status: 301,
    vendorCode: 'PermanentRedirect',
    message: 'HEAD was answered with 301, PermanentRedirect, Use s3.other.example.com',
  })
})

it('asks for credentials at every request, and tells when there are none', async () => {
  let asked = 0
  const lent = clientOf(() => new Response('x'), {
    credentials: async () => ({ accessKeyId: `a${++asked}`, secretAccessKey: 's', sessionToken: 't' }),
  })
  await lent.getObject(target)
  await lent.getObject(target)
  expect(asked).toBe(2)
  const none = clientOf(() => new Response('x'), {
    credentials: () => {
      throw new Error('no role')
    },
  })
  await expect(none.getObject(target)).rejects.toThrow('no role')
})

it('puts with the condition, the length and the hash of the body, to a path below the endpoint', async () => {
  const seen: { url: string; init: RequestInit | undefined }[] = []
  const client = clientOf(() => new Response(''), {
    fetch: async (url, init) => {
      seen.push({ url: String(url), init })
      return new Response('')
    },
  })
  await client.putObject({ ...target, body: Buffer.from('x'), contentType: 'text/plain', ifNoneMatch: '*' })
  expect(seen).toMatchObject([
    {
      url: 'https://s3.example.com/base/b/k',
      init: {
        method: 'PUT',
        body: Buffer.from('x'),
        redirect: 'manual',
        headers: {
          'if-none-match': '*',
          'content-type': 'text/plain',
          'x-amz-content-sha256': '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881',
        },
      },
    },
  ])
})

it.each(['', 's3.example.com', 'ftp://s3.example.com', 'https://s3.example.com?x=1'])(
  'refuses %j as an endpoint',
  (endpoint) => {
    expect(() => clientOf(() => new Response(''), { endpoint })).toThrow(TypeError)
    expect(() => clientOf(() => new Response(''), { endpoint })).toThrow(
      '`endpoint` of signedFetch is an address',
    )
  },
)
