/**
 * A real PostgreSQL, from Debian's programs: a cluster of its own in a scratch directory, reached by a Unix socket there.
 * It never runs as root, which it refuses: there it is nobody. Up in about two seconds, most of them `initdb`.
 */
import { chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { nobody, programIn, run, ServerProcess } from './server-process.js'

const versions = '/usr/lib/postgresql'

/** Debian keeps the programs of each version in a directory of its own, the newest last. */
const directories = (): readonly string[] => {
  try {
    return readdirSync(versions)
      .toSorted((one, other) => Number(other) - Number(one))
      .map((version) => join(versions, version, 'bin'))
  } catch {
    return []
  }
}

const program = (name: string): string | undefined => programIn(name, directories()) ?? programIn(name)

/** What this machine lacks to run a PostgreSQL, with how to install it; `undefined` where nothing. */
export const postgresLack = (): string | undefined =>
  ['initdb', 'postgres'].every((name) => program(name) !== undefined) && programIn('setpriv') !== undefined
    ? undefined
    : 'postgres: apt-get install -y postgresql'

export interface PostgresServer {
  /** A connection string of the superuser, `postgres`. */
  readonly url: string
  /** SIGKILL of the whole server; `restart` recovers what it had committed. */
  kill(): Promise<void>
  restart(): Promise<void>
  pause(): void
  resume(): void
  stop(): Promise<void>
}

/** Starts a server of one's own. */
export const startPostgres = async (): Promise<PostgresServer> => {
  const directory = mkdtempSync(join(tmpdir(), 'gameledger-postgres-'))
  const data = join(directory, 'data')
  const user = 'postgres'
  const as = process.getuid?.() === 0 ? [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'] : []
  if (as.length > 0) chownSync(directory, nobody, nobody)
  run(
    'setpriv',
    ...as,
    program('initdb')!,
    '--pgdata',
    data,
    '--username',
    user,
    '--auth',
    'trust',
    '--encoding',
    'UTF8',
    '--locale',
    'C.UTF-8',
    '--no-sync',
  )
  const url = `postgres://${user}@/postgres?host=${encodeURIComponent(directory)}`
  const start = async (): Promise<ServerProcess> => {
    // A process that is killed leaves its page cache behind: syncs would prove nothing here, and cost seconds.
    const settings = ['listen_addresses=', 'fsync=off'].flatMap((setting) => ['-c', setting])
    const words = ['-D', data, '-k', directory, '-p', '5432', ...settings]
    const server = new ServerProcess(program('postgres')!, words, { asNobody: true })
    await server.until(() => accepts(url))
    return server
  }
  let server = await start()
  return {
    url,
    kill: () => server.kill(),
    async restart() {
      server = await start()
    },
    pause: () => server.pause(),
    resume: () => server.resume(),
    async stop() {
      await server.kill()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

const accepts = async (url: string): Promise<boolean> => {
  const client = new Client(url)
  // A server that is starting hangs up now and then.
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.end()
    return true
  } catch {
    return false
  }
}
