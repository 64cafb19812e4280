/**
 * What must hold of a manifest that was read, by its format: of the parts of its head, of each game, and of what it says of
 * the batches that it replaces. `check` has shown that the bytes are those that were written; this shows that they were
 * written by a program that means the same by them.
 */
import { CorruptManifestError } from './archive-error.js'
import { goneStretches } from './gone-positions.js'
import type { Manifest } from './manifest.js'
import * as check from './shape-check.js'

export const manifestFormat = 1
/** Of manifests that replace others. */
export const replacingFormat = 2

const isFull = (value: unknown) => Array.isArray(value) && value.length > 0
const isAbsent = (value: unknown) => value === undefined

const headChecks = {
  ledger: check.isText,
  batch: check.isOrdinal,
  segment: check.isText,
  bytes: check.isOrdinal,
  sha256: check.isHash,
  firstPosition: check.isOrdinal,
  lastPosition: check.isOrdinal,
  games: isFull,
  replaces: isAbsent,
  gone: isAbsent,
  gonePositions: isAbsent,
}

const replacingChecks = {
  ...headChecks,
  replaces: (value: unknown) => check.isOrdinals(value) && isAscending(value as number[]),
  gone: check.orAbsent(isFull),
  gonePositions: check.orAbsent(
    (value) =>
      isFull(value) && (value as unknown[]).every(check.isCount) && (value as unknown[]).length % 2 === 0,
  ),
}

/** Where nothing is left but tombstones. */
const emptyChecks = {
  ...replacingChecks,
  segment: (value: unknown) => value === '',
  bytes: (value: unknown) => value === 0,
  games: (value: unknown) => Array.isArray(value),
  gone: isFull,
}

const isAscending = (numbers: readonly number[]): boolean =>
  numbers.every((number, at) => at === 0 || numbers[at - 1]! < number)

export const gameChecks = {
  kind: check.isText,
  gameId: check.isText,
  offset: check.isCount,
  length: check.isOrdinal,
  rawBytes: check.isOrdinal,
  events: check.isOrdinal,
  players: check.isTexts,
  outcome: check.orAbsent(check.isOutcome),
  firstPosition: check.isOrdinal,
  lastPosition: check.isOrdinal,
  firstAt: check.isNumber,
  lastAt: check.isNumber,
  occurredAt: check.orAbsent(check.isNumber),
  hash: check.isHash,
}

const goneChecks = {
  fingerprint: (value: unknown) => typeof value === 'string' && /^[0-9a-f]{16}$/.test(value),
  events: check.isOrdinal,
  lastPosition: check.isOrdinal,
  lastAt: check.isNumber,
}

/** Those of the head. */
export const headChecksOf = ({ format, games }: Readonly<Record<string, unknown>>) => {
  if (format === manifestFormat) return headChecks
  return isFull(games) ? replacingChecks : emptyChecks
}

/** @throws CorruptManifestError */
export const checkReplacing = (key: string, manifest: Manifest): void => {
  const { batch, lastPosition, replaces = [], gone = [], gonePositions = [] } = manifest
  if (replaces.some((replaced) => replaced >= batch))
    throw new CorruptManifestError(key, 'it replaces a batch that came later')
  let events = 0
  for (const game of gone) {
    const flaw = check.firstFlaw(game as unknown as Readonly<Record<string, unknown>>, goneChecks)
    if (flaw !== undefined)
      throw new CorruptManifestError(key, `the \`${flaw}\` of a game that is gone is wrong`)
    events += game.events
  }
  if (!isAscending(gone.map((game) => game.lastPosition)))
    throw new CorruptManifestError(key, 'games that are gone are not in order of their final position')
  for (const [first, last] of goneStretches(gonePositions)) {
    events -= last - first + 1
    if (last < first || last > lastPosition)
      throw new CorruptManifestError(key, 'its `gonePositions` are wrong')
  }
  if (events !== 0)
    throw new CorruptManifestError(key, 'games that are gone have another number of positions')
}
