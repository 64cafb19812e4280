/**
 * The port of the saved catalog: one run of bytes that only grows, or is written anew. It is a cache of the manifests.
 *
 * LAW
 * - **Reading.** `read` gives what is there from the beginning, in pieces of any size; nothing where nothing was saved.
 * - **Writing.** `write` puts bytes in place of all that was there, whole or not at all, whatever happens meanwhile.
 * - **Appending.** `append` cuts what stands behind the first `at` bytes, and adds to them. After a crash some of what was
 *   added may be there, or other bytes in its place: who reads must tell by a checksum.
 * - Both survive a crash of this machine from when they resolve. One call at a time.
 * - **Failure.** Whatever goes wrong rejects; after that no more is written in this life.
 * - **Scratch.** `scratch` gives room beyond memory, empty; nothing of it outlives its closing, or this process.
 */
export interface CatalogStore {
  read(): AsyncIterable<Buffer>
  write(pieces: Iterable<Uint8Array>): Promise<void>
  append(at: number, bytes: Uint8Array): Promise<void>
  scratch(): Promise<Scratch>
}

/** Room beyond memory. What was added never changes. */
export interface Scratch {
  /** Adds bytes, which the caller leaves alone until then; resolves with where they are. Several at a time. */
  append(bytes: Uint8Array): Promise<number>
  /** So many bytes from there, at once. @throws what the disk throws */
  read(offset: number, length: number): Buffer
  close(): Promise<void>
}
