/**
 * The files of a journal that is made anew by a repair: the records of all games that are whole, and open batches.
 *
 *     log-21.log.repair   generation 1: runs, copied byte by byte with their checksums     --rename-->   log-21.log
 *     log-22.log.repair   generation 0: one frame with what the archiver has begun         --rename-->   log-22.log
 *
 * Under its own name a file is whole and synced; a crash before that leaves what nobody reads.
 */
import { writeCarried } from './carried-file.js'
import { readWhole, writeWhole, type Disk } from './disk.js'
import type { FoundRecord } from './salvage.js'
import { encodeFileHeader, frameHeaderBytes, sealFrame } from './frame.js'
import { Gathering } from './gathering.js'
import type { StreamId } from '../ids.js'
import type { IntentRecord } from './journal.js'
import { LogFile } from './log-file.js'
import type { ManifestCarriedFile, ManifestFile } from './manifest.js'
import { encodeRecord, eventsRecordAt, recordBytesMax } from './record.js'

/** As many bytes of records go into one file: the default length of a log file. */
const fileBytes = 16 * 1024 * 1024
const temporary = '.repair'

/** Whether a name in the directory is that of a file which was not finished. */
export const isUnfinished = (name: string): boolean => name.endsWith(temporary)

/** Made for one repair. */
export class FreshFiles {
  readonly #disk: Disk
  readonly #directory: string
  readonly #ledgerId: string
  readonly carried: ManifestCarriedFile[] = []
  readonly files: ManifestFile[] = []
  readonly #made: LogFile[] = []
  nextId: number

  constructor(disk: Disk, directory: string, ledgerId: string, nextId: number) {
    this.#disk = disk
    this.#directory = directory
    this.#ledgerId = ledgerId
    this.nextId = nextId
  }

  /** Copies the records of these games, file by file, byte by byte. */
  async carry(games: ReadonlyMap<StreamId, readonly FoundRecord[]>): Promise<void> {
    const ofFile = new Map<string, FoundRecord[]>()
    for (const records of games.values())
      for (const record of records) {
        const of = ofFile.get(record.path)
        if (of === undefined) ofFile.set(record.path, [record])
        else of.push(record)
      }
    let gathering = new Gathering()
    let gathered = 0
    for (const [path, records] of ofFile) {
      const bytes = await readWhole(this.#disk, path)
      for (const { start, end } of records.toSorted((one, other) => one.start - other.start)) {
        gathering.add(eventsRecordAt(bytes, start, end)!)
        gathered += end - start
      }
      if (gathered < fileBytes) continue
      await this.#write(gathering)
      gathering = new Gathering()
      gathered = 0
    }
    if (gathered > 0) await this.#write(gathering)
  }

  async #write(gathering: Gathering): Promise<void> {
    const file = this.#make()
    const { path, id } = file
    await writeCarried(this.#disk, file, this.#ledgerId, gathering.runs(), { path: path + temporary })
    this.carried.push({ id, lastFrame: file.lastFrame, indexAt: file.indexAt, length: file.end })
  }

  /** One frame with these, in a file of generation 0. */
  async note(intents: readonly IntentRecord[], isClosed: boolean): Promise<void> {
    if (intents.length === 0) return
    const file = this.#make()
    const { id } = file
    const most = intents.reduce((sum, intent) => sum + recordBytesMax(intent), frameHeaderBytes)
    const frame = Buffer.alloc(most)
    const view = new DataView(frame.buffer, frame.byteOffset, frame.length)
    let length = frameHeaderBytes
    for (const intent of intents) length = encodeRecord(frame, view, length, intent, id)
    sealFrame(frame, length, { number: 1, provenTo: 0, records: intents.length }, id)
    const header = encodeFileHeader({ id, ledgerId: this.#ledgerId, firstFrame: 1, generation: 0 })
    await writeWhole(this.#disk, file.path + temporary, Buffer.concat([header, frame.subarray(0, length)]))
    // After a proper close the last file goes on where it ended.
    this.files.push({ id, firstFrame: 1, lastFrame: isClosed ? null : 1 })
  }

  /** Gives all of them their names, durably: no half of a file ever has one. */
  async name(): Promise<void> {
    for (const { path } of this.#made) await this.#disk.rename(path + temporary, path)
    await this.#disk.syncDirectory(this.#directory)
  }

  #make(): LogFile {
    const file = new LogFile(this.#directory, this.nextId++)
    this.#made.push(file)
    return file
  }
}
