/** The thread that packs games: the same bytes as anybody's gzip, and no thread is no reason to keep a game waiting. */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { packMembers } from '../../src/archive/packing-thread.js'

const parted = ({ bytes, lengths }: Awaited<ReturnType<typeof packMembers>>): Buffer[] => {
  let end = 0
  return lengths.map((length) => bytes.subarray(end, (end += length)))
}

const members = [
  Buffer.from('one\n'),
  Buffer.alloc(0),
  Buffer.alloc(300_000, 'abc'),
  randomBytes(100_000),
  Buffer.from('{"v":1}\n'.repeat(50)),
]

test('each member is packed on its own, in the order given', async () => {
  const packed = parted(await packMembers(members.map((member) => [member])))
  expect(packed).toHaveLength(members.length)
  for (const [at, member] of members.entries()) {
    expect(gunzipSync(packed[at]!).equals(member)).toBe(true)
    expect(packed[at]!.equals(gzipSync(member, { level: 6 }))).toBe(true)
  }
})

test('who gave them still has them, and several batches at once get their own', async () => {
  const batches = Array.from({ length: 8 }, (_, batch) => [
    [Buffer.from(`batch `), Buffer.from(String(batch))],
    [Buffer.from('x')],
  ])
  const packed = await Promise.all(batches.map(packMembers))
  for (const [batch, given] of batches.entries()) {
    expect(Buffer.concat(given[0]!).toString()).toBe(`batch ${batch}`)
    expect(gunzipSync(parted(packed[batch]!)[0]!).toString()).toBe(`batch ${batch}`)
  }
})

/** In a process of its own, which must end by itself. */
const packedBy = (...words: readonly string[]): string =>
  execFileSync(
    process.execPath,
    [
      ...words,
      '--input-type=module',
      '--eval',
      `import { packMembers } from ${JSON.stringify(new URL('../../dist/archive/packing-thread.js', import.meta.url).href)}
       import { gunzipSync } from 'node:zlib'
       const { bytes, lengths } = await packMembers([[Buffer.from('one '), Buffer.from('')], [Buffer.from('two')]])
       console.log(lengths.length + ' ' + gunzipSync(bytes))`,
    ],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 30_000 },
  ).trim()

test('the thread keeps no process alive that has nothing else to do, and ends none that waits for it', () => {
  expect(packedBy()).toBe('2 one two')
})

test('where threads are not permitted it is done without', () => {
  const [flag] = ['--permission', '--experimental-permission'].filter((name) =>
    process.allowedNodeEnvironmentFlags.has(name),
  )
  expect(flag).toBeDefined()
  expect(packedBy(flag!, '--allow-fs-read=*')).toBe('2 one two')
})
