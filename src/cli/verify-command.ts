/** `gameledger verify`: checks every checksum of journal and archive; with `--deep` folds every game again. */
import { isLeft } from 'fp-ts/lib/Either.js'
import type { AnyGame } from '../index.js'
import { withData, type DataLedger, type DataOptions } from './data.js'
import { exitCode } from './exit-code.js'
import { Progress } from './progress.js'
import { damageOfJournal } from './repair-command.js'
import { numberText } from './table.js'
import { harmless, note, print, printJson, styled } from './terminal.js'

export interface VerifyOptions extends DataOptions {
  readonly deep?: boolean
}

interface Problem {
  readonly code: string
  readonly message: string
  readonly game?: string
}

/** What damage of the journal is called; a journal that refuses to open ends the command before. */
const corruptLog = 'corrupt-log'

/** Runs the command: exit code 1 where something is wrong, 65 where the journal is damaged. */
export const verifyCommand = async (options: VerifyOptions): Promise<void> => {
  try {
    await verify(options)
  } catch (error) {
    if ((error as { readonly code?: string }).code !== corruptLog) throw error
    // The journal alone does not know which games are safe in the archive.
    throw (await damageOfJournal(options)).damage ?? error
  }
}

const verify = (options: VerifyOptions): Promise<void> =>
  withData(options, async (ledger, { games: rules }) => {
    const { deep = false, json = false } = options
    const progress = new Progress('verify', json)
    const all = ledger.stats().games.archived
    const checked = await ledger.verify({
      deep,
      onProgress: ({ games }) =>
        progress.tell(games / Math.max(all, 1), `${numberText(games)} of ${numberText(all)} games`, games),
    })
    progress.end()
    const told = new Set(checked.problems.flatMap(({ game }) => game ?? []))
    const problems: readonly Problem[] = [
      ...checked.problems,
      ...(deep ? await foldLive(ledger, rules, told) : []),
    ]
    const { games, events, segments, gone, leftOver } = checked
    const result = { ok: problems.length === 0, games, events, segments, gone, leftOver, problems }
    const isLogDamaged = problems.some(({ code }) => code === corruptLog)
    if (!result.ok) process.exitCode = isLogDamaged ? exitCode.damagedData : exitCode.checkFailed
    if (isLogDamaged) note('Mend: gameledger repair --quarantine (keeps a copy)')
    if (json) return printJson(result)
    for (const { code, message } of problems) print(`${styled('red', code)}: ${harmless(message)}`)
    print(
      `${result.ok ? styled('green', 'ok') : styled('red', `${problems.length} problems`)}: ${numberText(games)} games, ` +
        `${numberText(events)} events, ${numberText(segments)} segments ${deep ? 'checked and folded again' : 'checked'}`,
    )
    if (gone > 0) print(`${numberText(gone)} games were dropped: their ids and positions are known`)
    if (leftOver > 0)
      print(`${numberText(leftOver)} objects that nobody names: left by a crash, deleted in time`)
  })

/** Live games whose events the rules cannot apply, but for those that are known to be damaged. */
const foldLive = async (
  ledger: DataLedger,
  rules: readonly AnyGame[],
  told: ReadonlySet<string>,
): Promise<readonly Problem[]> => {
  const problems: Problem[] = []
  for (const { kind, gameId } of ledger.liveGames()) {
    const game = rules.find((one) => one.kind === kind)
    const stream = `${kind}/${gameId}`
    if (!game || told.has(stream)) continue
    const replay = await ledger.replay(game, gameId)
    if (isLeft(replay))
      problems.push({ code: 'live-game-unreadable', message: `${stream}: ${replay.left._tag}`, game: stream })
  }
  return problems
}
