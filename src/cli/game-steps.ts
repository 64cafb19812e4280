/** Steps through a replayed game on a terminal: arrows or j and k, Home and End or 0 and $, q to leave. */
import { emitKeypressEvents } from 'node:readline'
import type { AnyGame, Replay, ReplayedState } from '../index.js'
import { boardOf, eventless, eventLine, headOf, showPage } from './game-text.js'
import { styled } from './terminal.js'

type Key = { readonly name?: string; readonly sequence?: string; readonly ctrl?: boolean }

const nextAt = (at: number, last: number, { name, sequence }: Key): number => {
  if (name === 'right' || name === 'j' || name === 'space') return Math.min(at + 1, last)
  if (name === 'left' || name === 'k') return Math.max(at - 1, 0)
  if (name === 'home' || sequence === '0') return 0
  if (name === 'end' || sequence === '$') return last
  return at
}

/** States as they are stepped to; those that were seen are kept, for steps back. */
const statesOf = (replay: Replay): ((version: number) => ReplayedState) => {
  const states = replay.states()
  const seen: ReplayedState[] = []
  return (version) => {
    for (let next; seen.length <= version && !(next = states.next()).done;) seen.push(next.value)
    return seen[version]!
  }
}

/** Shows the game version by version, until the user leaves. */
export const stepThrough = async (game: AnyGame, gameId: string, replay: Replay): Promise<void> => {
  const stateAt = statesOf(replay)
  // Some may be hidden: an event stands at its version, not at its place in the list.
  const events = new Map(replay.events.map((event) => [event.version as number, event]))
  const last = replay.version
  const show = (at: number): void => {
    const event = events.get(at)
    showPage([
      headOf(game, gameId, { version: at, final: replay.final && at === last }),
      event ? eventLine(event) : eventless(at),
      '',
      boardOf(game, stateAt(at).state),
      '',
      styled('dim', `${at} of ${last}   right/j next   left/k back   Home/0 first   End/$ last   q leave`),
    ])
  }
  emitKeypressEvents(process.stdin)
  process.stdin.setRawMode(true)
  process.stdin.resume()
  try {
    await new Promise<void>((leave) => {
      let at = 0
      show(at)
      process.stdin.on('keypress', (_text: string | undefined, key: Key) => {
        if (key.name === 'q' || key.name === 'escape' || (key.ctrl && key.name === 'c')) return leave()
        at = nextAt(at, last, key)
        show(at)
      })
    })
  } finally {
    process.stdin.setRawMode(false)
    process.stdin.pause()
  }
}
