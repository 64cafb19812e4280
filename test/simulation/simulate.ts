/** Many seeds, one after the other: how many held, and of the first that did not its shortest history. */
import { protections, type Protection } from './protections.js'
import { faultNames, planOf, type FaultName } from './plan.js'
import { shortest } from './shortest.js'
import { simulate } from './simulation.js'
import { world } from './world.js'

export interface Run {
  readonly first: number
  readonly seeds: number
  readonly faults: ReadonlySet<FaultName>
  readonly without: Protection | undefined
  /** Hears what is to be told. */
  readonly say: (line: string) => void
}

/** Returns the first seed that shows a violation, or `undefined`. */
export const simulateSeeds = async ({
  first,
  seeds,
  faults,
  without,
  say,
}: Run): Promise<number | undefined> => {
  for (let seed = first; seed < first + seeds; seed++) {
    const plan = planOf(seed, faults)
    try {
      await simulate(plan, without)
    } catch (error) {
      say(`seed ${seed}: ${String(error)}`)
      if (without !== undefined) return seed
      const { steps, failure } = await shortest(plan, without)
      say(JSON.stringify(plan.settings))
      for (const step of steps) say(`  ${JSON.stringify(step)}`)
      say(failure instanceof Error ? String(failure.stack) : String(failure))
      say(`again: npm run simulate -- --seed ${seed} --faults ${[...faults].join(',')}`)
      return seed
    }
  }
  return undefined
}

/** What happened under a seed, as a number. Two runs of one seed give the same. */
export const traceOf = async (seed: number, faults: ReadonlySet<FaultName>): Promise<number> => {
  await simulate(planOf(seed, faults))
  return world.trace
}

export { faultNames, protections }
