/**
 * A process that plays a few games to their end and kills itself, as kill -9 does, at a step of the handover of the second
 * batch, or of another. Run from `build/faults`, over the public doors alone; its argument says where.
 *
 *     node handover-player.js '{"directory":...,"life":3,"step":"manifest","when":"before"}'
 *
 * It says the id of each game whose end was acknowledged, one a line.
 */
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { isRight } from 'fp-ts/lib/Either.js'
import { fileColdStore, fileJournal, openLedger, type ColdStore, type Journal } from 'gameledger'
import { tally } from '../ledger/tally-game.js'
import type { HandoverScript, HandoverStep } from './handover-script.js'

const script = JSON.parse(process.argv[2]!) as HandoverScript
const { directory, life, step, when, without, batch = 2, games = 14 } = script
const seen = new Map<HandoverStep, number>()

const die = (): never => {
  process.kill(process.pid, 'SIGKILL')
  // The signal comes at once, but not within this statement.
  for (;;);
}

/** Does `work`, and dies before or after it where it is the wanted step of the wanted batch. */
const at = async <Result>(here: HandoverStep, work: () => Result | Promise<Result>): Promise<Result> => {
  const nth = (seen.get(here) ?? 0) + 1
  seen.set(here, nth)
  const isHere = here === step && nth === batch
  if (isHere && when === 'before') die()
  const result = await work()
  if (isHere) die()
  return result
}

/** What was said to be stored, and is not. */
const held = new Map<string, Buffer>()

const stepOf = (key: string): HandoverStep => (key.endsWith('.gz') ? 'segment' : 'manifest')

const watchedStore = (inner: ColdStore): ColdStore => ({
  ...inner,
  put: (key, bytes) => {
    if (!/^\d/.test(key)) return inner.put(key, bytes)
    if (without === 'segment-first' && key.endsWith('.gz')) {
      held.set(key, Buffer.from(bytes))
      return Promise.resolve('stored')
    }
    if (without === 'manifest-gate' && key.endsWith('.json') && seen.get('manifest') === 1) {
      held.set(key, Buffer.from(bytes))
      seen.set('manifest', 2)
      return Promise.resolve('stored')
    }
    return at(stepOf(key), () => inner.put(key, bytes))
  },
  get: (key, range) =>
    held.has(key)
      ? Promise.resolve(held.get(key))
      : key.endsWith('.gz') && range === undefined
        ? at('read back', () => inner.get(key, range))
        : inner.get(key, range),
})

/** Notes of the archiver are one record each; the next that is synced behind one is where it is on the disk. */
const watchedJournal = (inner: Journal): Journal => ({
  ...inner,
  open: async (shard, listener, eventsAtRisk) => {
    const noted: { readonly step: HandoverStep; readonly ticket: number }[] = []
    const opened = await inner.open(
      shard,
      {
        ...listener,
        synced: (through) => {
          while (noted.length > 0 && noted[0]!.ticket <= through)
            void at(noted.shift()!.step, () => undefined)
          listener.synced(through)
        },
      },
      eventsAtRisk,
    )
    const append = opened.append.bind(opened)
    opened.append = (record) => {
      if (record.type !== 'intent' && record.type !== 'committed') return append(record)
      const isHere =
        record.type === step && (seen.get(step) ?? 0) === batch - 1 && noted.every((one) => one.step !== step)
      if (isHere && when === 'before') die()
      const ticket = append(record)
      noted.push({ step: record.type, ticket })
      return ticket
    }
    const release = opened.release.bind(opened)
    opened.release = (streams) => {
      const nth = seen.get('release') ?? 0
      seen.set('release', nth + (streams.length > 0 ? 1 : 0))
      const isHere = step === 'release' && nth === batch - 1 && streams.length > 0
      if (isHere && when === 'before') die()
      release(streams)
      if (isHere) die()
    }
    return opened
  },
})

const ledger = await openLedger({
  games: [tally],
  journal: watchedJournal(fileJournal(join(directory, 'journal'), { logFileBytesMax: 32 * 1024 })),
  archive: watchedStore(fileColdStore(join(directory, 'archive'))),
  batchGamesMax: 4,
  batchAgeMaxMs: 20,
  checks: false,
})

const play = async (id: string): Promise<void> => {
  const game = ledger.game(tally, id)
  await game.dispatch({ type: 'Sit', player: 'ann' })
  await game.dispatch({ type: 'Count', player: 'ann', amounts: [life] })
  if (isRight(await game.dispatch({ type: 'Finish' }))) writeSync(1, `${id}\n`)
}

await Promise.all(Array.from({ length: games }, (_, n) => play(`life-${life}-${n}`)))
await ledger.settled()
// Only where nothing was to kill it.
await ledger.close()
