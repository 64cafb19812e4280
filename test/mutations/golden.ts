/** The journals of earlier formats, as lives: what is in them whole is the truth. */
import { readdirSync, readFileSync } from 'node:fs'
import type { Position } from 'gameledger'
import type { Life } from './life.js'
import { directory, open, shown } from './opening.js'
import { PlainDisk } from './plain-disk.js'

export const golden = async (version: '1' | '1.1' | '3'): Promise<Life> => {
  const folder = new URL(`../../test/golden/journal-${version}/`, import.meta.url)
  const image = new Map(readdirSync(folder).map((name) => [name, readFileSync(new URL(name, folder))]))
  const { journal, recovery } = await open(PlainDisk.of(directory, image))
  const live = new Map<string, string[]>()
  for await (const record of journal.read({ after: 0 as Position, through: recovery.lastPosition }))
    live.set(record.stream, [...(live.get(record.stream) ?? []), shown(record)])
  await journal.close()
  return {
    name: `the golden journal of format ${version}`,
    image,
    earlier: [],
    isClosed: true,
    live,
    released: new Map(),
    intents: new Map(),
    lastPosition: recovery.lastPosition,
  }
}
