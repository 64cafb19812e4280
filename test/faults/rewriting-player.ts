/**
 * A process that rewrites the archive of a ledger and kills itself, as kill -9 does, at the first call of a step. Run from
 * `build/faults`, over the public doors alone; its argument says where.
 *
 *     node rewriting-player.js '{"directory":...,"work":"erase","step":"manifest","when":"before"}'
 */
import { join } from 'node:path'
import { fileColdStore, fileJournal, openLedger, type ColdStore } from 'gameledger'
import { tally } from '../ledger/tally-game.js'
import type { RewritingScript, RewritingStep } from './rewriting-script.js'

const { directory, work, step, when, without } = JSON.parse(process.argv[2]!) as RewritingScript

const die = (): never => {
  process.kill(process.pid, 'SIGKILL')
  // The signal comes at once, but not within this statement.
  for (;;);
}

const at = async <Result>(here: RewritingStep | undefined, call: () => Promise<Result>): Promise<Result> => {
  if (here === step && when === 'before') die()
  const result = await call()
  if (here === step) die()
  return result
}

const putStepOf = (key: string): RewritingStep | undefined => {
  if (key.startsWith('rewriting/')) return 'note'
  if (key.includes('.rewritten-')) return 'segment'
  return key.endsWith('.manifest.json') ? 'manifest' : undefined
}

const deleteStepOf = (key: string): RewritingStep | undefined => {
  if (key.startsWith('rewriting/')) return 'deleting the note'
  if (key.endsWith('.gz')) return 'deleting segments'
  return key.endsWith('.manifest.json') ? 'deleting manifests' : undefined
}

const deleteReplaced = async (store: ColdStore, note: Buffer): Promise<void> => {
  const { replaced } = JSON.parse(note.toString()) as { replaced: { batch: number; segment: string }[] }
  for (const { batch, segment } of replaced) {
    await store.delete(`${String(batch).padStart(12, '0')}.manifest.json`)
    await store.delete(segment)
  }
}

const watchedStore = (inner: ColdStore): ColdStore => ({
  ...inner,
  put: (key, bytes) =>
    at(putStepOf(key), async () => {
      const answer = await inner.put(key, bytes)
      if (without === 'manifest-first' && putStepOf(key) === 'note')
        await deleteReplaced(inner, Buffer.from(bytes))
      return answer
    }),
  delete: (key) => at(deleteStepOf(key), () => inner.delete(key)),
})

const ledger = await openLedger({
  games: [tally],
  journal: fileJournal(join(directory, 'journal')),
  archive: watchedStore(fileColdStore(join(directory, 'archive'))),
  compaction: false,
})
if (work === 'compact') await ledger.archive.compact()
else await ledger.erase('ann')
// Only where nothing was to kill it.
await ledger.close()
