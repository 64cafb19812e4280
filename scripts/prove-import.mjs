// Proves the import on a file of real games: `npm run prove:import -- [FILE.pgn[.gz]] [--kills N]`.
//
// 1. A count of its own over the file's result tags (no code of the ledger).
// 2. Imports the file into a new folder: time and memory; boards, a player's games, a second import, verify --deep.
// 3. Imports it again into another folder, killed by SIGKILL at N random moments, each followed by running it again:
//    the boards, players and archived games must be the same.
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual, parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { hold } from './proof.mjs'

const { values, positionals } = parseArgs({
  options: { kills: { type: 'string', default: '10' } },
  allowPositionals: true,
})
const file = positionals[0] ?? '../shared/data/chess/games.pgn.gz'
if (!existsSync(file)) {
  console.log(`skipped: import of real games (${file} is absent; name a PGN file)`)
  process.exit(0)
}
const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))
const run = (...args) =>
  JSON.parse(
    execFileSync('node', [main, ...args, '--json'], {
      maxBuffer: 1 << 30,
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  )

// The count of its own.
const bytes = readFileSync(file)
const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
const counted = { points: new Map(), wins: new Map(), games: new Map() }
const add = (board, player, value) => counted[board].set(player, (counted[board].get(player) ?? 0) + value)
for (const [, white, black, result] of text.matchAll(
  /\[White "(.*)"\]\s*\[Black "(.*)"\]\s*\[Result "(.*)"\]/g,
))
  for (const [player, score] of [
    [white, { '1-0': 1, '0-1': 0 }[result] ?? 0.5],
    [black, { '1-0': 0, '0-1': 1 }[result] ?? 0.5],
  ]) {
    add('points', player, score)
    add('wins', player, score === 1 ? 1 : 0)
    add('games', player, 1)
  }

const stateOf = (dir) => ({
  boards: ['points', 'wins', 'games', 'rating'].map((board) =>
    run('leaderboard', board, '--top', '1000000', '--data', dir).rows.map(
      ({ rank, player, score, games }) => ({ rank, player, score, games }),
    ),
  ),
  player: run('player', 'Kasparov, Gary', '--data', dir).archived.map(({ gameId }) => gameId),
})

const root = mkdtempSync(join(tmpdir(), 'gameledger-prove-'))
try {
  const whole = join(root, 'whole')
  const begun = performance.now()
  const imported = run('import', file, '--data', whole)
  const seconds = (performance.now() - begun) / 1_000
  console.log(
    `import: ${imported.games} games, ${imported.moves} moves, ${imported.skipped.length} skipped, ${seconds.toFixed(1)} s`,
  )
  const games = [...text.matchAll(/^\[Result /gm)].length
  hold(
    imported.games === games && imported.archived === games && imported.skipped.length === 0,
    `all ${games} games are archived`,
  )
  hold(seconds < 180, 'it took less than 3 minutes')
  const state = stateOf(whole)
  for (const [at, board] of ['points', 'wins', 'games'].entries()) {
    const rows = state.boards[at]
    hold(
      rows.length === counted[board].size &&
        rows.every(({ player, score }) => counted[board].get(player) === score),
      `the board ${board} equals the count (${counted[board].size} players)`,
    )
  }
  hold(state.player.length === counted.games.get('Kasparov, Gary'), 'player lists all games of a name')
  const verified = run('verify', '--deep', '--data', whole)
  hold(
    verified.ok && verified.games === games,
    `verify --deep is clean (${verified.games} games, ${verified.events} events)`,
  )
  const again = run('import', file, '--data', whole)
  hold(again.games === 0 && again.moves === 0 && again.already === games, 'a second import adds nothing')

  const killed = join(root, 'killed')
  for (let kill = 1; kill <= Number(values.kills); kill++) {
    const afterMs = 300 + Math.random() * seconds * 150
    await new Promise((done) => {
      const child = spawn('node', [main, 'import', file, '--data', killed, '--json'], { stdio: 'ignore' })
      const timer = setTimeout(() => child.kill('SIGKILL'), afterMs)
      child.on('exit', (code, signal) => {
        clearTimeout(timer)
        console.log(`kill ${kill} after ${Math.round(afterMs)} ms: ${signal ?? `ended with ${code}`}`)
        done()
      })
    })
  }
  const last = run('import', file, '--data', killed)
  console.log(`the last run added ${last.games} games and had ${last.already}`)
  hold(last.archived === games, 'after the kills all games are archived')
  hold(isDeepStrictEqual(stateOf(killed), state), 'after the kills boards and players are the same')
  const verifiedAfter = run('verify', '--deep', '--data', killed)
  hold(verifiedAfter.ok && verifiedAfter.events === verified.events, 'after the kills verify --deep is clean')
} finally {
  rmSync(root, { recursive: true, force: true })
}
console.log(process.exitCode ? 'Something failed.' : 'All held.')
