/** Games were dropped from the archive: what is made from the history from now on cannot count them. */
import type { Fault } from './events/fault.js'
import type { Position } from './events/ids.js'

const said = (through: Position): string =>
  `games that ended up to position ${through} were dropped from the archive`

/** A projection that was to be made anew would forget what it has counted of games that are gone. */
export class HistoryShortenedError extends Error {
  override readonly name = 'HistoryShortenedError'
  readonly code = 'history-shortened'
  /** Up to this position games are missing. */
  readonly through: Position

  constructor(projection: string, through: Position, verb: 'rebuild' | 'erase' = 'rebuild') {
    super(
      `${projection} would be made from a shortened history: ${said(through)}, and it would no longer count them. ` +
        `If that is meant, ${verb} with \`shortened: true\` (\`gameledger ${verb} --shortened\`).`,
    )
    this.through = through
  }
}

/** The same where there is no choice: a model was lost, or is new. */
export const historyShortened = (projections: readonly string[], through: Position): Fault => ({
  code: 'history-shortened',
  message:
    `${projections.join(', ')}: made from a shortened history, for ${said(through)}. They do not count those games. ` +
    'Save read models (`dir`, `checkpoints`), so that they are not made anew.',
})
