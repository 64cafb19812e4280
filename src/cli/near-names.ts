/** Names that somebody may have meant who typed another: by letters changed, left out, added or swapped. */

const shownMax = 3

/** How many letters are to be changed, added, left out or swapped to get from one to the other. O(product of lengths). */
const distance = (one: string, other: string): number => {
  let [before, above] = [[] as number[], Array.from({ length: other.length + 1 }, (_, at) => at)]
  for (let row = 1; row <= one.length; row++) {
    const line = [row]
    for (let at = 1; at <= other.length; at++) {
      const isSame = one[row - 1] === other[at - 1]
      const isSwapped = row > 1 && at > 1 && one[row - 1] === other[at - 2] && one[row - 2] === other[at - 1]
      line[at] = Math.min(
        above[at]! + 1,
        line[at - 1]! + 1,
        above[at - 1]! + (isSame ? 0 : 1),
        isSwapped ? before[at - 2]! + 1 : Infinity,
      )
    }
    ;[before, above] = [above, line]
  }
  return above[other.length]!
}

/** The names nearest to what was typed, at most three; none where nothing is near. A part of a name counts as near. */
export const nearNames = (typed: string, names: readonly string[]): readonly string[] => {
  const wanted = typed.toLowerCase()
  const farMax = Math.max(2, Math.floor(wanted.length / 3))
  const farOf = (name: string): number => {
    const far = distance(wanted, name.toLowerCase())
    return wanted.length > 2 && name.toLowerCase().includes(wanted) ? Math.min(far, 1) : far
  }
  return names
    .map((name) => ({ name, far: farOf(name) }))
    .filter(({ far }) => far <= farMax)
    .sort((one, other) => one.far - other.far)
    .slice(0, shownMax)
    .map(({ name }) => name)
}
