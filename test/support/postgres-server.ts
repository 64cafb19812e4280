/**
 * A real PostgreSQL for tests: a cluster of its own in a temporary folder, reached through a socket in it alone.
 *
 * Its programs are looked for where Debian puts them, then on the path. It does not run as root: where the tests do, the
 * server runs as the user `postgres` that the package brings. It ends with the test process.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

const debian = '/usr/lib/postgresql'

/** The folder of the newest programs that are installed. */
const programs = (): string | undefined => {
  const versions = existsSync(debian)
    ? readdirSync(debian).sort((one, other) => Number(other) - Number(one))
    : []
  const folders = [
    ...versions.map((version) => join(debian, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ]
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')))
}

/** Who may run it, where the tests run as root: `undefined` where there is no such user. */
const unprivileged = (): { readonly uid: number; readonly gid: number } | undefined => {
  const line = /^postgres:[^:]*:(\d+):(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8'))
  return line ? { uid: Number(line[1]), gid: Number(line[2]) } : undefined
}

const isRoot = process.getuid?.() === 0

/** What this machine lacks to run a PostgreSQL, with how to install it; `undefined` where nothing. */
export const postgresLack = (): string | undefined =>
  programs() === undefined || (isRoot && unprivileged() === undefined)
    ? 'postgres: apt-get install -y postgresql'
    : undefined

export interface PostgresServer {
  /** A connection string of the superuser. */
  readonly url: string
  stop(): Promise<void>
}

/** How long a cluster may take to start on a busy machine. */
const startMsMax = 30_000

/** Starts a server on a new, empty cluster. @throws Error with what the server said where it does not start */
export const startPostgres = async (): Promise<PostgresServer> => {
  const bin = programs()!
  const owner = isRoot ? unprivileged() : undefined
  const folder = mkdtempSync(join(tmpdir(), 'gameledger-postgres-'))
  if (owner) chownSync(folder, owner.uid, owner.gid)
  const data = join(folder, 'data')
  const options = { ...owner, cwd: folder }
  execFileSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync'],
    {
      ...options,
      stdio: 'pipe',
    },
  )
  // Nothing here outlives a loss of power, so nothing is synced.
  const settings = ['listen_addresses=', 'fsync=off', 'max_connections=20', 'shared_buffers=16MB']
  const server = spawn(
    join(bin, 'postgres'),
    ['-D', data, '-k', folder, ...settings.flatMap((setting) => ['-c', setting])],
    { ...options, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  const kill = (): void => void server.kill('SIGQUIT')
  process.once('exit', kill)
  const stop = async (): Promise<void> => {
    process.off('exit', kill)
    await ended(server, 'SIGINT')
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await ready(server)
  } catch (error) {
    await stop()
    throw error
  }
  return { url: `postgres://postgres@/postgres?host=${encodeURIComponent(folder)}`, stop }
}

const ended = (server: ChildProcess, signal: NodeJS.Signals): Promise<void> =>
  new Promise((resolve) => {
    if (server.exitCode !== null || server.signalCode !== null) return resolve()
    server.once('exit', () => resolve())
    server.kill(signal)
  })

const ready = (server: ChildProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    let said = ''
    const fail = (): void => reject(new Error(`PostgreSQL did not start. It said:\n${said}`))
    const timer = setTimeout(fail, startMsMax)
    server.once('exit', fail)
    server.once('error', reject)
    server.stderr!.on('data', (data: Buffer) => {
      // What it says later is of no interest, but has to be read: a full pipe would stop it.
      if (said.length < 100_000) said += data.toString()
      if (!said.includes('ready to accept connections')) return
      clearTimeout(timer)
      server.off('exit', fail)
      resolve()
    })
  })
