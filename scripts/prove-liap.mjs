// Plays games of Liap between bots to their end and checks all of it: `npm run prove:liap -- [--games 1000] [--seed S]`.
//
// 1. Through a ledger with a file journal and a file archive, many games at once; each bot sees its own view alone.
// 2. `verify --deep`: every game is archived, whole, and folds to the state that it ended with.
// 3. What games come to, beside what the rules say of simple bots: as exact as the figure is told, and four standard errors.
// 4. How many commands a second of one core that is, in memory, bots and views included.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openLedger, seededRandom } from '../dist/index.js'
import { liap, playBotGame, projections } from '../dist/examples/liap/index.js'
import { hold } from './proof.mjs'

const { values } = parseArgs({
  options: { games: { type: 'string', default: '1000' }, seed: { type: 'string', default: '1' } },
})
const games = Number(values.games)
const seed = Number(values.seed)
const atOnce = 64

/** Numbers of one kind: their mean, and its standard error. */
class Sample {
  count = 0
  sum = 0
  squares = 0
  add(value) {
    this.count++
    this.sum += value
    this.squares += value * value
  }
  get mean() {
    return this.sum / this.count
  }
  get error() {
    return Math.sqrt((this.squares / this.count - this.mean ** 2) / this.count)
  }
}

/** Each figure a round, and the events of games that went to round 20. */
const samples = { turns: new Sample(), plays: new Sample(), redeals: new Sample(), events: new Sample() }
const endings = new Map()
const rounds = new Map()

const count = ({ gameId, version, event }) => {
  const round = rounds.get(gameId) ?? { turns: 0, plays: 0, redeals: 0, number: 0 }
  rounds.set(gameId, round)
  if (event.type === 'Dealt' && event.multiplier > 1) round.redeals++
  if (event.type === 'Played') round.plays++
  if (event.type === 'TurnWon') round.turns++
  if (event.type === 'RoundScored') {
    for (const name of ['turns', 'plays', 'redeals']) samples[name].add(round[name])
    rounds.set(gameId, { turns: 0, plays: 0, redeals: 0, number: event.round })
  }
  if (event.type === 'Ended') {
    endings.set(event.reason, (endings.get(event.reason) ?? 0) + 1)
    if (round.number === 20) samples.events.add(version)
    rounds.delete(gameId)
  }
}

/** Plays so many games, some at once; returns how many commands that took, and the seconds of the processor. */
const playAll = async (ledger, number) => {
  const { next } = seededRandom(seed)
  let commands = 0
  let begun = 0
  const before = process.cpuUsage()
  const play = async () => {
    while (begun < number)
      await playBotGame(ledger, `game-${++begun}`, { random: next, acknowledged: () => commands++ })
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, number) }, play))
  return { commands, seconds: process.cpuUsage(before).user / 1e6 }
}

const directory = mkdtempSync(join(tmpdir(), 'gameledger-liap-'))
try {
  const ledger = await openLedger({ games: [liap], dir: directory, chance: seededRandom(seed), projections })
  ledger.events$.subscribe(count)
  const begun = performance.now()
  const { commands } = await playAll(ledger, games)
  await ledger.settled()
  const seconds = (performance.now() - begun) / 1_000
  console.log(
    `${games} games, ${commands} commands in ${seconds.toFixed(1)} s; ` +
      [...endings].map(([reason, number]) => `${reason} ${number}`).join(', '),
  )
  const verified = await ledger.verify({ deep: true })
  hold(
    verified.ok && verified.games === games,
    `verify --deep is clean: ${verified.games} games, ${verified.events} events, ${verified.notComparable} not comparable`,
  )
  const { live } = ledger.stats().games
  const archived = await ledger.archive.count()
  hold(archived.games === games && live === 0, `all ${games} games are archived`)
  hold(
    [...endings.values()].reduce((sum, number) => sum + number, 0) === games,
    'each of them has ended once',
  )
  await ledger.close()

  const compare = (name, told, exactness, unit) => {
    const { mean, error } = samples[name]
    hold(
      Math.abs(mean - told) <= exactness + 4 * error,
      `${mean.toFixed(3)} ${name} ${unit}, standard error ${error.toFixed(3)} (about ${told})`,
    )
  }
  compare('turns', 6.5, 0.05, 'a round')
  compare('plays', 26, 0.5, 'a round')
  compare('redeals', 0.37, 0.005, 'a round')
  // 750 are 26 plays, 6.5 turns won, 4 declarations and a deal a round. Scoring and redeals are events here, too: a
  // twentieth is allowed for them.
  compare('events', 750, 750 / 20, `a game of 20 rounds, ${samples.events.count} games`)

  const memory = await openLedger({ games: [liap], chance: seededRandom(seed), checks: false })
  const measured = await playAll(memory, Math.min(games, 200))
  await memory.close()
  const perSecond = Math.round(measured.commands / measured.seconds)
  console.log(`in memory ${perSecond} commands a second of the processor, bots and their views included`)
} finally {
  rmSync(directory, { recursive: true, force: true })
}
console.log(process.exitCode ? 'Something failed.' : 'All held.')
