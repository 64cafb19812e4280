/** A disk in memory whose bytes can be taken out and put in: no crash, no failure, copied in a moment. */
import { dirname, basename } from 'node:path'
import type { Disk, DiskFile } from 'gameledger/testing'

/** The files of a directory, by name. */
export type Image = ReadonlyMap<string, Buffer>

const missing = (path: string): Error => Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' })

export class PlainDisk implements Disk {
  readonly #files = new Map<string, { bytes: Buffer }>()

  /** A disk on which the directory has these files. */
  static of(directory: string, image: Image): PlainDisk {
    const disk = new PlainDisk()
    for (const [name, bytes] of image) disk.#files.set(`${directory}/${name}`, { bytes: Buffer.from(bytes) })
    return disk
  }

  /** The files of a directory as they are now: copies. */
  imageOf(directory: string): Map<string, Buffer> {
    const image = new Map<string, Buffer>()
    for (const [path, { bytes }] of this.#files)
      if (dirname(path) === directory) image.set(basename(path), Buffer.from(bytes))
    return image
  }

  async open(path: string, mode: 'create' | 'write' | 'read'): Promise<DiskFile> {
    let file = this.#files.get(path)
    if (file === undefined && mode !== 'create') throw missing(path)
    if (file === undefined || mode === 'create') this.#files.set(path, (file = { bytes: Buffer.alloc(0) }))
    return handleOf(file)
  }

  async list(directory: string): Promise<string[]> {
    return [...this.#files.keys()]
      .filter((path) => dirname(path) === directory)
      .map((path) => basename(path))
      .sort()
  }

  async rename(from: string, to: string): Promise<void> {
    const file = this.#files.get(from)
    if (file === undefined) throw missing(from)
    this.#files.delete(from)
    this.#files.set(to, file)
  }

  async remove(path: string): Promise<void> {
    this.#files.delete(path)
  }

  async makeDirectory(): Promise<void> {}

  async syncDirectory(): Promise<void> {}
}

const handleOf = (file: { bytes: Buffer }): DiskFile => ({
  size: async () => file.bytes.length,
  read: async (bytes, start, length, offset) =>
    offset >= file.bytes.length ? 0 : file.bytes.copy(bytes, start, offset, offset + length),
  write: async (bytes, start, length, offset) => {
    const end = offset + length
    if (end > file.bytes.length)
      file.bytes = Buffer.concat([file.bytes, Buffer.alloc(end - file.bytes.length)])
    return bytes.copy(file.bytes, offset, start, start + length)
  },
  sync: async () => undefined,
  close: async () => undefined,
})
