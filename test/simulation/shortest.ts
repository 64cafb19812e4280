/** The shortest history that still shows a failure: steps are left out, halves first, then single ones. */
import type { Protection } from './protections.js'
import type { Plan, Step } from './plan.js'
import { simulate } from './simulation.js'

const failureOf = async (plan: Plan, without: Protection | undefined): Promise<unknown> => {
  try {
    await simulate(plan, without)
    return undefined
  } catch (error) {
    return error
  }
}

/** A failure without its numbers and names: another history must show the same one. */
const kindOf = (failure: unknown): string =>
  String(failure)
    .replaceAll(/[0-9]+/g, '')
    .slice(0, 40)

/** Tries at most so many histories. */
const triesMax = 400

export const shortest = async (
  plan: Plan,
  without: Protection | undefined,
): Promise<{ readonly steps: readonly Step[]; readonly failure: unknown }> => {
  let steps = plan.steps
  let failure = await failureOf(plan, without)
  const isSame = (one: unknown): boolean => one !== undefined && kindOf(one) === kindOf(failure)
  let tries = 0
  for (let size = Math.ceil(steps.length / 2); size >= 1; size = Math.floor(size / 2))
    for (let at = 0; at < steps.length && tries < triesMax; tries++) {
      const fewer = steps.toSpliced(at, size)
      const still = await failureOf({ ...plan, steps: fewer }, without)
      if (!isSame(still)) at += size
      else [steps, failure] = [fewer, still]
    }
  return { steps, failure }
}
