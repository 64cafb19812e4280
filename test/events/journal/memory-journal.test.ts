import { expect, test } from 'vitest'
import { memoryJournal } from '../../../src/events/journal/memory-journal.js'
import { events, journalContract, reopen } from '../../contracts/journal.js'

journalContract('memory journal', async () => {
  const journal = memoryJournal()
  return { journal, afterCrash: async () => journal, dispose: async () => undefined }
})

test('an opening that was taken over is dead: it appends nothing and hears nothing', async () => {
  const journal = memoryJournal()
  const first = await reopen(journal)
  first.journal.append(events('a/1', 1))
  const second = await reopen(journal)
  expect(second.records).toHaveLength(1)
  expect(() => first.journal.append(events('a/1', 2))).toThrow(/abandoned/)
  await second.journal.close()
  expect(first.ear.heard).toEqual([])
})
