// The peers, where they are installed: `npm install --prefix bench`. Each keeps an event as the line under its position,
// in one transaction a group, and answers when that is synced; none has an index besides. SQLite runs on this thread,
// without the way to a worker and back; so it holds up everything else while it writes, which is not measured here.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { lineOf, streams } from './contenders.mjs'

const line = lineOf(1_000)
const requireHere = createRequire(new URL('../package.json', import.meta.url))

const sqlite = (open) => async (directory) => {
  const database = open(join(directory, 'events.db'))
  database.exec('PRAGMA journal_mode = WAL')
  database.exec('PRAGMA synchronous = FULL')
  database.exec('CREATE TABLE events (position INTEGER PRIMARY KEY, stream TEXT, version INTEGER, line BLOB)')
  const insert = database.prepare('INSERT INTO events VALUES (?, ?, ?, ?)')
  const [begin, commit] = [database.prepare('BEGIN'), database.prepare('COMMIT')]
  return {
    write: async (from, count) => {
      begin.run()
      for (let nth = from; nth < from + count; nth++)
        insert.run(nth + 1, streams[nth % streams.length], Math.floor(nth / streams.length) + 1, line)
      commit.run()
    },
    close: async () => database.close(),
  }
}

/** `put` resolves when its transaction is synced, which `overlappingSync` would put off. */
const lmdb =
  ({ open }) =>
  async (directory) => {
    const database = open({
      path: join(directory, 'events.mdb'),
      encoding: 'binary',
      keyEncoding: 'uint32',
      overlappingSync: false,
    })
    return {
      write: async (from, count) => {
        let last
        for (let nth = from; nth < from + count; nth++) last = database.put(nth + 1, line)
        await last
      },
      close: () => database.close(),
    }
  }

const makers = {
  'better-sqlite3': (Database) => {
    // Its native part is loaded with the first database.
    new Database(':memory:').close()
    return sqlite((path) => new Database(path))
  },
  'node:sqlite': ({ DatabaseSync }) => sqlite((path) => new DatabaseSync(path)),
  lmdb,
}
const remedies = {
  'better-sqlite3': 'npm install --prefix bench, with this Node',
  'node:sqlite': 'it comes with Node 22.13 and later',
  lmdb: 'npm install --prefix bench, with this Node',
}

/** Contenders by name; of those that are absent it is said how to get them. */
export const peers = () => {
  const found = {}
  for (const [name, make] of Object.entries(makers))
    try {
      found[name] = make(requireHere(name))
    } catch (cause) {
      if (!/MODULE|bindings file|self-register/.test(`${cause.code} ${cause.message}`)) throw cause
      console.log(`skipped: ${name} is not here (${remedies[name]})`)
    }
  return found
}
