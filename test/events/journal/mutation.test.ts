/** Fresh accidents to small journals each time, in a process of its own. A seed that fails is printed, and does the same again. */
import { expect, test } from 'vitest'
import { proofProgram } from '../../support/proof-program.js'

const proof = proofProgram('build/mutations/main.js')

const minutes = 60_000

test(
  '3 000 accidents give what was acknowledged or a refusal that names every game that is not whole, and repair keeps the others',
  { timeout: 5 * minutes },
  async () => {
    expect(await proof('--mutations', '3000')).toContain(': 0 violations')
  },
)

test('a seed does the same again', async () => {
  const [first, again] = await Promise.all(
    ['7', '7'].map(async (seed) => (await proof('--mutations', '200', '--seed', seed)).split('\n')[0]),
  )
  expect(first).toBe(again)
})

test('without checksums the accidents give wrong data within 500', async () => {
  expect(await proof('--mutations', '500', '--without', 'checksums')).toContain(': a violation after')
})

test(
  'without the ids of the lives of a file they lose data unnoticed within 3 000',
  { timeout: 5 * minutes },
  async () => {
    expect(await proof('--mutations', '3000', '--without', 'life-ids')).toContain(': a violation after')
  },
)
