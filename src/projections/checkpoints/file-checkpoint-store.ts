/**
 * Saved read models as files of a directory; of each projection the newest model, older ones that are kept, and pages.
 *
 *     projections/
 *       wins.model                     the newest              (model-file.ts)
 *       wins/
 *         0000000000001207.kept        the first of a day, by its position: the same file, under a second name
 *         17.page                      a page                  (file-pages.ts)
 *
 * Saving: sync the pages that the model names; write `wins.tmp`, sync it; rename it over `wins.model`, sync the
 * directory: the one commit point. Then link it as kept, where it is the first of a day, delete kept ones that are
 * too many, and last the pages that no model names. A crash anywhere leaves the older or the newer model with all its
 * pages, and perhaps a kept one, a page or a `.tmp` too many, which the next saving or opening removes.
 */
import { copyFile, link, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { CheckpointStore, ModelCheckpoint, RunPages } from '../projection.js'
import { removeFile, syncDirectory, syncFile } from '../../events/durable-files.js'
import { FilePages } from './file-pages.js'
import { isFirstOfDay, thinnedOut } from './kept-checkpoints.js'
import { readModel, readModelHead, writeModel, type ModelHead } from './model-file.js'

/** File systems take names of 255 bytes; the ending needs some. */
const fileNameMax = 240

/** A name as a file name: whatever is not `a-z`, `0-9`, `-` or `_` as %XX, so that no two names meet where case is ignored. */
const fileNameOf = (name: string): string => {
  const safe = name.replace(/[^a-z0-9_-]/gu, (character) =>
    [...Buffer.from(character)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  )
  if (safe === '' || safe.length > fileNameMax)
    throw new TypeError(
      `A projection's name must fill 1 to ${fileNameMax} bytes of a file name; got ${JSON.stringify(name)}.`,
    )
  return safe
}

/**
 * Keeps saved read models in a directory, which is made when first needed: the newest of each, at most 32 older ones
 * (or 512 MiB) a projection, and pages. One ledger a directory.
 */
export const fileCheckpointStore = (directory: string): CheckpointStore => {
  if (typeof directory !== 'string' || directory === '')
    throw new TypeError(
      `fileCheckpointStore needs the path of a directory; got ${JSON.stringify(directory)}.`,
    )
  const shelves = new Map<string, Promise<ModelShelf>>()
  const shelfOf = (name: string): Promise<ModelShelf> => ofFile(fileNameOf(name))
  const ofFile = (file: string): Promise<ModelShelf> => {
    const opening = shelves.get(file) ?? ModelShelf.open(directory, file)
    shelves.set(file, opening)
    // What could not be opened is tried again by the next who asks.
    opening.catch(() => shelves.delete(file))
    return opening
  }
  return {
    save: async (name, checkpoint) => (await shelfOf(name)).save(checkpoint),
    load: async (name, atMost) => (await shelfOf(name)).load(atMost),
    retract: async (name, after) => (await shelfOf(name)).retract(after),
    retain: async (names) => {
      const kept = new Set(names.map(fileNameOf))
      for (const file of await savedIn(directory)) if (!kept.has(file)) await (await ofFile(file)).discard()
    },
    pages: async (name) => (await shelfOf(name)).room(),
  }
}

const ownEnding = /(\.model|\.tmp)$/

/** The names, as those of files, under which something is saved. */
const savedIn = async (directory: string): Promise<ReadonlySet<string>> => {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => [])
  return new Set(
    entries
      .filter((entry) => entry.isDirectory() || ownEnding.test(entry.name))
      .map(({ name }) => name.replace(ownEnding, '')),
  )
}

interface Kept extends ModelHead {
  readonly path: string
}

const keptEnding = '.kept'

/** What is kept of one projection. */
class ModelShelf {
  readonly #directory: string
  readonly #folder: string
  readonly #newest: string
  readonly #temporary: string
  readonly #pages: FilePages
  /** Older ones, and perhaps the newest; oldest first. */
  #kept: readonly Kept[] = []

  private constructor(directory: string, file: string) {
    this.#directory = directory
    this.#folder = join(directory, file)
    this.#newest = join(directory, `${file}.model`)
    this.#temporary = join(directory, `${file}.tmp`)
    this.#pages = new FilePages(this.#folder)
  }

  static async open(directory: string, file: string): Promise<ModelShelf> {
    const shelf = new ModelShelf(directory, file)
    await shelf.#pages.open()
    await shelf.#readKept()
    await shelf.#sweep(await readModelHead(shelf.#newest))
    return shelf
  }

  room(): RunPages {
    return this.#pages.room()
  }

  async save(checkpoint: ModelCheckpoint): Promise<void> {
    await mkdir(this.#directory, { recursive: true })
    await this.#pages.sync(checkpoint.pages ?? [])
    const head = await writeModel(this.#temporary, checkpoint)
    await rename(this.#temporary, this.#newest)
    await syncDirectory(this.#directory)
    const { version, position, isAfresh = false } = checkpoint
    const isOld = (kept: Kept): boolean => isAfresh || kept.version !== version || kept.position > position
    await this.#remove(this.#kept.filter(isOld))
    if (isFirstOfDay(head, this.#kept)) await this.#keep(head)
    await this.#remove(thinnedOut(this.#kept))
    await this.#sweep(head)
  }

  async load(atMost = Infinity): Promise<ModelCheckpoint | undefined> {
    const newest = await readModelHead(this.#newest)
    const found = newest && { ...newest, path: this.#newest }
    const candidates = [...this.#kept, ...(found ? [found] : [])].toReversed()
    for (const candidate of candidates) {
      if (candidate.position > atMost || !this.#pages.has(candidate.pages)) continue
      const model = await readModel(candidate.path)
      if (model) return model
    }
    return undefined
  }

  async retract(after: number): Promise<void> {
    await this.#remove(this.#kept.filter(({ position }) => position > after))
    const newest = await readModelHead(this.#newest)
    if (!newest || newest.position <= after) return
    await removeFile(this.#newest)
    await syncDirectory(this.#directory)
    await this.#sweep(undefined)
  }

  /** Removes all that is there, damaged or not. */
  async discard(): Promise<void> {
    this.#kept = []
    for (const path of [this.#newest, this.#temporary]) await removeFile(path)
    await rm(this.#folder, { recursive: true, force: true })
    await syncDirectory(this.#directory)
  }

  async #readKept(): Promise<void> {
    const kept: Kept[] = []
    for (const name of await readdir(this.#folder).catch(() => [])) {
      if (!name.endsWith(keptEnding)) continue
      const path = join(this.#folder, name)
      const head = await readModelHead(path)
      if (head) kept.push({ ...head, path })
      else await removeFile(path)
    }
    this.#kept = kept.sort((one, other) => one.position - other.position)
  }

  async #keep(head: ModelHead): Promise<void> {
    const path = join(this.#folder, `${String(head.position).padStart(16, '0')}${keptEnding}`)
    await mkdir(this.#folder, { recursive: true })
    await removeFile(path)
    try {
      await link(this.#newest, path)
    } catch {
      // A file system without hard links: then it is copied. Half a copy is no model, by its sum.
      await copyFile(this.#newest, path)
      await syncFile(path)
    }
    await syncDirectory(this.#folder)
    this.#kept = [...this.#kept, { ...head, path }]
  }

  async #remove(kept: readonly Kept[]): Promise<void> {
    if (kept.length === 0) return
    this.#kept = this.#kept.filter((one) => !kept.includes(one))
    for (const { path } of kept) await removeFile(path)
    // Before pages of theirs may go: a name that comes back must not lead to a model without its pages.
    await syncDirectory(this.#folder)
  }

  async #sweep(newest: ModelHead | undefined): Promise<void> {
    const named = [...this.#kept, ...(newest ? [newest] : [])].flatMap(({ pages }) => pages)
    await this.#pages.sweep(new Set(named))
  }
}
