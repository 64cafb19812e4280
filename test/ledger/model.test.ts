import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { fileJournal, memoryColdStore, memoryJournal } from 'gameledger'
import { describe, expect, test } from 'vitest'
import { invariants } from './invariants.js'
import { steps, type Step } from './table-of-games.js'
import { readableJournal, TestedLedger, type Surroundings } from './tested-ledger.js'

const bounds = fc.record({
  batchGamesMax: fc.integer({ min: 1, max: 3 }),
  batchAgeMaxMs: fc.constantFrom(1, 10_000),
  recentEventsMax: fc.constantFrom(1, 8, 4_096),
  checks: fc.boolean(),
  durability: fc.constantFrom('synced' as const, 'written' as const, 'memory' as const),
})

/** Plays all steps, and holds the ledger to its invariants: settled, and opened again. */
const play = async (
  surroundings: Surroundings,
  bytesOfJournal: () => Promise<string>,
  taken: readonly Step[],
): Promise<void> => {
  const tested = new TestedLedger(surroundings, bytesOfJournal)
  await tested.open()
  try {
    for (const step of taken) await tested.take(step)
    await tested.ledger.settled()
    for (const holds of invariants) await holds(tested)
    await tested.reopen()
    await tested.ledger.settled()
    for (const holds of invariants) await holds(tested)
    expect(tested.faults).toEqual([])
  } finally {
    await tested.ledger.close()
  }
}

/** Without the zeros that reserve space: a spare file is made in the background. */
const logBytes = async (directory: string): Promise<string> => {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.log')).sort()
  const files = await Promise.all(names.map((name) => readFile(join(directory, name), 'latin1')))
  return files
    .map((bytes) => bytes.replace(/\0+$/, ''))
    .join('\n')
    .trimEnd()
}

describe('the whole ledger agrees with a map from game to events', () => {
  test('in memory, over any commands, reopenings, archiving and replays', async () => {
    await fc.assert(
      fc.asyncProperty(steps, bounds, async (taken, bounded) => {
        const { journal, bytes } = readableJournal(memoryJournal())
        await play({ ...bounded, journal, archive: memoryColdStore() }, bytes, taken)
      }),
      { numRuns: 150 },
    )
  })

  // Log files of a few frames each, so that they are sealed and given back while games go on.
  test('in a directory, over the same', async () => {
    await fc.assert(
      fc.asyncProperty(steps, bounds, async (taken, bounded) => {
        const dir = await mkdtemp(join(tmpdir(), 'gameledger-model-'))
        try {
          const journal = fileJournal(join(dir, 'journal'), { logFileBytesMax: 8 * 1024 })
          await play({ ...bounded, dir, journal }, () => logBytes(join(dir, 'journal')), taken)
        } finally {
          await rm(dir, { recursive: true, force: true })
        }
      }),
      { numRuns: 10 },
    )
  })
})
