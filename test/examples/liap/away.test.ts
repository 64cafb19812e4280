/** People whose connection is lost, and bots that play for them. */
import { describe, it } from 'vitest'
import { given } from 'gameledger/testing'
import type { LiapCommand } from '../../../examples/liap/commands.js'
import { liap } from '../../../examples/liap/index.js'
import { dealt, started, strongHands, turning, weak } from './table.js'

describe('a person who is away', () => {
  const away: LiapCommand = { type: 'TakeOver', player: 'bob' }
  const back: LiapCommand = { type: 'Return', player: 'bob' }

  it('is played by a bot until they are back', () => {
    given(liap, turning).when(away).thenEvents({ type: 'BotTookOver', player: 'bob' })
    given(liap, [...turning, { type: 'BotTookOver', player: 'bob' }])
      .when(back)
      .thenEvents({ type: 'PlayerReturned', player: 'bob' })
      .thenState(({ seats }) => !seats[1]!.isAway)
  })

  it('declines a redeal by leaving', () => {
    given(liap, weak)
      .when(away)
      .thenEvents({ type: 'BotTookOver', player: 'bob' }, { type: 'RedealDeclined', player: 'bob', at: 1 })
    given(liap, [...weak, { type: 'RedealDeclined', player: 'dot', at: 1 }])
      .when(away)
      .thenState(({ phase }) => phase === 'declaration')
    given(liap, [...weak, { type: 'RedealAccepted', player: 'dot', at: 1 }])
      .when(away)
      .thenState(({ multiplier, starter }) => multiplier === 2 && starter === 3)
  })

  it('is away once, and back once', () => {
    given(liap, [...turning, { type: 'BotTookOver', player: 'bob' }])
      .when(away)
      .thenNothing()
    given(liap, turning).when(back).thenNothing()
  })

  it('is not a bot', () => {
    const withBot = [started({ bots: ['bob'] }), dealt(strongHands)]
    given(liap, withBot).when(away).thenNothing()
    given(liap, withBot).when(back).thenRejected('seat-of-a-bot')
  })
})
