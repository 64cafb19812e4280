/**
 * A slow disk: each sync takes 2 s, while 50 000 commands a second are offered. Nothing may grow without a bound: what
 * is over one is refused as `Overloaded`, and when syncs are quick again the ledger takes commands by itself.
 */
import { join } from 'node:path'
import { Violation } from './account.js'
import { Child } from './child.js'
import { inScratch } from './scratch.js'
import type { Flood, FloodFigures, Script } from './script.js'

/** A flood, and the bound that it meets first. */
export interface Deluge extends Omit<Flood, 'forMs'>, Required<Pick<Script, 'durability'>> {
  readonly bound: 'commandsInFlightMax' | 'bytesInFlightMax' | 'unsyncedEventsMax'
}

export const deluges: readonly Deluge[] = [
  { bound: 'commandsInFlightMax', durability: 'synced', amounts: 1 },
  { bound: 'unsyncedEventsMax', durability: 'written', amounts: 9, unsyncedEventsMax: 20_000 },
  { bound: 'bytesInFlightMax', durability: 'synced', amounts: 49 },
]

export const unbounded: Deluge = {
  bound: 'commandsInFlightMax',
  durability: 'synced',
  amounts: 1,
  isUnbounded: true,
}

/** The defaults of a ledger. */
const bounds = { commands: 10_000, bytes: 8 * 1024 * 1024 } as const

/** One more command is let in below a bound: less than so many bytes. */
const commandBytes = 64 * 1024

/** Far more than a ledger needs that keeps to its bounds; a queue of all that is offered passes it in seconds. */
const rssBytesMax = 512 * 1024 * 1024

/** Which bounds were passed, in words: none, if all is well. */
export const passed = ({ amounts, unsyncedEventsMax }: Deluge, seen: FloodFigures): string[] => {
  const limits: readonly (readonly [what: string, value: number, max: number])[] = [
    ['commands in flight', seen.inFlightMax, bounds.commands],
    ['commands that wait to be published', seen.publishingMax, bounds.commands],
    ['bytes in flight', seen.bytesInFlightMax, bounds.bytes + commandBytes],
    [
      'events not yet synced',
      seen.eventsUnsyncedMax,
      // At degree synced they are bounded by commands and bytes alone.
      unsyncedEventsMax === undefined ? 2 * bounds.commands * (1 + amounts) : unsyncedEventsMax + 1 + amounts,
    ],
    ['bytes of memory', seen.rssMax, rssBytesMax],
  ]
  return limits
    .filter(([, value, max]) => value > max)
    .map(([what, value, max]) => `${value} ${what} > ${max}`)
}

/** Resolves when the player has recovered. @throws Violation where it has not */
export const floodSlowDisk = (
  { durability, bound: _, ...flood }: Deluge,
  forMs: number,
): Promise<FloodFigures> =>
  inScratch(async (scratch) => {
    const script: Script = {
      act: 'flood',
      directory: join(scratch, 'data'),
      life: 1,
      durability,
      syncMs: 2_000,
      // The journal's own default: it is to wait for its events, and not for new files.
      logFileBytesMax: 16 * 1024 * 1024,
      flood: { ...flood, forMs },
    }
    const child = new Child(script)
    try {
      const flooded = await child.until('flooded')
      if (flooded?.[0] !== 'flooded') throw new Violation('the player ended')
      if ((await child.until('acknowledged')) === undefined)
        throw new Violation('no command was taken when syncs were quick again')
      await child.ended()
      return flooded[1]
    } finally {
      await child.kill()
    }
  })
