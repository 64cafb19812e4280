/**
 * `npm run prove:crashes -- [--kills 200] [--power-losses 25] [--failing-syncs 20] [--flood-seconds 10]`
 *
 * What `npm test` shows in few rounds, in many. One line a claim, and one for its control, which takes a protection out
 * and must lose something. Exits 0 where all holds, 1 where something does not. A claim for which this machine lacks
 * something is not proven, and says so.
 */
import { parseArgs } from 'node:util'
import { whole } from '../support/arguments.js'
import { Violation } from './account.js'
import { failSync } from './failing-sync.js'
import { meetFileSizeLimit, openUnderFileSizeLimit } from './file-size.js'
import { fillAndFree, fillToTheLastByte, type FullDisk } from './full-disk.js'
import { killRounds, muchAtRisk, type Figures } from './kill.js'
import { lackOf, type Need } from './needs.js'
import { powerLossRounds, powerLossRoundsWithoutSync, violationWithoutLostGap } from './power-loss.js'
import { deluges, floodSlowDisk, passed, unbounded } from './slow-disk.js'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    'power-losses': { type: 'string', default: '25' },
    'failing-syncs': { type: 'string', default: '20' },
    'flood-seconds': { type: 'string', default: '10' },
  },
})

const wholeOf = (name: keyof typeof values): number => whole(values[name], name, 1)
const kills = wholeOf('kills')
const powerLosses = wholeOf('power-losses')
const failingSyncs = wholeOf('failing-syncs')
const floodMs = 1_000 * wholeOf('flood-seconds')

/** Resolves with figures. @throws Violation */
type Proof = () => Promise<string>

const hold = (isTrue: boolean, figures: string): string => {
  if (!isTrue) throw new Violation(figures)
  return figures
}

const number = new Intl.NumberFormat('en', { useGrouping: true })
const n = (value: number): string => number.format(value).replaceAll(',', ' ')
const mebibytes = (bytes: number): string => `${n(Math.round(bytes / 1024 / 1024))} MiB`

const inWords = ({ rounds, acknowledged, lost, roundsWithLoss, takenBack }: Figures): string =>
  `${n(rounds)} rounds, ${n(acknowledged)} commands acknowledged, ${n(lost)} lost` +
  (lost > 0 ? ` in ${n(roundsWithLoss)} rounds` : '') +
  (takenBack > 0 ? `, ${n(takenBack)} published events taken back` : '')

const losesNothing = (figures: Figures): string => hold(figures.lost === 0, inWords(figures))
const losesSomething = (figures: Figures): string => hold(figures.lost > 0, inWords(figures))

const proveFailingSyncs = async (): Promise<string> => {
  let [acknowledged, waiting] = [0, 0]
  const files = new Set<string>()
  for (let round = 0; round < failingSyncs; round++) {
    // Behind the first twenty or so the ledger is open, and plays.
    const nth = 20 + 7 * round
    const { after, file, retries, lost, unanswered, ...figures } = await failSync(nth)
    const expected = 'Unavailable journal-failed EIO'
    const told = after?.waiting.every((why) => why === expected) === true && after.later === expected
    const reads = after !== undefined && after.version > 0 && after.replayed === after.version
    const isFine = told && reads && retries === 0 && lost === 0 && unanswered === 0
    hold(isFine, `sync ${nth}: ${JSON.stringify({ after, file, retries, lost, unanswered })}`)
    acknowledged += figures.acknowledged
    waiting += after!.waiting.length
    files.add(file.replace(/-\d+/, '-n'))
  }
  return (
    `${n(failingSyncs)} failed syncs of ${[...files].join(', ')}; ${n(waiting)} waiting commands Unavailable with EIO, ` +
    `${n(acknowledged)} acknowledged, 0 lost, 0 syncs tried again, reads went on`
  )
}

const fullDisk = (figures: FullDisk): string => {
  const { state, lostWhileFull, lostAfterwards, resumedAfterMs, refusal, faults, ballastBytes } = figures
  const isTold = refusal._tag === 'Unavailable' && refusal.code === 'storage-full'
  const missing = isTold ? (refusal.missingBytes ?? 0) : 0
  return hold(
    state === 'read-only' &&
      missing > 0 &&
      lostWhileFull + lostAfterwards === 0 &&
      ballastBytes > 0 &&
      !faults.includes('journal-failed'),
    `${refusal._tag} with ${n(missing)} bytes missing, ${n(figures.acknowledgedGames)} games acknowledged, ` +
      `${n(lostWhileFull + lostAfterwards)} lost, ${n(figures.archivedGames)} archived, log ` +
      `${n(figures.journalBytesWhenFull)} -> ${n(figures.journalBytesAfterwards)} bytes, play again after ` +
      `${n(Math.round(resumedAfterMs))} ms`,
  )
}

