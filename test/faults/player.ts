/**
 * A process that plays a ledger as its script says, and tells every step on standard output. Run from `build/faults`,
 * over the public doors alone.
 */
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { isRight } from 'fp-ts/lib/Either.js'
import { fileColdStore, openLedger, seededRandom, type DispatchError } from 'gameledger'
import { nodeDisk } from 'gameledger/testing'
import { tally, type TallyCommand, type TallyEvent } from '../ledger/tally-game.js'
import { flood } from './flood.js'
import { eventText, type Line, type Script } from './script.js'
import { smallJournal } from './small-journal.js'
import { spoiltDisk } from './spoilt-disk.js'

const script = JSON.parse(process.argv[2]!) as Script
const chance = seededRandom(script.life)
const below = (count: number): number => Math.floor(chance.next() * count)

let lines = ''
const say = (line: Line): void => {
  lines += `${JSON.stringify(line)}\n`
}
/** Not `process.stdout`: what was said must be out of this process before it does anything else. */
const tell = (): void => {
  const bytes = Buffer.from(lines)
  lines = ''
  for (let done = 0; done < bytes.length;) done += writeSync(1, bytes, done)
}

say(['opening'])
tell()
const disk = spoiltDisk(nodeDisk(), script.without)
const { unsyncedEventsMax, isUnbounded = false } = script.flood ?? {}
const everything = Number.MAX_SAFE_INTEGER
const ledger = await openLedger({
  games: [tally],
  journal: smallJournal(script, disk),
  archive: fileColdStore(join(script.directory, 'archive')),
  durability: script.durability ?? 'synced',
  batchAgeMaxMs: 20,
  checks: false,
  ...(unsyncedEventsMax !== undefined && { unsyncedEventsMax }),
  ...(isUnbounded && { commandsInFlightMax: everything, bytesInFlightMax: everything }),
}).catch((error: unknown) => {
  say(['not-opened', codeOf(error)])
  tell()
  process.exit(0)
})
disk.syncMs = script.syncMs ?? 0

function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | undefined)?.code ?? error)
}
const reasonOf = (error: DispatchError): string =>
  error._tag === 'Unavailable' ? [error._tag, error.code, codeOf(error.cause)].join(' ') : error._tag

const faults: string[] = []
ledger.faults$.subscribe(({ code }) => faults.push(code))
ledger.events$.subscribe(({ gameId, version, position, event }) =>
  say(['published', position, eventText(gameId, version, event)]),
)

let offered = 0
const waiting = new Map<number, Promise<void>>()
const refusals: string[] = []

const eventsOf = (command: TallyCommand): TallyEvent[] => {
  if (command.type === 'Sit') return [{ type: 'Sat', player: command.player }]
  if (command.type !== 'Count') return [{ type: 'Finished' }]
  const { player, amounts } = command
  const counted = amounts.map((amount): TallyEvent => ({ type: 'Counted', player, amount }))
  return [{ type: 'RoundBegun', by: { player, amounts } }, ...counted]
}

/** Sends a command that the rules accept. */
const offer = (game: string, version: number, command: TallyCommand): number => {
  const number = ++offered
  const events = eventsOf(command)
  say(['offered', number, game, events.map((event, at) => eventText(game, version + at + 1, event))])
  const answered = ledger
    .game(tally, game)
    .dispatch(command)
    .then((answer) => {
      waiting.delete(number)
      if (isRight(answer)) return say(['acknowledged', number, answer.right.position])
      refusals.push(reasonOf(answer.left))
      say(['refused', number, reasonOf(answer.left)])
    })
  waiting.set(number, answered)
  return version + events.length
}

/** Far below every bound of the ledger: none of these commands is refused while the disk works. */
const waitingMax = 200

/** One more command of the game that every life goes on with; those of two lives differ, also at the same version. */
const goOnWith = (version: number): number =>
  offer(
    'long',
    version,
    version === 0
      ? { type: 'Sit', player: 'bob' }
      : { type: 'Count', player: 'bob', amounts: [script.life, offered] },
  )

/** A few games at once, one after the other; and one that every life goes on with. */
const play = async (): Promise<void> => {
  const tables = Array.from({ length: 6 }, () => ({ id: '', version: 0, left: 0 }))
  let games = 0
  // It may sleep, and is read from the log then: what is sent meanwhile is accepted before it.
  const long = await ledger.game(tally, 'long').load()
  let longVersion = goOnWith(isRight(long) ? long.right.version : 0)
  tell()
  await Promise.all(waiting.values())
  while (refusals.length === 0 && offered < (script.commandsMax ?? Infinity)) {
    for (const table of tables) {
      if (waiting.size >= waitingMax) break
      if (table.left === 0) {
        const id = `game-${script.life}-${++games}`
        Object.assign(table, {
          id,
          version: offer(id, 0, { type: 'Sit', player: 'ann' }),
          left: 2 + below(12),
        })
      }
      const isLast = --table.left === 0 && script.finishes !== false && below(8) > 0
      const amounts = Array.from({ length: below(4) }, () => below(1_000))
      const command: TallyCommand = isLast ? { type: 'Finish' } : { type: 'Count', player: 'ann', amounts }
      table.version = offer(table.id, table.version, command)
    }
    longVersion = goOnWith(longVersion)
    tell()
    await (below(4) === 0 ? sleep(below(3)) : nextTurn())
  }
}

/** More than a log file holds, in one turn of the event loop; afterwards one command now and then. */
const burst = async (): Promise<void> => {
  const amounts = Array<number>(100).fill(7)
  let version = offer('burst', 0, { type: 'Sit', player: 'ann' })
  for (let count = 0; count < 20; count++)
    version = offer('burst', version, { type: 'Count', player: 'ann', amounts })
  for (let probe = 1; ; probe++) {
    tell()
    await sleep(50)
    offer(`probe-${probe}`, 0, { type: 'Sit', player: 'ann' })
  }
}

/** The journal has failed: every waiting command has its answer, and so has every later one; reads go on. */
const look = async (): Promise<void> => {
  await Promise.all(waiting.values())
  const long = ledger.game(tally, 'long')
  const later = await long.dispatch({ type: 'Count', player: 'bob', amounts: [1] })
  const replay = await ledger.replay(tally, 'long')
  say([
    'failed',
    {
      waiting: refusals,
      later: isRight(later) ? 'Accepted' : reasonOf(later.left),
      faults,
      version: long.version ?? 0,
      replayed: isRight(replay) ? replay.right.version : 0,
      players: ledger.views.players.stats('bob') === undefined ? 0 : 1,
    },
  ])
  tell()
  await ledger.close()
}

const close = async (): Promise<void> => {
  await Promise.all(waiting.values())
  tell()
  await ledger.close()
}

say(['opened', ledger.stats().position])
tell()
if (script.act === 'play') {
  await play()
  await (refusals.length > 0 ? look() : close())
} else if (script.act === 'burst') await burst()
else if (script.act === 'flood') {
  const figures = await flood(ledger, script.flood!)
  say(['flooded', figures])
  tell()
  disk.syncMs = 0
  await ledger.settled()
  say(['recovered', offer('after', 0, { type: 'Sit', player: 'ann' })])
  await close()
} else setInterval(() => undefined, 1_000)
