/**
 * Which erasures an archive has seen: each has a number, which is what is left of the player's name.
 *
 *     erasures/000000000007.begun.json   {"format":1,"salt":"...","player":"<scrypt of the id>"}   while it is under way
 *     erasures/000000000007.done.json    {"format":1}                                              for ever
 *
 * An erasure that was interrupted has to go on under its number, or one player would become two. So while it is under
 * way it can be told whose it is, by who knows the id: it is hashed with a salt, slowly. Afterwards nothing tells it.
 */
import { randomBytes, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import type { PlayerId } from '../events/ids.js'
import { ArchiveTooNewError, CorruptManifestError } from './archive-error.js'
import type { ColdStore } from './cold-store.js'
import * as check from './shape-check.js'

const erasuresFormat = 1
const prefix = 'erasures/'
const keyPattern = /^erasures\/(\d{12})\.(begun|done)\.json$/
const keyOf = (n: number, state: 'begun' | 'done'): string =>
  `${prefix}${String(n).padStart(12, '0')}.${state}.json`

const hashBytes = 32
const hash = promisify<string, Buffer, number, Buffer>(scrypt)

const encode = (record: object): Buffer =>
  Buffer.from(`${JSON.stringify({ format: erasuresFormat, ...record })}\n`)

interface Begun {
  readonly salt: string
  readonly player: string
}

/** The numbers of one archive. */
interface Found {
  readonly begun: readonly number[]
  readonly done: ReadonlySet<number>
  readonly last: number
}

export class Erasures {
  readonly #store: ColdStore

  constructor(store: ColdStore) {
    this.#store = store
  }

  /** The number of the erasure of this player: that of one that was begun and has not ended, else a new one. */
  async begin(player: PlayerId): Promise<number> {
    const found = await this.#found()
    for (const n of found.begun) if (await this.#isOf(n, player)) return n
    const salt = randomBytes(16)
    const begun: Begun = {
      salt: salt.toString('hex'),
      player: (await hash(player, salt, hashBytes)).toString('hex'),
    }
    for (let n = found.last + 1; ; n++)
      if ((await this.#store.put(keyOf(n, 'begun'), encode(begun))) === 'stored') return n
  }

  /** It is done: nothing tells any more whose it was. */
  async end(n: number): Promise<void> {
    await this.#store.put(keyOf(n, 'done'), encode({}))
    await this.#store.delete(keyOf(n, 'begun'))
  }

  /** Those that were begun and have not ended. */
  async unfinished(): Promise<readonly number[]> {
    return (await this.#found()).begun
  }

  async #found(): Promise<Found> {
    const begun: number[] = []
    const done = new Set<number>()
    let last = 0
    for await (const key of this.#store.list(prefix)) {
      const [, digits, state] = keyPattern.exec(key) ?? []
      if (digits === undefined) continue
      const n = Number(digits)
      last = Math.max(last, n)
      if (state === 'done') done.add(n)
      else begun.push(n)
    }
    return { begun: begun.filter((n) => !done.has(n)), done, last }
  }

  async #isOf(n: number, player: PlayerId): Promise<boolean> {
    const key = keyOf(n, 'begun')
    const bytes = await this.#store.get(key)
    // It has ended just now.
    if (!bytes) return false
    const { salt, player: hashed } = parseBegun(key, bytes)
    return (await hash(player, Buffer.from(salt, 'hex'), hashBytes)).toString('hex') === hashed
  }
}

const parseBegun = (key: string, bytes: Buffer): Begun => {
  const parsed = check.parseObject(bytes.toString('utf8'))
  const { format, salt, player } = parsed ?? {}
  if (typeof format === 'number' && format > erasuresFormat)
    throw new ArchiveTooNewError(key, format, erasuresFormat)
  if (format !== erasuresFormat || typeof salt !== 'string' || typeof player !== 'string')
    throw new CorruptManifestError(key, 'it is no record of an erasure')
  return { salt, player }
}
