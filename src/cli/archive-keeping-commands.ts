/** `gameledger compact` and `gameledger archive retain`: few large batches, and games no longer than they are wanted. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { withData, type DataLedger, type DataOptions } from './data.js'
import { CommandError, exitCode } from './exit-code.js'
import { Progress } from './progress.js'
import { countText, numberText } from './table.js'
import { note, print, printJson, styled } from './terminal.js'

export interface CompactCommandOptions extends DataOptions {
  readonly dryRun?: boolean
}

/** Merges small batches. Exit code 1 where a segment is damaged: it was left as it is. */
export const compactCommand = (options: CompactCommandOptions): Promise<void> =>
  withOwner(options, async (ledger) => {
    const { dryRun = false, json = false } = options
    const progress = new Progress('compact', json)
    const report = await ledger.archive.compact({
      dryRun,
      onProgress: ({ batches, batchesTotal }) =>
        progress.tell(
          batches / Math.max(1, batchesTotal),
          `${numberText(batches)} of ${numberText(batchesTotal)} batches`,
        ),
    })
    progress.end()
    tellDamaged(report.damaged)
    if (json) return printJson({ ...report, dryRun })
    const { batchesBefore, batchesAfter, games } = report
    print(
      `${styled('green', dryRun ? 'dry run' : 'ok')}: ${countText(batchesBefore, 'batch', 'batches')} ` +
        `${dryRun ? 'would become' : 'became'} ${numberText(batchesAfter)}; ${countText(games, 'game')} moved`,
    )
  })

export interface RetainCommandOptions extends DataOptions {
  /** In ms. */
  readonly olderThan: number
  readonly kind?: string
  readonly dryRun?: boolean
}

/** Drops old games. Exit code 1 where a segment is damaged: its games were kept. */
export const archiveRetainCommand = (options: RetainCommandOptions): Promise<void> =>
  withOwner(options, async (ledger) => {
    const { olderThan, kind, dryRun = false, json = false } = options
    const progress = new Progress('retain', json)
    const report = await ledger.archive.retain({
      olderThanMs: olderThan,
      dryRun,
      ...(kind !== undefined && { kind }),
      onProgress: ({ games, batches, batchesTotal }) =>
        progress.tell(batches / Math.max(1, batchesTotal), countText(games, 'game')),
    })
    progress.end()
    tellDamaged(report.damaged)
    if (json) return printJson({ ...report, dryRun })
    const { games, events, bytes, shortenedThrough } = report
    print(
      `${styled('green', dryRun ? 'dry run' : 'ok')}: ${countText(games, 'game')} of ${countText(events, 'event')}, ` +
        `${numberText(bytes)} bytes, ${dryRun ? 'would be' : 'were'} dropped`,
    )
    if (shortenedThrough > 0)
      note(
        `The history is shortened through position ${numberText(shortenedThrough)}: a rebuild cannot count those games.`,
      )
  })

/** An archive is rewritten by the ledger that writes to it alone: who has its journal. */
const withOwner = async (
  options: DataOptions,
  work: (ledger: DataLedger) => Promise<void>,
): Promise<void> => {
  if (!existsSync(join(options.data, 'journal')))
    throw new CommandError(
      'no-data',
      exitCode.notFound,
      `There is no ledger in ${options.data}, and an archive is rewritten by its ledger alone. Name its directory: --data DIR.`,
    )
  return withData(options, work)
}

const tellDamaged = (keys: readonly string[]): void => {
  for (const key of keys)
    note(`corrupt-segment: ${key} is damaged, and was left as it is. Run gameledger verify.`)
  if (keys.length > 0) process.exitCode = exitCode.checkFailed
}
