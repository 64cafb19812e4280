/** A sync that the kernel fails: everybody who waits is told why, nothing is tried again, and nothing is lost. */
import { expect, test } from 'vitest'
import { failSync } from './failing-sync.js'
import { proof } from './proof.js'

proof('a failing sync', ['strace'], () => {
  test.each([25, 40, 75])('sync no. %i', async (nth) => {
    const { retries, lost, unanswered, after } = await failSync(nth)
    expect({ retries, lost, unanswered }).toEqual({ retries: 0, lost: 0, unanswered: 0 })
    expect(new Set(after!.waiting)).toEqual(new Set(['Unavailable journal-failed EIO']))
    expect(after).toMatchObject({ later: 'Unavailable journal-failed EIO', faults: ['journal-failed'] })
    expect(after!.version).toBeGreaterThan(0)
    expect(after).toMatchObject({ replayed: after!.version, players: 1 })
  })

  test('one that fails while the ledger is opened does not hinder the next opening', async () => {
    const { retries, after } = await failSync(2)
    expect({ retries, after }).toEqual({ retries: 0, after: undefined })
  })

  test('control: a disk that tries again is seen in the trace', async () => {
    expect((await failSync(40, 'no-retry-of-sync')).retries).toBeGreaterThan(0)
  })
})
