/** Checks of parsed JSON, for objects that come out of a store. Each says in words what is wrong, or nothing. */
export type Check = (value: unknown) => boolean

const hexPattern = /^[0-9a-f]{64}$/

export const isText: Check = (value) => typeof value === 'string' && value.length > 0
export const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0
export const isOrdinal: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 1
export const isNumber: Check = (value) => typeof value === 'number'
export const isHash: Check = (value) => typeof value === 'string' && hexPattern.test(value)
export const isTexts: Check = (value) => Array.isArray(value) && value.every((one) => typeof one === 'string')
export const isOrdinals: Check = (value) => Array.isArray(value) && value.length > 0 && value.every(isOrdinal)
export const isOutcome: Check = (value) =>
  typeof value === 'object' && value !== null && Array.isArray((value as { standings?: unknown }).standings)

/** The check, for a part that may be absent. */
export const orAbsent =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value)

/** The name of the first part that fails its check; `undefined` where all hold. */
export const firstFlaw = (
  value: Readonly<Record<string, unknown>>,
  checks: Readonly<Record<string, Check>>,
): string | undefined => {
  for (const name in checks) if (!checks[name]!(value[name])) return name
  return undefined
}

/** The parts of a JSON object; `undefined` where the text is none. */
export const parseObject = (text: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>
  } catch {
    // Not JSON: the caller says where it was.
  }
  return undefined
}