const proveFileSize = async (): Promise<string> => {
  const { refusal, acknowledgedBefore, acknowledged, lost } = await meetFileSizeLimit()
  const notOpened = await openUnderFileSizeLimit()
  return hold(
    refusal.includes('storage-full') && acknowledgedBefore + lost === 0 && notOpened === 'storage-full',
    `${refusal}; lifted: ${n(acknowledged)} commands acknowledged, ${n(lost)} lost; opened under it: ${notOpened}`,
  )
}

const proveFlood = async (deluge: (typeof deluges)[number]): Promise<string> => {
  const seen = await floodSlowDisk(deluge, floodMs)
  const surplus = seen.overloaded[deluge.bound] ?? 0
  const over = [...passed(deluge, seen), ...seen.others]
  return hold(
    over.length === 0 && surplus > 0,
    `${n(seen.offered)} commands offered in ${n(floodMs / 1_000)} s, ${n(surplus)} Overloaded, at most ` +
      `${n(seen.inFlightMax)} and ${n(seen.bytesInFlightMax)} bytes in flight, ${n(seen.eventsUnsyncedMax)} events unsynced, ` +
      `${mebibytes(seen.heapMax)} heap, ${mebibytes(seen.rssMax)} rss; recovered by itself ${over.join(', ')}`.trimEnd(),
  )
}

const claims: readonly (readonly [name: string, needs: readonly Need[], prove: Proof])[] = [
  ['kill -9', [], async () => losesNothing(await killRounds(kills))],
  [
    'kill -9, degree written',
    [],
    async () => losesNothing(await killRounds(Math.ceil(kills / 4), muchAtRisk('written'))),
  ],
  [
    'control: kill -9, degree memory, loses',
    [],
    async () => losesSomething(await killRounds(5, muchAtRisk('memory'))),
  ],
  ['loss of power', ['ext4'], async () => losesNothing(await powerLossRounds(powerLosses))],
  [
    'loss of power, degree written: no published position names another event',
    ['ext4'],
    async () => {
      const figures = await powerLossRounds(powerLosses, muchAtRisk('written'))
      return hold(figures.takenBack > 0, inWords(figures))
    },
  ],
  [
    'control: loss of power, degree written, without lost gaps, is seen',
    ['ext4'],
    async () => {
      const violation = await violationWithoutLostGap()
      return hold(violation !== undefined, violation ?? 'nothing')
    },
  ],
  [
    'control: loss of power without syncs, loses',
    ['ext4'],
    async () => losesSomething(await powerLossRoundsWithoutSync(5)),
  ],
  ['a failing sync', ['strace'], proveFailingSyncs],
  [
    'control: a failing sync that is tried again, is seen',
    ['strace'],
    async () => {
      const { retries } = await failSync(40, 'no-retry-of-sync')
      return hold(retries > 0, `${n(retries)} syncs of the same file afterwards`)
    },
  ],
  ['a full disk, space freed from outside', ['mount'], async () => fullDisk(await fillAndFree())],
  [
    'a full disk to the last byte, space freed by archiving',
    ['mount'],
    async () => fullDisk(await fillToTheLastByte()),
  ],
  ['a limit on the size of files', ['prlimit'], proveFileSize],
  ...deluges.map((deluge) => [`syncs of 2 s, ${deluge.bound}`, [], () => proveFlood(deluge)] as const),
  [
    'control: syncs of 2 s without bounds, passes them',
    [],
    async () => {
      const over = passed(unbounded, await floodSlowDisk(unbounded, 2_000))
      return hold(over.length > 0, over.join(', '))
    },
  ],
]

// An exit, so that players, mounts and directories go with it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

for (const [name, needs, prove] of claims) {
  const lack = lackOf(...needs)
  let line = `not proven here: it needs ${lack?.what}`
  if (lack === undefined)
    try {
      line = `ok: ${await prove()}`
    } catch (error) {
      process.exitCode = 1
      line = `VIOLATED: ${error instanceof Violation ? error.message : String((error as Error).stack)}`
    }
  process.stdout.write(`${name}: ${line}\n`)
}
