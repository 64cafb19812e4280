/** The saved catalog of a ledger under a directory: written behind play and at closing, believed at opening, told of. */
import { mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join as path } from 'node:path'
import {
  fileCatalogStore,
  fileColdStore,
  memoryJournal,
  openLedger,
  type ColdStore,
  type LedgerOptions,
} from 'gameledger'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ticTacToe } from '../../examples/tic-tac-toe/game.js'
import { wonByAnn } from './opened.js'

let dir: string
const fileOf = () => path(dir, 'catalog', 'archive.catalog')

beforeEach(async () => {
  dir = await mkdtemp(path(tmpdir(), 'gameledger-catalog-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const open = async (options: Partial<LedgerOptions<{}>> = {}) => {
  const read: string[] = []
  const store = fileColdStore(path(dir, 'archive'))
  const archive: ColdStore = { ...store, get: (key, range) => (read.push(key), store.get(key, range)) }
  const ledger = await openLedger({ games: [ticTacToe], dir, archive, batchGamesMax: 2, ...options })
  const manifests = read.filter((key) => key.endsWith('.manifest.json')).length
  const codes: string[] = []
  ledger.faults$.subscribe(({ code }) => codes.push(code))
  return { ledger, manifests, codes }
}

const play = async (ledger: Awaited<ReturnType<typeof open>>['ledger'], ids: readonly string[]) => {
  for (const id of ids) for (const command of wonByAnn) await ledger.game(ticTacToe, id).dispatch(command)
  await ledger.settled()
}

describe('a ledger with a directory', () => {
  it('reads one manifest at an opening, whatever there are', async () => {
    const first = await open()
    await play(first.ledger, ['a', 'b', 'c', 'd', 'e', 'f'])
    await first.ledger.close()
    // Without the journal, which would have the games confirmed that it still holds.
    const second = await open({ journal: memoryJournal() })
    expect([second.manifests, second.codes]).toEqual([1, []])
    expect(await second.ledger.archive.count()).toMatchObject({ games: 6 })
    expect(await second.ledger.archive.has('tic-tac-toe/a')).toBe(true)
    expect((await second.ledger.archive.list({ player: 'ann', limit: 4 })).games).toHaveLength(4)
    const again = await second.ledger.game(ticTacToe, 'c').dispatch({ type: 'Join', player: 'zoe' })
    expect(again).toMatchObject({ left: { _tag: 'GameCompleted' } })
    await second.ledger.close()
  })

  it('saves while it is open, and reads the rest after it was killed', async () => {
    const first = await open({ checkpointEveryMs: 5 })
    await play(first.ledger, ['a', 'b'])
    for (const before = (await stat(fileOf())).size; ;) {
      await play(
        first.ledger,
        ['c', 'd'].map((id) => `${id}-${Math.random()}`),
      )
      if ((await stat(fileOf())).size > before) break
    }
    const { size } = await stat(fileOf())
    await first.ledger.close()
    // As it would be after a kill in the midst of the last saving.
    await truncate(fileOf(), size - 1)
    const games = first.ledger.stats().games.archived
    const second = await open()
    expect(second.manifests).toBeGreaterThanOrEqual(1)
    expect([second.ledger.stats().games.archived, second.codes]).toEqual([games, []])
    await second.ledger.close()
  })

  it('tells that a damaged catalog was made anew', async () => {
    const first = await open()
    await play(first.ledger, ['a', 'b', 'c', 'd'])
    await first.ledger.close()
    await writeFile(fileOf(), 'What is this?')
    const second = await open()
    expect(second.codes).toEqual(['catalog-rebuilt'])
    expect(second.ledger.stats().games.archived).toBe(4)
    await second.ledger.close()
    const third = await open()
    expect(third.codes).toEqual([])
    await third.ledger.close()
  })

  it('tells once that the catalog cannot be saved, and goes on', async () => {
    const first = await open({ checkpointEveryMs: 5 })
    await rm(path(dir, 'catalog'), { recursive: true })
    await play(first.ledger, ['a', 'b', 'c', 'd'])
    while (first.codes.length === 0) await play(first.ledger, [`e-${Math.random()}`])
    await play(first.ledger, ['f', 'g'])
    const { archived } = first.ledger.stats().games
    await first.ledger.close()
    expect(first.codes).toEqual(['catalog-unsaved'])
    const second = await open()
    expect([second.ledger.stats().games.archived, second.codes]).toEqual([archived, []])
    await second.ledger.close()
  })

  it('keeps it where `catalog` says', async () => {
    const place = path(dir, 'elsewhere')
    const first = await open({ catalog: fileCatalogStore(place) })
    await play(first.ledger, ['a'])
    await first.ledger.close()
    expect(await readdir(place)).toEqual(['archive.catalog'])
    await expect(stat(fileOf())).rejects.toThrow('ENOENT')
  })
})
