/**
 * Columns that grow: by a quarter up to 65 536 elements, then by an eighth. So at most an eighth of a large column is
 * unused, which the memory promised in ranking.ts counts on, and each element is copied some nine times in its life.
 */

const smallMax = 65_536

/** The column itself where it has this length, else a longer copy; what is new is `fill`. O(1), amortised. */
export const enlarged = <Column extends Float64Array | Uint32Array>(
  column: Column,
  length: number,
  fill = 0,
): Column => {
  const before = column.length
  if (length <= before) return column
  const grown = Math.max(length, 64, Math.ceil(before * (before < smallMax ? 1.25 : 1.125)))
  const Type = column.constructor as new (length: number) => Column
  const larger = new Type(grown)
  larger.set(column)
  if (fill !== 0) larger.fill(fill, before)
  return larger
}
