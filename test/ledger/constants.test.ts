/** States share nothing with constants, events or older games: whatever a careless `evolve` keeps. */
import { isRight } from 'fp-ts/lib/Either.js'
import { accept, defineGame, memoryColdStore, memoryJournal, openLedger, type AnyGame } from 'gameledger'
import { describe, expect, test } from 'vitest'

interface Cards {
  deck: number[]
  hand: number[]
}

type CardsCommand = { readonly type: 'Play'; readonly events: readonly CardsEvent[] }

type CardsEvent =
  | { readonly type: 'Dealt'; readonly deck?: number }
  | { readonly type: 'Drawn' }
  | { readonly type: 'Given'; readonly cards: readonly number[] }
  | { readonly type: 'Cleared' }

/** A game whose constants are its own: a new one for each test, since what is frozen stays frozen. */
const cardsGame = () => {
  const decks = [
    [1, 2, 3],
    [4, 5, 6],
  ]
  const initial: Cards = { deck: [9, 9], hand: [] }
  const game = defineGame({
    kind: 'cards',
    initialState: initial,
    decide: ({ events }: CardsCommand) => accept(...events),
    evolve(state: Cards, event: CardsEvent): void | Cards {
      if (event.type === 'Dealt') state.deck = decks[event.deck ?? 0]!
      if (event.type === 'Drawn') state.hand.push(state.deck.pop()!)
      if (event.type === 'Given') state.deck = event.cards as number[]
      if (event.type === 'Cleared') return initial
      return undefined
    },
    isTerminal: () => false,
  })
  return { game, decks, initial }
}

const open = (game: AnyGame, checks: boolean, journal = memoryJournal()) =>
  openLedger({ games: [game], journal, archive: memoryColdStore(), checks })

const play = (...events: CardsEvent[]): CardsCommand => ({ type: 'Play', events })
const dealt: CardsEvent = { type: 'Dealt' }
const drawn: CardsEvent = { type: 'Drawn' }

describe.each([
  ['development', true],
  ['production', false],
])('in %s', (_, checks) => {
  test('a constant that evolve puts into the state is not changed by later events', async () => {
    const { game, decks } = cardsGame()
    const ledger = await open(game, checks)
    for (const id of ['a', 'b', 'c']) {
      const handle = ledger.game(game, id)
      for (const command of [play(dealt), play(drawn), play(drawn)])
        expect(isRight(await handle.dispatch(command))).toBe(true)
      expect(handle.state).toEqual({ deck: [1], hand: [3, 2] })
    }
    expect(decks[0]).toEqual([1, 2, 3])
    await ledger.close()
  })

  test('nor by later events of the same command', async () => {
    const { game, decks } = cardsGame()
    const ledger = await open(game, checks)
    for (const id of ['a', 'b', 'c']) {
      const handle = ledger.game(game, id)
      expect(isRight(await handle.dispatch(play(dealt, drawn, drawn)))).toBe(true)
      expect(handle.state).toEqual({ deck: [1], hand: [3, 2] })
    }
    expect(decks[0]).toEqual([1, 2, 3])
    await ledger.close()
  })

  test('nor by a replay of a recovered game, before anything else was folded', async () => {
    const journal = memoryJournal()
    const first = cardsGame()
    const before = await open(first.game, checks, journal)
    await before.game(first.game, 'a').dispatch(play(dealt))
    await before.game(first.game, 'a').dispatch(play(drawn))
    await before.close()

    const { game, decks } = cardsGame()
    const ledger = await open(game, checks, journal)
    for (let time = 0; time < 2; time++)
      expect(await ledger.replay(game, 'a')).toMatchObject({ right: { state: { deck: [1, 2], hand: [3] } } })
    expect(decks[0]).toEqual([1, 2, 3])
    await ledger.close()
  })

  test('what an event holds stays as it was recorded, though evolve keeps it and later events write into it', async () => {
    const { game } = cardsGame()
    const ledger = await open(game, checks)
    const published: unknown[] = []
    ledger.events$.subscribe(({ event }) => published.push(structuredClone(event)))
    const given = (): CardsEvent => ({ type: 'Given', cards: [7, 8] })
    for (const id of ['a', 'b', 'c']) {
      const handle = ledger.game(game, id)
      const answers = await Promise.all([
        handle.dispatch(play(given(), drawn)),
        handle.dispatch(play(given())),
        handle.dispatch(play(drawn)),
      ])
      expect(answers.every(isRight)).toBe(true)
      expect(answers[0]).toMatchObject({ right: { events: [given(), drawn] } })
      expect(handle.state).toEqual({ deck: [7], hand: [8, 8] })
      expect(published.splice(0)).toEqual([given(), drawn, given(), drawn])
      const replay = await ledger.replay(game, id)
      expect(replay).toMatchObject({ right: { state: { deck: [7], hand: [8, 8] } } })
      if (isRight(replay))
        expect(replay.right.events.map(({ event }) => event)).toEqual([given(), drawn, given(), drawn])
    }
    await ledger.close()
  })

  test('an evolve that returns the initial state does not let the next events write into it', async () => {
    const { game, initial } = cardsGame()
    const ledger = await open(game, checks)
    for (const id of ['a', 'b', 'c']) {
      const handle = ledger.game(game, id)
      for (const command of [play(drawn), play({ type: 'Cleared' }), play(drawn)])
        expect(isRight(await handle.dispatch(command))).toBe(true)
      expect(handle.state).toEqual({ deck: [9], hand: [9] })
    }
    expect(initial).toEqual({ deck: [9, 9], hand: [] })
    await ledger.close()
  })

  test('the initial state of a game is never changed, also where it is not frozen', async () => {
    const { game } = cardsGame()
    const initialState: Cards = { deck: [9, 9], hand: [] }
    const thawed = { ...game, initialState }
    const ledger = await open(thawed, checks)
    for (const id of ['a', 'b']) {
      const handle = ledger.game(thawed, id)
      await handle.dispatch(play(drawn))
      await handle.dispatch(play(drawn))
      expect(handle.state).toEqual({ deck: [], hand: [9, 9] })
    }
    expect(initialState).toEqual({ deck: [9, 9], hand: [] })
    await ledger.close()
  })
})
