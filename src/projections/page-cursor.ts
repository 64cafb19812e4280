/**
 * Where a reader of pages stands, as one opaque string. A cursor names the last row that was read, not a count of
 * rows, so pages neither repeat nor skip what did not move while the reader was away.
 */

/** The string of a cursor. `parts` is a JSON value. */
export const encodeCursor = (parts: unknown): string =>
  Buffer.from(JSON.stringify(parts)).toString('base64url')

/** What a cursor holds. @throws TypeError where the string is none of ours */
export const decodeCursor = <Parts>(cursor: string, isParts: (parts: unknown) => parts is Parts): Parts => {
  if (typeof cursor === 'string') {
    try {
      const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
      if (isParts(parts)) return parts
    } catch {
      // Not even JSON: said below.
    }
  }
  throw new TypeError(
    `Not a cursor of this list: ${JSON.stringify(cursor)}. Pass the \`cursor\` of the page before, unchanged.`,
  )
}
