/**
 * kill -9, over and over: a player is killed at any moment of its life, its opening included, and everything that it
 * was told is safe must be there. It proves nothing about syncs: the page cache outlives a process.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from 'gameledger'
import { Account, type Outcome } from './account.js'
import { Child } from './child.js'
import { reopened } from './reopened.js'
import { inScratch } from './scratch.js'
import type { Script } from './script.js'

/** What came of all rounds. */
export interface Figures {
  readonly rounds: number
  /** Commands. */
  readonly acknowledged: number
  readonly lost: number
  /** Rounds in which something acknowledged was lost. */
  readonly roundsWithLoss: number
  /** Events that somebody had seen, and that were not there afterwards. */
  readonly takenBack: number
}

export const sumOf = (outcomes: readonly Outcome[]): Figures => ({
  rounds: outcomes.length,
  acknowledged: outcomes.reduce((sum, { acknowledged }) => sum + acknowledged, 0),
  lost: outcomes.reduce((sum, { lost }) => sum + lost, 0),
  roundsWithLoss: outcomes.filter(({ lost }) => lost > 0).length,
  takenBack: outcomes.reduce((sum, { takenBack }) => sum + takenBack, 0),
})

/** One directory is played in for so many lives; then another is begun, so that reading it stays short. */
export const livesPerDirectory = 10

/** Most of a life is play; a few of them end while the ledger is still being opened. */
export const lifeMs = (chance: { next(): number }): number => 400 * chance.next()

/** What all lives of a proof have in common, or what one of them is like. */
export type Conditions = Omit<Script, 'directory' | 'life' | 'act'>

/** The default: degree synced, where nothing may be lost at all. */
export const safe = (): Conditions => ({})

/**
 * Much is published before it is synced: syncs are slow, in every other life so slow that it does not see the second;
 * and files are not filled by every frame, so that the disk is busy with little but events.
 */
export const muchAtRisk =
  (durability: 'memory' | 'written') =>
  (life: number): Conditions => ({
    durability,
    syncMs: life % 2 === 1 ? 10_000 : 20,
    logFileBytesMax: 1024 * 1024,
  })

/**
 * From when on a life may end. Where something is to be lost, from when there is something. Else every other life may
 * end in its opening, and the others play: also on a machine so busy that by the clock none would get so far.
 */
export const untilMortal = ({ life, durability = 'synced', without }: Script): 'opening' | 'acknowledged' =>
  durability === 'synced' && without === undefined && life % 2 === 0 ? 'opening' : 'acknowledged'

/** @throws Violation where more is wrong than that something is lost */
export const killRounds = async (rounds: number, conditionsOf: (life: number) => Conditions = safe) => {
  const outcomes: Outcome[] = []
  const chance = seededRandom(rounds)
  while (outcomes.length < rounds)
    await inScratch(async (directory) => {
      const account = new Account()
      for (let life = 0; life < livesPerDirectory && outcomes.length < rounds; life++) {
        const script: Script = { act: 'play', ...conditionsOf(life), directory, life }
        const child = new Child(script)
        await child.until(untilMortal(script))
        await sleep(lifeMs(chance))
        await child.kill()
        outcomes.push(account.settle(child.lines, await reopened(script)))
      }
    })
  return sumOf(outcomes)
}
