/**
 * More commands than a disk takes: 50 000 a second, for as long as it is slow. What of them is in flight, and what
 * memory it takes, is looked at all the time.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { isRight } from 'fp-ts/lib/Either.js'
import type { Ledger } from 'gameledger'
import { tally } from '../ledger/tally-game.js'
import type { Flood, FloodFigures } from './script.js'

const commandsPerSecond = 50_000
const turnMs = 10
/** Each with a life of its own, so that the state of none grows large. */
const games = 1_000

type Mutable<Type> = { -readonly [name in keyof Type]: Type[name] }

/** Offers for so long; resolves with what was seen, while what is in flight may still wait. */
export const flood = async (ledger: Ledger, { forMs, amounts }: Flood): Promise<FloodFigures> => {
  const seen: Mutable<FloodFigures> = {
    offered: 0,
    overloaded: {},
    acknowledged: 0,
    inFlightMax: 0,
    bytesInFlightMax: 0,
    eventsUnsyncedMax: 0,
    publishingMax: 0,
    rssMax: 0,
    heapMax: 0,
    others: [],
  }
  const overloaded: { [bound: string]: number } = {}
  const others = new Set<string>()
  const command = { type: 'Count', player: 'ann', amounts: Array<number>(amounts).fill(1) } as const
  const offer = async (): Promise<void> => {
    const number = seen.offered++
    const game = ledger.game(tally, `flood-${number % games}`)
    const isFirst = number < games
    const answer = await game.dispatch(isFirst ? { type: 'Sit', player: 'ann' } : command)
    if (isRight(answer)) seen.acknowledged++
    else if (answer.left._tag === 'Overloaded') {
      const { bound } = answer.left
      overloaded[bound] = (overloaded[bound] ?? 0) + 1
    }
    // A game whose first command was surplus has nobody at its table.
    else if (answer.left._tag !== 'Rejected') others.add(answer.left._tag)
  }
  const look = (): void => {
    const { commands, publishing } = ledger.stats()
    const { rss, heapUsed } = process.memoryUsage()
    seen.inFlightMax = Math.max(seen.inFlightMax, commands.inFlight)
    seen.bytesInFlightMax = Math.max(seen.bytesInFlightMax, commands.bytesInFlight)
    seen.eventsUnsyncedMax = Math.max(seen.eventsUnsyncedMax, commands.eventsUnsynced)
    seen.publishingMax = Math.max(seen.publishingMax, publishing)
    seen.rssMax = Math.max(seen.rssMax, rss)
    seen.heapMax = Math.max(seen.heapMax, heapUsed)
  }
  const begun = performance.now()
  for (let passed = 0; passed < forMs; passed = performance.now() - begun) {
    // As many as are due by now: a machine that is busy elsewhere makes no smaller flood of it.
    const due = Math.min((passed / 1_000) * commandsPerSecond, seen.offered + commandsPerSecond / 10)
    while (seen.offered < due) void offer()
    look()
    await sleep(turnMs)
    look()
  }
  return { ...seen, overloaded, others: [...others] }
}
