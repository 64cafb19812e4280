/** The games of an archive by their manifests alone: nothing is opened for writing, nothing is made. */
import { existsSync } from 'node:fs'
import { fileColdStore } from '../index.js'

interface ManifestGames {
  readonly games?: readonly { readonly kind: string; readonly gameId: string }[]
}

/** As `kind/id`. A manifest that cannot be read names none: then its games count as not archived. */
export const archivedStreams = async (directory: string): Promise<ReadonlySet<string>> => {
  const streams = new Set<string>()
  if (!existsSync(directory)) return streams
  const store = fileColdStore(directory)
  for await (const key of store.list('')) {
    if (!key.endsWith('.manifest.json')) continue
    const bytes = await store.get(key)
    for (const { kind, gameId } of gamesIn(bytes)) streams.add(`${kind}/${gameId}`)
  }
  await store.close()
  return streams
}

const gamesIn = (bytes: Buffer | undefined): NonNullable<ManifestGames['games']> => {
  try {
    return (JSON.parse(String(bytes)) as ManifestGames).games ?? []
  } catch {
    return []
  }
}
