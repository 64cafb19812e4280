/** How the objects of a batch are called. Numbers are padded, so that the order of keys is the order of batches. */
const digits = 12
const segmentEnd = '.ndjson.gz'
const manifestEnd = '.manifest.json'

const padded = (batch: number): string => String(batch).padStart(digits, '0')

export const segmentKeyOf = (batch: number): string => padded(batch) + segmentEnd

/** The segment of a rewritten batch: named by its content, so that attempts and rivals never meet under one key. */
export const rewrittenKeyOf = (batch: number, sha256: string): string =>
  `${padded(batch)}.rewritten-${sha256.slice(0, 16)}${segmentEnd}`

export const manifestKeyOf = (batch: number): string => padded(batch) + manifestEnd

/** The batch whose manifest has this key; `undefined` for every other key. */
export const batchOfManifestKey = (key: string): number | undefined => {
  const name = key.slice(0, digits)
  return key === name + manifestEnd && /^\d{12}$/.test(name) ? Number(name) : undefined
}

/** The batch whose segment has this key, rewritten or not; `undefined` for every other key. */
export const batchOfSegmentKey = (key: string): number | undefined => {
  const found = /^(\d{12})(?:\.rewritten-[0-9a-f]{16})?\.ndjson\.gz$/.exec(key)
  return found ? Number(found[1]) : undefined
}
