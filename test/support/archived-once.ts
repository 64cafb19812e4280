/** What must hold of a ledger that has come to rest: each of these games is archived, once, and nothing else is. */
import type { Ledger } from 'gameledger'
import { expect } from 'vitest'

/** The ids of all archived games, newest first. */
const archivedIds = async (ledger: Ledger): Promise<string[]> => {
  const ids: string[] = []
  for (let cursor: string | undefined; ;) {
    const page = await ledger.archive.list({ limit: 1_000, ...(cursor !== undefined && { cursor }) })
    ids.push(...page.games.map(({ gameId }) => gameId))
    if (page.cursor === undefined) return ids
    cursor = page.cursor
  }
}

export const expectArchivedOnce = async (ledger: Ledger, games: readonly string[]): Promise<void> => {
  expect((await archivedIds(ledger)).toSorted()).toEqual(games.toSorted())
  expect(ledger.liveGames()).toEqual([])
  expect(ledger.stats().archive).toMatchObject({ gamesWaiting: 0, bytesWaiting: 0, oldestAgeMs: 0 })
  expect(ledger.stats().archive.lastError).toBeUndefined()
  const report = await ledger.verify({ deep: true })
  expect(report.problems).toEqual([])
  expect(report.ok).toBe(true)
}
