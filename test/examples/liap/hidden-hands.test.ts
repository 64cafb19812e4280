/**
 * No view, no event and no board of Liap ever tells a hand to anybody but its owner and operators.
 *
 * Two proofs over whole games. Non-interference: whatever the others hold, the viewer sees the same, so nothing that is
 * shown can depend on it. And a search: every piece that is anywhere in a view is one that the viewer may see.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom } from 'gameledger/testing'
import { isRight } from 'fp-ts/lib/Either.js'
import { openLedger, type Viewer } from 'gameledger'
import type { LiapEvent } from '../../../examples/liap/events.js'
import { liap, playBotGame, type LiapState, type LiapView } from '../../../examples/liap/index.js'
import type { Piece } from '../../../examples/liap/pieces.js'
import { nameOf } from './oracle.js'
import { names } from './table.js'
import { unrulyGame } from './unruly-game.js'

const viewers: readonly Viewer[] = [
  ...names.map((player) => ({ as: 'player', player }) as const),
  { as: 'player', player: 'a stranger' },
  { as: 'spectator' },
]

type View = (state: LiapState, viewer: Viewer) => unknown
const view = liap.view as View

const ownSeat = (viewer: Viewer): number =>
  viewer.as === 'player' ? names.indexOf(viewer.player as 'ann') : -1

/** The same game to the viewer, with other pieces in all other hands, and other people who decide about a redeal. */
const otherwise = (state: LiapState, viewer: Viewer, random: () => number): LiapState => {
  const own = ownSeat(viewer)
  const other = structuredClone(state)
  const pool = other.seats.flatMap(({ hand }, seat) => (seat === own ? [] : hand))
  for (const [seat, { hand }] of other.seats.entries())
    if (seat !== own)
      hand.forEach((_, at) => (hand[at] = pool.splice(Math.floor(random() * pool.length), 1)[0]!))
  const others = [0, 1, 2, 3].filter((seat) => seat !== own)
  const isOwn = (seat: number): boolean => seat === own
  // Somebody is still to decide; who, and what the others want, is nobody's business.
  const drawn = others.filter(() => random() < 0.5)
  if (state.phase === 'preparation') {
    other.undecided = [...state.undecided.filter(isOwn), ...(drawn.length > 0 ? drawn : others)]
    other.accepters = [...state.accepters.filter(isOwn), ...others.filter(() => random() < 0.5)]
  }
  return other
}

/** How often, over a whole game, somebody sees a difference that is none of their business. */
const leaksOf = (seed: number, shown: View): number => {
  const { next } = seededRandom(seed)
  let leaks = 0
  for (const { states } of unrulyGame(seed, { roundLimit: 3 }))
    for (const state of states)
      for (const viewer of viewers) {
        const one = JSON.stringify(shown(state, viewer))
        if (one !== JSON.stringify(shown(otherwise(state, viewer, next), viewer))) leaks++
      }
  return leaks
}

const seeds = fc.integer({ min: 0, max: 2 ** 31 })

describe('a view', () => {
  it('is the same whatever the others hold and decide', () => {
    fc.assert(
      fc.property(seeds, (seed) => leaksOf(seed, view) === 0),
      { numRuns: 15 },
    )
  })

  it('as text is the same, too', () => {
    const text: View = (state, viewer) => liap.render!(view(state, viewer))
    fc.assert(
      fc.property(seeds, (seed) => leaksOf(seed, text) === 0),
      { numRuns: 5 },
    )
  })

  it.each<[string, View]>([
    ['shows the whole state', (state) => state],
    ['shows what an operator sees', (state) => view(state, { as: 'operator' })],
    ['shows the best piece of each hand', (state) => state.seats.map(({ hand }) => hand[0])],
    ['shows who has a weak hand', ({ undecided }) => undecided],
    ['shows who wants a redeal', ({ accepters }) => accepters],
  ])('would not pass if it %s', (_, shown) => {
    const leaks = [1, 2, 3, 4, 5, 6].map((seed) => leaksOf(seed, shown))
    expect(leaks.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0)
  })

  it('shows the viewer their own hand, what lies on the table, and no other piece', () => {
    for (let seed = 0; seed < 10; seed++)
      for (const { after } of unrulyGame(seed, { roundLimit: 3 }))
        for (const viewer of viewers) {
          const own = after.seats[ownSeat(viewer)]?.hand ?? []
          const open = [...after.plays, ...(after.lastTurn?.plays ?? [])].flatMap(({ pieces }) => pieces)
          expect(piecesIn(view(after, viewer))).toEqual(namesOf([...own, ...open]))
        }
  })

  it('shows an operator all hands', () => {
    for (const { after } of unrulyGame(1, { roundLimit: 1 })) {
      const { seats } = view(after, { as: 'operator' }) as LiapView
      expect(seats.map(({ hand }) => hand)).toEqual(after.seats.map(({ hand }) => hand))
    }
  })

  it('says who is to act: everybody in turn, and who decides about a redeal to themselves alone', () => {
    for (let seed = 0; seed < 10; seed++)
      for (const { after } of unrulyGame(seed, { roundLimit: 3 })) {
        const seen = viewers.map((viewer) => (view(after, viewer) as LiapView).toAct)
        if (after.phase === 'preparation')
          expect(seen).toEqual([
            ...names.map((_, seat) => after.undecided.filter((each) => each === seat)),
            [],
            [],
          ])
        else for (const toAct of seen) expect(toAct).toHaveLength(after.phase === 'over' ? 0 : 1)
      }
  })
})

