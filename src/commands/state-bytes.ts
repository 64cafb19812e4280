/**
 * How many bytes a state takes in memory, as an estimate: a walk over its graph that counts what V8 allocates.
 *
 *     object   40 + 8 a key        array   48 + 8 an element       Map, Set   200 + 40 an entry
 *     text     16 + its length, from 12 characters on: shorter ones are mostly shared
 *
 * Of a list as of an object at most 32 children are looked at, evenly spread, and stand for the others; all in all at most
 * 2 000. So it costs some 20 us at most, however large the state.
 */
const childrenMax = 32
const looksMax = 2_000
const sharedTextMax = 12
const wordBytes = 8

interface Walk {
  looks: number
}

/** See above. */
export const stateBytesOf = (state: unknown): number => bytesOf(state, { looks: 0 })

const bytesOf = (value: unknown, walk: Walk): number => {
  if (typeof value === 'string') return value.length < sharedTextMax ? 0 : 16 + value.length
  if (typeof value !== 'object' || value === null || ++walk.looks > looksMax) return 0
  if (Array.isArray(value)) return 48 + wordBytes * value.length + ofChildren(value, walk)
  if (value instanceof Map) return 200 + 40 * value.size + ofChildren([...value.values()], walk)
  if (value instanceof Set) return 200 + 40 * value.size + ofChildren([...value], walk)
  const children = Object.values(value)
  return 40 + wordBytes * children.length + ofChildren(children, walk)
}

const ofChildren = (children: readonly unknown[], walk: Walk): number => {
  const step = Math.max(1, children.length / childrenMax)
  let bytes = 0
  for (let at = 0; at < children.length; at += step) bytes += bytesOf(children[Math.floor(at)], walk)
  return bytes * step
}
