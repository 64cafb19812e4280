/** A short run of endless play within bounds; `npm run prove:endless` is the long one, which also says whether memory is flat. */
import { expect, test } from 'vitest'
import { execFileSync } from 'node:child_process'

test('fifty thousand commands within bounds of a hundred games and rooms lose nothing, over an opening too', () => {
  const told = execFileSync(
    process.execPath,
    ['--expose-gc', 'scripts/prove-endless.mjs', '--commands', '50000', '--live', '100'],
    { encoding: 'utf8' },
  )
  expect(told).not.toContain('FAILED')
  expect(told.match(/^holds/gm)?.length).toBeGreaterThanOrEqual(5)
}, 120_000)
