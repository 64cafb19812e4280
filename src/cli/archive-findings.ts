/** What the doctor finds about the archive and the saved read models. */
import type { ArchiveReport, ManifestReport } from '../index.js'
import { bad, ok, warn, type Finding } from './finding.js'
import { countText } from './table.js'

/** Whose journal stands beside the archive; `'unknown'` where it cannot be read. */
export type JournalOwner = Pick<ManifestReport, 'ledgerId' | 'lastPosition'> | 'nobody' | 'unknown'

const pairAdvice =
  'Restore journal and archive of one back-up; if the journal of this archive is lost, open an empty one with `adopt: true`.'

/** All that is to be said of an archive, undefined where there is none, and of whether it belongs to the journal. */
export const archiveFindings = (
  archive: ArchiveReport | undefined,
  owner: JournalOwner,
): readonly Finding[] => {
  if (archive === undefined || archive.objects === 0) return [emptiness(owner)]
  const { ledgerIds, objects, batches, refusal } = archive
  if (refusal)
    return [
      bad(
        `The archive does not say whose it is: ${refusal.message}`,
        `More: gameledger explain ${refusal.code}`,
      ),
    ]
  const held = `${countText(objects, 'object')}, ${countText(batches, 'batch', 'batches')}`
  const [maker] = ledgerIds
  if (maker === undefined)
    return [
      bad(
        `The archive (${held}) has no ledger.json that says whose it is.`,
        'Put ledger.json in its place again, from a back-up of the archive.',
      ),
    ]
  if (owner === 'unknown') return [ok(`The archive is of ledger ${maker}: ${held}.`)]
  if (owner === 'nobody')
    return [bad(`The archive is of ledger ${maker} (${held}), and its journal is not here.`, pairAdvice)]
  if (!ledgerIds.includes(owner.ledgerId))
    return [bad(`The archive is of ledger ${maker}, and the journal is of ${owner.ledgerId}.`, pairAdvice)]
  return [ok(`The archive is of this ledger: ${held}.`)]
}

/** An opening would make a new one, and forget what the old one held. */
const emptiness = (owner: JournalOwner): Finding =>
  typeof owner === 'string' || owner.lastPosition === 0
    ? ok('There is no archive yet; the next opening makes it.')
    : warn(
        'There is no archive here, and the journal has seen events.',
        'If it was moved or lost, put it back before the next opening, which makes an empty one.',
      )

/** The store did not answer, or not with what was asked for. */
export const unreadable = (place: string, cause: unknown): Finding =>
  bad(
    `The archive of ${place} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
    'Play goes on without it, and what is over waits in the journal. Check that the store runs, and what the module says of its address and credentials.',
  )

/** What is to be said of the names in the directory of saved read models. */
export const modelFinding = (names: readonly string[]): Finding => {
  const models = names.filter((name) => name.endsWith('.model'))
  return models.length === 0
    ? ok('There are no saved read models; the next opening builds them from the events.')
    : ok(`${countText(models.length, 'saved read model')}.`)
}
