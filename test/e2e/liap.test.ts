/** Liap through a ledger: many games of bots, which come to what the rules say, and one as the command line shows it. */
import { expect, test } from 'vitest'
import { openLedger } from 'gameledger'
import { liap, playBotGame, projections, seatsOf } from '../../examples/liap/index.js'
import { inFolder, run, runJson } from './command.js'
import { proofProgram } from '../support/proof-program.js'

test('bots play games of Liap to the end, and what these come to is what the rules say', async () => {
  const said = await proofProgram('scripts/prove-liap.mjs')('--games', '40')
  expect(said).toContain('holds   verify --deep is clean: 40 games')
  expect(said).toContain('holds   all 40 games are archived')
  for (const figure of ['turns a round', 'plays a round', 'redeals a round', 'events a game of 20 rounds'])
    expect(said).toMatch(new RegExp(`holds   [\\d.]+ ${figure}`))
})

const module = ['--games', 'dist/examples/liap/index.js'] as const

interface Replayed {
  readonly final: boolean
  readonly events: readonly { readonly event: { readonly type: string; readonly hands?: readonly Hand[] } }[]
}
type Hand = { readonly player: string; readonly pieces: readonly unknown[] }

test('the command line shows a game of Liap, to a player with their own hands alone', async () => {
  await inFolder(async (folder) => {
    const ledger = await openLedger({ games: [liap], dir: folder, projections })
    await playBotGame(ledger, 'g1', { seats: seatsOf(['ann']), roundLimit: 2, random: () => 0.5 })
    await ledger.settled()
    await ledger.close()

    const dealsOf = ({ events }: Replayed) =>
      events.flatMap(({ event }) => event.hands?.map(({ player }) => [player]) ?? [])
    const whole = await runJson<Replayed>('replay', 'g1', '--data', folder, ...module)
    expect(whole.final).toBe(true)
    expect(new Set(dealsOf(whole).flat())).toEqual(new Set(['ann', 'Bot 2', 'Bot 3', 'Bot 4']))
    const seen = await runJson<Replayed>('replay', 'g1', '--as', 'ann', '--data', folder, ...module)
    expect(dealsOf(seen).length).toBeGreaterThanOrEqual(2)
    expect(new Set(dealsOf(seen).flat())).toEqual(new Set(['ann']))
    const { stdout } = await run('replay', 'g1', '--as', 'ann', '--to', '2', '--data', folder, ...module)
    expect(stdout).toContain('Round 1 of 2: ')
    expect(stdout.match(/8 pieces/g)).toHaveLength(3)

    const { rows } = await runJson<{ rows: { player: string; score: number }[] }>(
      'leaderboard',
      'turns-won',
      '--data',
      folder,
      ...module,
    )
    const turns = whole.events.filter(({ event }) => event.type === 'TurnWon').length
    expect(rows.reduce((sum, { score }) => sum + score, 0)).toBe(turns)
  })
})
