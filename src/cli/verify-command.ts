/** `gameledger verify`: checks every checksum of journal and archive; with `--deep` folds every game again. */
import { isLeft } from 'fp-ts/lib/Either.js'
import type { AnyGame } from '../index.js'
import { withData, type DataLedger, type DataOptions } from './data.js'
import { exitCode } from './exit-code.js'
import { Progress } from './progress.js'
import { numberText } from './table.js'
import { harmless, print, printJson, styled } from './terminal.js'

export interface VerifyOptions extends DataOptions {
  readonly deep?: boolean
}

interface Problem {
  readonly code: string
  readonly message: string
}

/** Runs the command: exit code 1 where something is wrong. The journal's checksums are checked by opening it. */
export const verifyCommand = (options: VerifyOptions): Promise<void> =>
  withData(options, async (ledger, { games: rules }) => {
    const { deep = false, json = false } = options
    const progress = new Progress('verify', json)
    const all = ledger.stats().games.archived
    const archived = await ledger.archive.verify({
      deep,
      onProgress: ({ games }) =>
        progress.tell(games / Math.max(all, 1), `${numberText(games)} of ${numberText(all)} games`),
    })
    progress.end()
    const live = await verifyLive(ledger, rules, deep)
    const problems: readonly Problem[] = [...archived.problems, ...live.problems]
    const result = {
      ok: problems.length === 0,
      games: archived.games + live.games,
      events: archived.events + live.events,
      segments: archived.segments,
      problems,
    }
    if (!result.ok) process.exitCode = exitCode.checkFailed
    if (json) return printJson(result)
    for (const { code, message } of problems) print(`${styled('red', code)}: ${harmless(message)}`)
    print(
      `${result.ok ? styled('green', 'ok') : styled('red', `${problems.length} problems`)}: ${numberText(result.games)} games, ` +
        `${numberText(result.events)} events, ${numberText(result.segments)} segments ${deep ? 'checked and folded again' : 'checked'}`,
    )
  })

const verifyLive = async (
  ledger: DataLedger,
  rules: readonly AnyGame[],
  deep: boolean,
): Promise<{ readonly games: number; readonly events: number; readonly problems: readonly Problem[] }> => {
  const problems: Problem[] = []
  let events = 0
  const live = ledger.liveGames()
  for (const { kind, gameId, version } of live) {
    events += version
    const game = rules.find((one) => one.kind === kind)
    if (!deep || !game) continue
    const replay = await ledger.replay(game, gameId)
    if (isLeft(replay))
      problems.push({ code: 'live-game-unreadable', message: `${kind}/${gameId}: ${replay.left._tag}` })
  }
  return { games: live.length, events, problems }
}
