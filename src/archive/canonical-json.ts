/**
 * A state as text that depends on its content alone, so that its hash can be compared years later.
 *
 * JSON with the keys of objects in ascending order (by UTF-16 units) and no spaces. What `JSON.stringify` leaves
 * out is left out; `toJSON` is respected. Beyond JSON:
 *
 *     Map     {"$map":[[key,value],...]}    entries in ascending order of their canonical text
 *     Set     {"$set":[value,...]}          likewise: neither depends on the order of insertion
 *     bigint  {"$bigint":"12"}
 *     typed arrays are arrays of numbers
 */

/** The canonical text of a value. @throws RangeError where it contains itself */
export const canonicalJson = (value: unknown): string => textOf(value) ?? 'null'

const textOf = (value: unknown): string | undefined => {
  if (typeof value === 'bigint') return `{"$bigint":"${value}"}`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return arrayText(value)
  if (value instanceof Map) return `{"$map":[${sortedTexts([...value].map(arrayText))}]}`
  if (value instanceof Set) return `{"$set":[${sortedTexts([...value].map(canonicalJson))}]}`
  if (ArrayBuffer.isView(value)) return arrayText([...(value as unknown as Iterable<unknown>)])
  if ('toJSON' in value && typeof value.toJSON === 'function')
    return textOf((value.toJSON as () => unknown)())
  return objectText(value as Readonly<Record<string, unknown>>)
}

const sortedTexts = (texts: string[]): string => texts.sort().join(',')

const arrayText = (values: readonly unknown[]): string => `[${values.map(canonicalJson).join(',')}]`

const objectText = (value: Readonly<Record<string, unknown>>): string => {
  let text = ''
  for (const key of Object.keys(value).sort()) {
    const member = textOf(value[key])
    if (member !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${member}`
  }
  return `{${text}}`
}
