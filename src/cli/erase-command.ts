/** `gameledger erase PLAYER`: says what an erasure would change; with `--yes` does it. */
import type { ErasureProgress, ErasureReport } from '../index.js'
import { withData, type DataOptions } from './data.js'
import { exitCode } from './exit-code.js'
import { Progress } from './progress.js'
import { numberText } from './table.js'
import { harmless, print, printJson, styled } from './terminal.js'

export interface EraseCommandOptions extends DataOptions {
  readonly dryRun?: boolean
  readonly yes?: boolean
  readonly ownGames?: boolean
  readonly shortened?: boolean
}

/** Runs the command: exit code 65 where something damaged could not be read, 1 where a read model threw. */
export const eraseCommand = (player: string, options: EraseCommandOptions): Promise<void> =>
  withData(options, async (ledger) => {
    const { yes = false, dryRun = !yes, ownGames = false, shortened = false, json = false } = options
    const progress = new Progress(dryRun ? 'looking' : 'erasing', json)
    let report: ErasureReport
    try {
      report = await ledger.erase(player, {
        dryRun,
        everywhere: !ownGames,
        shortened,
        onProgress: (at) => progress.tell(at.done / Math.max(1, at.of), inWords(at)),
      })
    } finally {
      progress.end()
    }
    if (report.faulted.length > 0) process.exitCode = exitCode.checkFailed
    if (report.unread.length > 0) process.exitCode = exitCode.damagedData
    if (json) return printJson({ dryRun, ...report })
    for (const line of linesOf(player, report, dryRun)) print(line)
  })

const stages = {
  live: 'games that are not archived',
  archive: 'batches of the archive',
  models: 'positions of read models',
} as const

const inWords = ({ stage, done, of }: ErasureProgress): string =>
  of === 0 ? stages[stage] : `${numberText(done)} of ${numberText(of)} ${stages[stage]}`

const linesOf = (player: string, report: ErasureReport, isDry: boolean): string[] => {
  const { alias, liveGames, archivedGames, batches, batchesRead, readModels, mentions } = report
  const found =
    `${numberText(archivedGames)} archived games in ${numberText(batches)} of ${numberText(batchesRead)} batches, ` +
    `${numberText(liveGames)} games that are not archived`
  const head = isDry
    ? `${harmless(player)} is named in ${found}; ${numberText(readModels.length)} read models would be made anew.`
    : `${styled('green', 'erased')}: ${harmless(player)} is ${alias} in ${found}; ${numberText(readModels.length)} read models were made anew.`
  return [
    head,
    ...(mentions > 0
      ? [
          `${numberText(mentions)} events have the name as a part of a longer text${isDry ? '' : ', and keep it'}: only the game's \`erase\` reaches those.`,
        ]
      : []),
    ...report.namedIds.map(
      (id) => `The id of ${harmless(id)} has the name in it, and keeps it: ids never change.`,
    ),
    ...report.faulted.map(
      (name) => `${styled('red', 'faulted')}: ${harmless(name)} threw when it was made anew.`,
    ),
    ...report.unread.map((what) => `${styled('red', 'damaged')}: ${harmless(what)}`),
    ...(report.unread.length > 0 && !isDry
      ? ['The erasure has not ended. Put good copies in the place of what is damaged, and run it again.']
      : []),
    ...(isDry
      ? ['Nothing was changed. Take no more commands of this player; then: gameledger erase PLAYER --yes']
      : []),
  ]
}
