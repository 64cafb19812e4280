/** A leaderboard was asked for a window that it does not have. */
export class NoSuchWindowError extends Error {
  readonly code = 'no-such-window'
  readonly window: string

  /** @param names of the board's rules */
  constructor(window: string, names: readonly string[]) {
    super(
      `This leaderboard has no window ${JSON.stringify(window)}: ids begin with ${names.join(', ')}, and name a window ` +
        'that has begun. List them with windows(), or give the name of a rule for the one that is open now.',
    )
    this.name = 'NoSuchWindowError'
    this.window = window
  }
}
