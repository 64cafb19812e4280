/**
 * The positions of games that are gone, as a manifest keeps them: stretches, each as two differences.
 *
 *     positions  17 18 19   23   40 41        [16, 3, 3, 1, 16, 2]
 *                so many lie between the stretch before and this one, so long is it; and so on
 *
 * A game alone takes some 4 bytes an event, for its neighbours' events lie in between. Once they are gone too, and the
 * batches are one, a stretch is all that is left.
 */
import type { Position } from '../events/ids.js'

/** The stretches of positions; in any order, none twice. O(n log n). */
export const encodeGonePositions = (positions: Float64Array): number[] => {
  const differences: number[] = []
  let end = 0
  for (const position of positions.sort()) {
    if (position === end + 1 && end > 0) differences[differences.length - 1]!++
    else differences.push(position - end - 1, 1)
    end = position
  }
  return differences
}

/** The stretches, ascending: the first and the last position of each. */
export function* goneStretches(
  differences: readonly number[],
): Generator<readonly [first: Position, last: Position], void, undefined> {
  let end = 0
  for (let at = 0; at < differences.length; at += 2) {
    const first = end + differences[at]! + 1
    end = first + differences[at + 1]! - 1
    yield [first as Position, end as Position]
  }
}
