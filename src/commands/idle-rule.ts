/** After how long without events a game or room is over: the policy of `idleCloseMs`, checked. */
import type { Kind } from '../events/ids.js'
import type { AnyGame } from './game.js'

/** How long games may be without events before the ledger ends them. */
export interface IdleRule {
  /** `room` for rooms. @default games of all kinds, and rooms */
  readonly kind?: Kind
  readonly maxIdleMs: number
}

/** By kind; kinds that are not in it are never ended. @throws TypeError that says what was got */
export const idleMsByKind = (
  given: number | readonly IdleRule[],
  games: ReadonlyMap<Kind, AnyGame>,
): ReadonlyMap<Kind, number> => {
  if (typeof given !== 'number' && !Array.isArray(given))
    throw new TypeError(
      `idleCloseMs is a number of ms, or a list of { kind, maxIdleMs }; got ${given === null ? 'null' : typeof given}.`,
    )
  const rules = typeof given === 'number' ? [{ maxIdleMs: checkedMs('idleCloseMs', given) }] : given
  const strictest = new Map<Kind, number>()
  for (const { kind, maxIdleMs } of rules as readonly IdleRule[]) {
    checkedMs('maxIdleMs', maxIdleMs)
    if (kind !== undefined && !games.has(kind))
      throw new TypeError(
        `idleCloseMs names the kind ${String(kind)}, which is not among \`games\`. Only games whose rules are given are ended.`,
      )
    for (const each of kind === undefined ? games.keys() : [kind])
      strictest.set(each, Math.min(maxIdleMs, strictest.get(each) ?? Infinity))
  }
  return strictest
}

const checkedMs = (name: string, ms: number): number => {
  if (Number.isSafeInteger(ms) && ms >= 1) return ms
  throw new TypeError(`${name} is a whole number of ms from 1; got ${String(ms)}.`)
}
