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
const failures = []
const hold = (what, isTrue) => {
  console.log(`${isTrue ? 'holds' : 'FAILS'}  ${what}`)
  if (!isTrue) failures.push(what)
}

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
    `all ${games} games are archived`,
    imported.games === games && imported.archived === games && imported.skipped.length === 0,
  )
  hold('it took less than 3 minutes', seconds < 180)
  const state = stateOf(whole)
  for (const [at, board] of ['points', 'wins', 'games'].entries()) {
    const rows = state.boards[at]
    hold(
      `the board ${board} equals the count (${counted[board].size} players)`,
      rows.length === counted[board].size &&
        rows.every(({ player, score }) => counted[board].get(player) === score),
    )
  }
  hold('player lists all games of a name', state.player.length === counted.games.get('Kasparov, Gary'))
  const verified = run('verify', '--deep', '--data', whole)
  hold(
    `verify --deep is clean (${verified.games} games, ${verified.events} events)`,
    verified.ok && verified.games === games,
  )
  const again = run('import', file, '--data', whole)
  hold('a second import adds nothing', again.games === 0 && again.moves === 0 && again.already === games)

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
  hold('after the kills all games are archived', last.archived === games)
  hold('after the kills boards and players are the same', isDeepStrictEqual(stateOf(killed), state))
  const verifiedAfter = run('verify', '--deep', '--data', killed)
  hold('after the kills verify --deep is clean', verifiedAfter.ok && verifiedAfter.events === verified.events)
} finally {
  rmSync(root, { recursive: true, force: true })
}
console.log(`${failures.length === 0 ? 'All held' : `${failures.length} failed`}.`)
process.exitCode = failures.length === 0 ? 0 : 1
