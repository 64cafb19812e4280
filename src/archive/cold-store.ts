/**
 * The port of cold storage: where completed games are kept for ever. Five verbs over immutable objects.
 *
 * LAW
 * - **Immutable.** `put` writes an object only if none stands under its key, whole or not at all, and answers which
 *   of the two it was. After `'stored'` the object survives a crash of this machine (of the store, as far as it
 *   promises). Of several that race for one key exactly one hears `'stored'`. The caller leaves the bytes alone until the answer.
 * - **Keys** are made of `a-z 0-9 . - _ /`, at most 200 characters, no empty part, none that begins with `.`.
 * - **Reading.** `get` gives the whole object or the bytes [offset, offset + length) of it; `undefined` where there is none.
 * - **Listing.** `list(prefix, after)` gives keys in ascending order, strictly after `after`; whatever was put before
 *   the call is in it.
 * - **Failure.** Whatever else goes wrong rejects, with the vendor's error as `cause`; the archiver retries.
 */
export interface ColdStore {
  put(key: string, bytes: Uint8Array): Promise<'stored' | 'exists'>
  get(key: string, range?: { readonly offset: number; readonly length: number }): Promise<Buffer | undefined>
  list(prefix: string, after?: string): AsyncIterable<string>
  /** Deleting what is not there is a success. */
  delete(key: string): Promise<void>
  close(): Promise<void>
}
