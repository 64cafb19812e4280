/**
 * The port of the disk under the journal: every file is opened, written, synced, renamed and removed through it.
 *
 * LAW
 * - **Writes** go to an offset, may be short (the count says so, without an error), and are seen by reads at once.
 *   They survive a killed process; they survive power loss only after `sync` of that file has resolved.
 * - **Names** (create, rename, remove) are seen at once, and survive power loss only after `syncDirectory` of their
 *   directory. `rename` replaces its target in one step: after a crash the name is the old file or the new one.
 * - **Failure.** A promise rejects with the operating system's own error. After a failed `write` or `sync` nothing
 *   is known about the file's bytes; whoever asks again gets no promise of truth, so nobody asks again.
 * - **Bounds.** No method holds more than what it is handed. Nothing here retries, caches or reorders.
 *
 * The real one is `nodeDisk`. `faultyDisk` wraps any disk; a simulated one stands behind the same port.
 */

/** An open file. */
export interface DiskFile {
  /** Bytes in the file. */
  size(): Promise<number>
  /** Reads up to `length` bytes at `offset` into `bytes` at `start`; resolves with how many, 0 at the end. */
  read(bytes: Buffer, start: number, length: number, offset: number): Promise<number>
  /** Writes up to `length` bytes of `bytes` from `start` at `offset`; resolves with how many: it may be fewer. */
  write(bytes: Buffer, start: number, length: number, offset: number): Promise<number>
  /** Makes the written bytes survive power loss (fdatasync). */
  sync(): Promise<void>
  close(): Promise<void>
}

/** `create` makes or empties the file and reads and writes it; `write` wants it there; `read` does not change it. */
export type OpenMode = 'create' | 'write' | 'read'

/** What a journal needs of a file system. */
export interface Disk {
  open(path: string, mode: OpenMode): Promise<DiskFile>
  /** The names in a directory, sorted. */
  list(directory: string): Promise<string[]>
  rename(from: string, to: string): Promise<void>
  /** Removes a file; one that is not there counts as removed. */
  remove(path: string): Promise<void>
  /** Makes a directory with its parents, durably; one that is there is fine. */
  makeDirectory(directory: string): Promise<void>
  /** Makes the names in a directory survive power loss. */
  syncDirectory(directory: string): Promise<void>
}

/** Writes all of it: after a short write, the rest. @throws the disk's own error, or one that says nothing more went in */
export const writeAll = async (
  file: DiskFile,
  bytes: Buffer,
  length: number,
  offset: number,
): Promise<void> => {
  for (let done = 0; done < length;) {
    const count = await file.write(bytes, done, length - done, offset + done)
    if (count <= 0)
      throw new Error(`The disk took ${done} of ${length} bytes at offset ${offset}, and then no more.`)
    done += count
  }
}

/** Reads from `offset` until `length` bytes are there or the file ends; resolves with how many. */
export const readAll = async (file: DiskFile, bytes: Buffer, length: number, offset = 0): Promise<number> => {
  let done = 0
  while (done < length) {
    const count = await file.read(bytes, done, length - done, offset + done)
    if (count <= 0) break
    done += count
  }
  return done
}

/** All bytes of a file. */
export const readWhole = async (disk: Disk, path: string): Promise<Buffer> => {
  const file = await disk.open(path, 'read')
  try {
    const bytes = Buffer.alloc(await file.size())
    return bytes.subarray(0, await readAll(file, bytes, bytes.length))
  } finally {
    await file.close()
  }
}

/** Makes a file of these bytes, synced. Its name is not synced yet. */
export const writeWhole = async (disk: Disk, path: string, bytes: Buffer): Promise<void> => {
  const file = await disk.open(path, 'create')
  try {
    await writeAll(file, bytes, bytes.length, 0)
    await file.sync()
  } finally {
    await file.close()
  }
}
