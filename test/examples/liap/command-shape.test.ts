/** What comes from outside and is no command is refused before the rules of Liap see it, and never makes them throw. */
import fc from 'fast-check'
import { isLeft } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { defineGame, openLedger, RulesError, seededRandom } from 'gameledger'
import type { LiapCommand } from '../../../examples/liap/commands.js'
import { liap, seatsOf } from '../../../examples/liap/index.js'
import { names, pieces } from './table.js'
import { unrulyGame } from './unruly-game.js'

const problemOf = (value: unknown): string | undefined => {
  const checked = liap.validate!.command!['~standard'].validate(value)
  if (checked instanceof Promise) throw new Error('it must answer at once')
  return checked.issues?.[0]?.message
}

describe('the shape of a command', () => {
  it.each([
    ['nothing', undefined, 'type is one of'],
    ['null', null, 'type is one of'],
    ['no type', {}, 'type is one of'],
    ['a type that is none', { type: 'Fold', player: 'ann' }, 'type is one of'],
    ['a type that objects have', { type: 'constructor' }, 'type is one of'],
    ['no player', { type: 'Declare', piles: 1 }, 'player'],
    ['a number as text', { type: 'Declare', player: 'ann', piles: '1' }, 'piles'],
    ['no pieces', { type: 'Play', player: 'ann' }, 'pieces'],
    ['an empty place among pieces', { type: 'Play', player: 'ann', pieces: [null] }, 'pieces'],
    [
      'a piece of no kind',
      { type: 'Play', player: 'ann', pieces: [{ kind: 'QUEEN', colour: 'red' }] },
      'pieces',
    ],
    ['a piece of no colour', { type: 'Play', player: 'ann', pieces: [{ kind: 'HORSE' }] }, 'pieces'],
    ['seats that are names', { type: 'Start', seats: names }, 'seats'],
    ['a bot by another word than true', { type: 'Start', seats: [{ player: 'ann', isBot: 1 }] }, 'seats'],
    ['options of null', { type: 'Start', seats: [], options: null }, 'options'],
    ['a target as text', { type: 'Start', seats: [], options: { target: '50' } }, 'options'],
  ])('is not %s', (_, value, problem) => expect(problemOf(value)).toContain(problem))

  it('is that of all commands of whole games', () => {
    for (const { command } of unrulyGame(3))
      expect([command, problemOf(command)]).toEqual([command, undefined])
    const options = { target: 30, roundLimit: null }
    for (const command of [
      { type: 'Start', seats: seatsOf(['ann']), options },
      { type: 'Play', player: 'ann', pieces: pieces('GAE') },
    ] satisfies LiapCommand[])
      expect(problemOf(command)).toBeUndefined()
  })

  it('keeps the rules from throwing', async () => {
    const { validate, ...unchecked } = liap
    const command = { type: 'Start', seats: names } as unknown as LiapCommand
    for (const game of [defineGame(unchecked), defineGame({ ...unchecked, validate: validate! })]) {
      const ledger = await openLedger({ games: [game] })
      const answer = ledger.game(game, 'g1').dispatch(command)
      if (game.validate) expect(await answer).toMatchObject({ left: { reason: 'invalid-command' } })
      else await expect(answer).rejects.toThrow(RulesError)
      await ledger.close()
    }
  })

  it('lets nothing through that makes the rules throw', async () => {
    const ledger = await openLedger({ games: [liap], chance: seededRandom(1) })
    const game = ledger.game(liap, 'g1')
    await game.dispatch({ type: 'Start', seats: names.map((player) => ({ player })) })
    const part = fc.oneof(
      fc.anything({ maxDepth: 2 }),
      fc.constantFrom<unknown>(...names, ...Array.from('GAs', (letter) => pieces(letter)), [
        { player: 'ann' },
      ]),
    )
    const types = [
      'Start',
      'AcceptRedeal',
      'DeclineRedeal',
      'Declare',
      'Play',
      'TakeOver',
      'Return',
      'TimeOut',
    ]
    const command = fc.record({
      type: fc.constantFrom(...types),
      player: fc.oneof(fc.constantFrom<unknown>(...names), part),
      piles: part,
      pieces: part,
      seats: part,
      options: part,
    })
    await fc.assert(
      fc.asyncProperty(command, async (value) => {
        const answer = await game.dispatch(value as LiapCommand)
        if (isLeft(answer)) expect(answer.left._tag).toBe('Rejected')
      }),
      { numRuns: 300 },
    )
    await ledger.close()
  })
})
