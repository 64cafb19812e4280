/** A leaderboard was asked for a window that it does not have, or that has not begun. */
export class NoSuchWindowError extends Error {
  override readonly name = 'NoSuchWindowError'
  readonly code = 'no-such-window'
  readonly window: string

  /** @param newest ids of windows that there are */
  constructor(window: string, newest: readonly string[]) {
    super(
      `This leaderboard has no window ${JSON.stringify(window)}, or it has not begun. The newest of each rule: ` +
        `${newest.join(', ') || 'none yet'}. Take one of those that windows() lists, or name a rule for the one that is open now.`,
    )
    this.window = window
  }
}
