/**
 * A disk in memory that knows what a crash would leave: fast enough to crash a journal at each of its steps.
 *
 * A file has its bytes as programs see them, and as they were at its last sync; a directory has its names as programs
 * see them, and as they were at its last sync. A kill keeps the first, a power loss the second. Paths are plain keys.
 */
import { dirname } from 'node:path'
import type { Disk, DiskFile, OpenMode } from '../../../src/events/journal/disk.js'

interface Node {
  seen: Buffer
  durable: Buffer
}

const missing = (path: string): Error => Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' })

export class MemoryDisk implements Disk {
  seen = new Map<string, Node>()
  durable = new Map<string, Node>()

  async open(path: string, mode: OpenMode): Promise<DiskFile> {
    let node = this.seen.get(path)
    if (node === undefined && mode !== 'create') throw missing(path)
    node ??= { seen: Buffer.alloc(0), durable: Buffer.alloc(0) }
    if (mode === 'create') node.seen = Buffer.alloc(0)
    this.seen.set(path, node)
    return new MemoryFile(node)
  }

  async list(directory: string): Promise<string[]> {
    const prefix = `${directory}/`
    return [...this.seen.keys()]
      .filter((path) => path.startsWith(prefix))
      .map((path) => path.slice(prefix.length))
      .sort()
  }

  async rename(from: string, to: string): Promise<void> {
    const node = this.seen.get(from)
    if (node === undefined) throw missing(from)
    this.seen.delete(from)
    this.seen.set(to, node)
  }

  async remove(path: string): Promise<void> {
    this.seen.delete(path)
  }

  async makeDirectory(): Promise<void> {}

  async syncDirectory(directory: string): Promise<void> {
    for (const path of this.durable.keys()) if (dirname(path) === directory) this.durable.delete(path)
    for (const [path, node] of this.seen) if (dirname(path) === directory) this.durable.set(path, node)
  }

  /** What stands when the process is killed now; this disk is not changed by it. */
  afterKill(): MemoryDisk {
    const copies = new Map<Node, Node>()
    const copied = ([path, node]: [string, Node]): [string, Node] => {
      const copy = copies.get(node) ?? { seen: Buffer.from(node.seen), durable: node.durable }
      copies.set(node, copy)
      return [path, copy]
    }
    const disk = new MemoryDisk()
    disk.seen = new Map([...this.seen].map(copied))
    disk.durable = new Map([...this.durable].map(copied))
    return disk
  }

  /** What stands when the power goes now; this disk is not changed by it. */
  afterPowerLoss(): MemoryDisk {
    const disk = new MemoryDisk()
    for (const [path, { durable }] of this.durable)
      disk.seen.set(path, { seen: Buffer.from(durable), durable })
    disk.durable = new Map(disk.seen)
    return disk
  }

  bytesOf(path: string): Buffer {
    const node = this.seen.get(path)
    if (node === undefined) throw missing(path)
    return node.seen
  }

  put(path: string, bytes: Buffer): void {
    this.seen.set(path, { seen: bytes, durable: bytes })
    this.durable.set(path, this.seen.get(path)!)
  }
}

class MemoryFile implements DiskFile {
  readonly #node: Node

  constructor(node: Node) {
    this.#node = node
  }

  async size(): Promise<number> {
    return this.#node.seen.length
  }

  async read(bytes: Buffer, start: number, length: number, offset: number): Promise<number> {
    return this.#node.seen.copy(bytes, start, offset, offset + length)
  }

  async write(bytes: Buffer, start: number, length: number, offset: number): Promise<number> {
    const node = this.#node
    if (offset + length > node.seen.length)
      node.seen = Buffer.concat([node.seen, Buffer.alloc(offset + length - node.seen.length)])
    return bytes.copy(node.seen, offset, start, start + length)
  }

  async sync(): Promise<void> {
    this.#node.durable = Buffer.from(this.#node.seen)
  }

  async close(): Promise<void> {}
}