const namesOf = (pieces: readonly Piece[]): string[] => pieces.map(nameOf).sort()

/** Every piece that is anywhere in a value, however deep, by name. */
const piecesIn = (value: unknown): string[] => {
  const found: Piece[] = []
  const search = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return
    if ('kind' in part && 'colour' in part) found.push(part as Piece)
    for (const each of Object.values(part)) search(each)
  }
  search(value)
  return namesOf(found)
}

describe('an event', () => {
  const seenBy = (event: LiapEvent, viewer: Viewer) => liap.viewEvent!(event, viewer) as LiapEvent | undefined

  it('of dealing shows the viewer their own pieces and no other', () => {
    for (let seed = 0; seed < 10; seed++)
      for (const { events } of unrulyGame(seed, { roundLimit: 2 }))
        for (const event of events) {
          if (event.type !== 'Dealt') continue
          for (const viewer of viewers) {
            const own = event.hands[ownSeat(viewer)]
            const seen = seenBy(event, viewer)
            expect(seen).toEqual({ ...event, hands: own ? [own] : [] })
            expect(piecesIn(seen)).toEqual(namesOf(own?.pieces ?? []))
          }
          expect(seenBy(event, { as: 'operator' })).toEqual(event)
        }
  })

  it('of a decision about a redeal is for whoever decided, and operators', () => {
    for (const type of ['RedealAccepted', 'RedealDeclined'] as const) {
      const event: LiapEvent = { type, player: 'ann', at: 1 }
      const seen = [...viewers, { as: 'operator' } as const].map(
        (viewer) => seenBy(event, viewer) !== undefined,
      )
      expect(seen).toEqual([true, false, false, false, false, false, true])
    }
  })

  it('of any other kind is for everybody, as it is', () => {
    for (const { events } of unrulyGame(2))
      for (const event of events)
        if (!['Dealt', 'RedealAccepted', 'RedealDeclined'].includes(event.type))
          for (const viewer of viewers) expect(seenBy(event, viewer)).toBe(event)
  })
})

describe('a ledger', () => {
  it('answers players and spectators with nothing more, live and by replay', async () => {
    const ledger = await openLedger({ games: [liap], chance: seededRandom(4), batchAgeMaxMs: 1 })
    const { next } = seededRandom(5)
    const seats = names.map((player) => ({ player }))
    const live: string[] = []
    const watching = ledger.events$.subscribe(({ version }) => {
      if (version % 40 !== 0) return
      for (const viewer of viewers)
        void ledger
          .game(liap, 'g1')
          .view(viewer)
          .then((seen) => isRight(seen) && live.push(...foreign(seen.right as LiapView, viewer)))
    })
    await playBotGame(ledger, 'g1', { seats, random: next, roundLimit: 3 })
    watching.unsubscribe()
    await ledger.settled()
    expect(live).toEqual([])
    for (const viewer of viewers) {
      const replay = await ledger.replay(liap, 'g1', { viewer })
      if (!isRight(replay)) throw new Error('cannot be replayed')
      for (const { event } of replay.right.events) {
        const { type, hands } = event as { type: string; hands?: { player: string }[] }
        if (type !== 'Dealt') continue
        expect(hands!.map(({ player }) => player)).toEqual(
          ownSeat(viewer) < 0 ? [] : [names[ownSeat(viewer)]],
        )
      }
      for (const { state } of replay.right.states())
        expect(foreign(state as unknown as LiapView, viewer)).toEqual([])
    }
    await ledger.close()
  })
})

/** Players whose hand is shown in a view that is not theirs. */
const foreign = ({ seats }: LiapView, viewer: Viewer): string[] =>
  seats.flatMap(({ player, hand }, seat) => (hand && seat !== ownSeat(viewer) ? [player] : []))
