/** The journal without one protection: games that were carried count as soon as they are written, synced or not. */
import type { DiskFile } from 'gameledger/testing'

/** Where the generation stands in the header of a log file (docs/formats/journal.md). */
const generationAt = 40

const isCarriedHeader = (bytes: Buffer, start: number, length: number): boolean =>
  length >= generationAt + 4 && bytes.readUInt32LE(start + generationAt) === 1

/** What to change of an open file. */
export const unsyncedWhereCarried = (file: DiskFile): Partial<DiskFile> => {
  let isCarried = false
  return {
    write: (bytes, start, length, offset) => {
      if (offset === 0) isCarried = isCarriedHeader(bytes, start, length)
      return file.write(bytes, start, length, offset)
    },
    sync: () => (isCarried ? Promise.resolve() : file.sync()),
  }
}
