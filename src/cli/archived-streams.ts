/** The games of an archive by their manifests alone: nothing is written. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileColdStore, type ColdStore } from '../index.js'
import { archiveOf } from './archive-module.js'
import type { DataOptions } from './data.js'

interface ManifestGames {
  readonly games?: readonly { readonly kind: string; readonly gameId: string }[]
}

/** As `kind/id`. A manifest that cannot be read names none: then its games count as not archived. */
export const archivedStreams = async (options: DataOptions): Promise<ReadonlySet<string>> => {
  const streams = new Set<string>()
  const store = await storeOf(options)
  if (!store) return streams
  try {
    for await (const key of store.list('')) {
      if (!key.endsWith('.manifest.json')) continue
      const bytes = await store.get(key)
      for (const { kind, gameId } of gamesIn(bytes)) streams.add(`${kind}/${gameId}`)
    }
  } finally {
    await store.close()
  }
  return streams
}

const storeOf = async ({ data, archive }: DataOptions): Promise<ColdStore | undefined> => {
  if (archive !== undefined) return archiveOf(archive)
  const directory = join(data, 'archive')
  return existsSync(directory) ? fileColdStore(directory) : undefined
}

const gamesIn = (bytes: Buffer | undefined): NonNullable<ManifestGames['games']> => {
  try {
    return (JSON.parse(String(bytes)) as ManifestGames).games ?? []
  } catch {
    return []
  }
}
