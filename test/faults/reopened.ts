/** Opens what a player has left, reads all of it, and closes it properly. */
import { join } from 'node:path'
import { fileColdStore, openLedger } from 'gameledger'
import { tally } from '../ledger/tally-game.js'
import { Violation, type Found } from './account.js'
import { eventText, type Script } from './script.js'
import { smallJournal } from './small-journal.js'

/** Every event, in order of position. @throws Violation where the archive is not whole */
export const reopened = async (script: Omit<Script, 'act' | 'life'>): Promise<Found[]> => {
  const { directory, durability = 'synced' } = script
  const ledger = await openLedger({
    games: [tally],
    journal: smallJournal(script),
    archive: fileColdStore(join(directory, 'archive')),
    durability,
    checks: false,
  })
  try {
    const found: Found[] = []
    const { position: head } = ledger.stats()
    if (head > 0)
      for await (const { gameId, version, position, event } of ledger.eventsFrom(0)) {
        found.push({ position, text: eventText(gameId, version, event) })
        if (position >= head) break
      }
    const { ok, problems } = await ledger.archive.verify()
    if (!ok) throw new Violation(problems.map(({ message }) => message).join('\n'))
    return found
  } finally {
    await ledger.close()
  }
}
