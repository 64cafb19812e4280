/**
 * The real disk: Node's callback file system behind the `Disk` port, one libuv request per call.
 *
 * Callbacks, not `fs/promises`: a FileHandle costs a few microseconds more a call, and its garbage-collected close
 * is one more thing that could happen to a descriptor. `sync` is fdatasync; a directory is synced by fsync of a
 * descriptor on it. Where the platform cannot open a directory (Windows) its names are made durable by the file
 * system itself, and `syncDirectory` does nothing.
 */
import fs from 'node:fs'
import { dirname, resolve as absolute } from 'node:path'
import type { Disk, DiskFile, OpenMode } from './disk.js'

type Done = (error: NodeJS.ErrnoException | null) => void

const settled = (start: (done: Done) => void): Promise<void> =>
  new Promise((resolve, reject) => start((error) => (error ? reject(error) : resolve())))

const valued = <Value>(start: (done: (error: Error | null, value: Value) => void) => void): Promise<Value> =>
  new Promise((resolve, reject) => start((error, value) => (error ? reject(error) : resolve(value))))

const flagsOf: Readonly<Record<OpenMode, string>> = { create: 'w+', write: 'r+', read: 'r' }

class NodeFile implements DiskFile {
  readonly #descriptor: number

  constructor(descriptor: number) {
    this.#descriptor = descriptor
  }

  async size(): Promise<number> {
    return (await valued<fs.Stats>((done) => fs.fstat(this.#descriptor, done))).size
  }

  read(bytes: Buffer, start: number, length: number, offset: number): Promise<number> {
    return valued((done) => fs.read(this.#descriptor, bytes, start, length, offset, done))
  }

  write(bytes: Buffer, start: number, length: number, offset: number): Promise<number> {
    return valued((done) => fs.write(this.#descriptor, bytes, start, length, offset, done))
  }

  sync(): Promise<void> {
    return settled((done) => fs.fdatasync(this.#descriptor, done))
  }

  close(): Promise<void> {
    return settled((done) => fs.close(this.#descriptor, done))
  }
}

const syncDirectory = async (directory: string): Promise<void> => {
  if (process.platform === 'win32') return
  const descriptor = await valued<number>((done) => fs.open(directory, 'r', done))
  try {
    await settled((done) => fs.fsync(descriptor, done))
  } finally {
    await settled((done) => fs.close(descriptor, done))
  }
}

const makeDirectory = async (directory: string): Promise<void> => {
  const path = absolute(directory)
  const first = await fs.promises.mkdir(path, { recursive: true })
  if (first === undefined) return
  for (let made = path; made.length >= first.length; made = dirname(made)) await syncDirectory(dirname(made))
}

/** The disk of this machine. */
export const nodeDisk = (): Disk => ({
  open: async (path, mode) =>
    new NodeFile(await valued<number>((done) => fs.open(path, flagsOf[mode], done))),
  list: async (directory) => (await fs.promises.readdir(directory)).sort(),
  rename: (from, to) => settled((done) => fs.rename(from, to, done)),
  remove: (path) => fs.promises.rm(path, { force: true }),
  makeDirectory,
  syncDirectory,
})
