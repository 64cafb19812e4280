/** Whole games of Liap by bots alone: each sees its own hand, acts in its turn, and nobody else sends anything. */
import { bots, fastClock, memoryColdStore, memoryJournal, openLedger, type EventEnvelope } from 'gameledger'
import { expect, test } from 'vitest'
import { chooseCommand, liap, liapBots, seatsOf, type LiapView } from '../../../examples/liap/index.js'

/** Plays games to their end, and gives their events. */
const played = async (games: number, reactor: ReturnType<typeof liapBots>): Promise<EventEnvelope[]> => {
  const ledger = await openLedger({
    games: [liap],
    journal: memoryJournal(),
    archive: memoryColdStore(),
    clock: fastClock(1_000),
    reactors: [reactor],
  })
  const faults: string[] = []
  ledger.faults$.subscribe(({ message }) => faults.push(message))
  const events: EventEnvelope[] = []
  const over = new Promise<void>((resolve) => {
    let ended = 0
    ledger.events$.subscribe((envelope) => {
      events.push(envelope)
      if (envelope.final && ++ended === games) resolve()
    })
  })
  for (let n = 0; n < games; n++)
    await ledger
      .game(liap, `g${n}`)
      .dispatch({ type: 'Start', seats: seatsOf(n === 0 ? ['ann'] : []), options: { roundLimit: 3 } })
  // A person who never comes is played by a bot from now on.
  await ledger.game(liap, 'g0').dispatch({ type: 'TakeOver', player: 'ann' })
  await over
  await ledger.close()
  expect(faults).toEqual([])
  return events
}

test('they play to the end, each acting once on each version', async () => {
  const events = await played(10, liapBots())
  const acting = events.filter(({ commandId }) => commandId?.startsWith('bot/'))
  const started = events.filter(({ commandId }) => commandId === undefined)
  expect(started.filter(({ event }) => ['Declared', 'Played'].includes(event.type))).toEqual([])
  // The first event of a command stands right behind the version that its id names.
  const ids = new Set(acting.map(({ gameId, commandId }) => `${gameId} ${commandId}`))
  const firsts = acting.filter(({ commandId, version }) => commandId!.endsWith(`/${version - 1}`))
  expect(firsts.length).toBe(ids.size)
  expect(events.filter(({ event }) => event.type === 'Ended').length).toBe(10)
  expect(acting.some(({ gameId, actor }) => gameId === 'g0' && actor === 'ann')).toBe(true)
})

test('no policy is shown a hand of another seat', async () => {
  let hands = 0
  const watched = bots({
    game: liap,
    policy: (view: LiapView, player, random) => {
      const shown = view.seats.filter(({ hand }) => hand !== undefined)
      if (shown.length !== 1 || shown[0]!.player !== player) throw new Error(`${player} sees too much`)
      hands++
      return chooseCommand(view, view.seat!, random)
    },
  })
  await played(3, watched)
  expect(hands).toBeGreaterThan(100)
})
