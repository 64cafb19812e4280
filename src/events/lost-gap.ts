/**
 * Positions that a crash took back.
 *
 *     synced ... | published, then lost | never given |  new events ...
 *              after                             through
 *
 * At a degree below `synced` events are published before they are on the disk, so a crash may take back what was
 * seen. Nobody knows afterwards how many there were: only that they were no more than the bound on such events. So
 * that many positions are left out, for ever, and who stands inside the gap has seen what never happened.
 */

/** No position in (after, through] names an event, though some were published once. */
export interface LostGap {
  readonly after: number
  readonly through: number
}

/** True where this position was, or may have been, published and taken back. O(gaps). */
export const isLost = (gaps: readonly LostGap[], position: number): boolean =>
  gaps.some(({ after, through }) => position > after && position <= through)

/**
 * The gaps after one more crash: `given` is the highest position that may have been given, `atRisk` how many events
 * more may have been published. Where nothing was kept since the last gap, that one grows.
 */
export const withGap = (
  gaps: readonly LostGap[],
  after: number,
  given: number,
  atRisk: number,
): readonly LostGap[] => {
  if (atRisk === 0) return gaps
  const last = gaps[gaps.length - 1]
  const through = Math.max(given, after, last?.through ?? 0) + atRisk
  return last && last.after >= after
    ? [...gaps.slice(0, -1), { after: last.after, through }]
    : [...gaps, { after, through }]
}
