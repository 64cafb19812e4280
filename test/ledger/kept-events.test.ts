/** An `evolve` that keeps events themselves in its state, and writes into them later, changes nothing that was recorded. */
import { isRight } from 'fp-ts/lib/Either.js'
import { accept, defineGame, memoryColdStore, memoryJournal, openLedger } from 'gameledger'
import { expect, test } from 'vitest'

type NoteEvent = { readonly type: 'Noted'; text: string } | { readonly type: 'Edited'; readonly text: string }

const notes = defineGame({
  kind: 'notes',
  initialState: { notes: [] },
  decide: ({ event }: { readonly type: 'Write'; readonly event: NoteEvent }) => accept(event),
  evolve(state: { notes: { text: string }[] }, event: NoteEvent) {
    if (event.type === 'Noted') state.notes.push(event)
    else state.notes.at(-1)!.text = event.text
  },
  isTerminal: () => false,
})

test.each([
  ['development', true],
  ['production', false],
])('in %s', async (_, checks) => {
  const ledger = await openLedger({
    games: [notes],
    journal: memoryJournal(),
    archive: memoryColdStore(),
    checks,
  })
  const published: unknown[] = []
  ledger.events$.subscribe(({ event }) => published.push({ ...event }))
  for (const id of ['a', 'b', 'c']) {
    const game = ledger.game(notes, id)
    const noted = (): NoteEvent => ({ type: 'Noted', text: 'first' })
    const edited: NoteEvent = { type: 'Edited', text: 'second' }
    const answers = await Promise.all(
      [noted(), edited].map((event) => game.dispatch({ type: 'Write', event })),
    )
    expect(answers.map((answer) => isRight(answer) && answer.right.events)).toEqual([[noted()], [edited]])
    expect(published.splice(0)).toEqual([noted(), edited])
    expect(game.state?.notes.map(({ text }) => text)).toEqual(['second'])
    const replay = await ledger.replay(notes, id)
    expect(isRight(replay) && replay.right.events.map(({ event }) => event)).toEqual([noted(), edited])
  }
  await ledger.close()
})
