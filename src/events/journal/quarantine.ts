/**
 * What a repair sets aside, as people read it: one line of JSON an event, game by game, in order of version.
 *
 *     {"stream":"ttt/g1","version":3,"position":17,"line":{"v":3,"t":1763900000000,"e":{"type":"Marked","cell":4}}}
 *
 * `line` is the event as the journal had it (docs/formats/event-line.md). Versions that are missing are missing here.
 */
import { readWhole, type Disk } from './disk.js'
import type { StreamId } from '../ids.js'
import { eventsRecordAt } from './record.js'
import type { FoundRecord } from './salvage.js'

const linesOfRecord = (bytes: Buffer, { start, end }: FoundRecord): string => {
  const { stream, firstVersion, firstPosition, ...record } = eventsRecordAt(bytes, start, end)!
  const lines = bytes.toString('utf8', record.start, record.end).split('\n').slice(0, -1)
  return lines
    .map(
      (line, at) =>
        `{"stream":${JSON.stringify(stream)},"version":${firstVersion + at},"position":${firstPosition + at},"line":${line}}\n`,
    )
    .join('')
}

/** All of it. In memory are the files that hold some of it. */
export const quarantineLines = async (
  disk: Disk,
  games: ReadonlyMap<StreamId, readonly FoundRecord[]>,
): Promise<Buffer> => {
  const files = new Map<string, Buffer>()
  const parts: string[] = []
  for (const records of games.values())
    for (const record of records) {
      const bytes = files.get(record.path) ?? (await readWhole(disk, record.path))
      files.set(record.path, bytes)
      parts.push(linesOfRecord(bytes, record))
    }
  return Buffer.from(parts.join(''))
}
