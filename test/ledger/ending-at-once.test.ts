/** Games that end at once are all archived, once each. How fast is told by `npm run bench -- archive`. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileColdStore, fileJournal } from 'gameledger'
import { expect, it } from 'vitest'
import { expectArchivedOnce } from '../support/archived-once.js'
import { count, faultsOf, finish, open, receiptOf, sit } from './opened.js'
import { tally } from './tally-game.js'

it('none of 5 000 games that end at once is lost', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'gameledger-at-once-'))
  const openIt = () =>
    open({
      journal: fileJournal(join(directory, 'journal'), { logFileBytesMax: 256 * 1024 }),
      archive: fileColdStore(join(directory, 'archive')),
      checks: false,
    })
  try {
    const ledger = await openIt()
    const faults = faultsOf(ledger)
    const ids = Array.from({ length: 5_000 }, (_, n) => `game-${n}`)
    await Promise.all(ids.map((id) => ledger.game(tally, id).dispatch(sit('ann'))))
    await Promise.all(ids.map((id) => ledger.game(tally, id).dispatch(count('ann', 1, 2))))
    const ends = await Promise.all(ids.map((id) => ledger.game(tally, id).dispatch(finish)))
    for (const end of ends) expect(receiptOf(end).version).toBe(5)
    await ledger.settled()
    await expectArchivedOnce(ledger, ids)
    expect(ledger.stats().archive.gamesArchived).toBe(5_000)
    expect(ledger.stats().games.live).toBe(0)
    expect(ledger.views.players.stats('ann')).toMatchObject({ games: 5_000 })
    expect(faults).toEqual([])
    await ledger.close()

    const again = await openIt()
    await expectArchivedOnce(again, ids)
    await again.close()
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})
