/**
 * Loss of power, for real: a player plays on an ext4 of its own until the power of that is cut; the file system is
 * mounted again, replays its journal, and what is left in it is opened and compared.
 *
 * Without syncs the same must lose what was acknowledged: so it is the syncs that keep it, and the cut is one.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { join } from 'node:path'
import { seededRandom } from 'gameledger'
import { Account, Violation, type Found, type Outcome } from './account.js'
import { Child } from './child.js'
import { withExt4, type Ext4 } from './file-system.js'
import {
  lifeMs,
  livesPerDirectory,
  muchAtRisk,
  safe,
  sumOf,
  untilMortal,
  type Conditions,
  type Figures,
} from './kill.js'
import { reopened } from './reopened.js'
import { inScratch } from './scratch.js'
import type { Script } from './script.js'

const playAndLosePower = async (ext4: Ext4, script: Script, forMs: number): Promise<Child> => {
  const child = new Child(script)
  await child.until(untilMortal(script))
  await sleep(forMs)
  ext4.losePower()
  await child.kill()
  await ext4.mountAgain()
  return child
}

/** @throws Violation where more is wrong than that something is lost */
export const powerLossRounds = async (
  rounds: number,
  conditionsOf: (life: number) => Conditions = safe,
): Promise<Figures> => {
  const outcomes: Outcome[] = []
  const chance = seededRandom(rounds)
  while (outcomes.length < rounds)
    await inScratch((scratch) =>
      withExt4(scratch, async (ext4) => {
        const account = new Account()
        const directory = join(ext4.directory, 'data')
        for (let life = 0; life < livesPerDirectory && outcomes.length < rounds; life++) {
          const script: Script = { act: 'play', ...conditionsOf(life), directory, life }
          const child = await playAndLosePower(ext4, script, lifeMs(chance))
          outcomes.push(account.settle(child.lines, await reopened(script)))
        }
      }),
    )
  return sumOf(outcomes)
}

/**
 * The control, each round on a file system of its own. Without syncs anything may be left: a prefix, a hole, or
 * nothing that can be opened. What cannot be opened, or is no prefix, has lost all that was acknowledged.
 */
export const powerLossRoundsWithoutSync = async (rounds: number): Promise<Figures> => {
  const outcomes: Outcome[] = []
  const chance = seededRandom(rounds)
  for (let life = 0; life < rounds; life++)
    await inScratch((scratch) =>
      withExt4(scratch, async (ext4) => {
        const directory = join(ext4.directory, 'data')
        // No game ends: an archive that syncs its files would make the file system sync the names of the journal too.
        const script: Script = { act: 'play', directory, life, without: 'sync', finishes: false }
        const { lines } = await playAndLosePower(ext4, script, lifeMs(chance))
        const found = await reopened(script).catch((): Found[] => [])
        outcomes.push(settledWithoutSync(lines, found))
      }),
    )
  return sumOf(outcomes)
}

/** The control of positions: resolves with the violation, if four losses of power show one. */
export const violationWithoutLostGap = (): Promise<string | undefined> =>
  powerLossRounds(4, (life) => ({ ...muchAtRisk('written')(life), without: 'lost-gap' })).then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof Violation) return error.message
      throw error
    },
  )

const settledWithoutSync = (lines: Child['lines'], found: readonly Found[]): Outcome => {
  try {
    return new Account().settle(lines, found)
  } catch (error) {
    if (!(error instanceof Violation)) throw error
    return new Account().settle(lines, [])
  }
}
