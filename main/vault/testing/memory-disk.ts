import { dirname } from 'node:path'
import type { FileFacts, VaultFile, VaultFs } from '../files.ts'

const fail = (code: string): Error => Object.assign(new Error(code), { code })
const shown = (content: Content): Uint8Array => content.bytes

/** What a disk of ours can do wrong. */
export interface Faults {
  /** The app dies once this many more bytes were written: the write is done in part, and nothing after it. */
  dieAfterBytes?: number
  /** Bytes that fit on the disk; then ENOSPC, after as much as fits, and for a new directory. */
  capacity?: number
  /** The most one write takes. */
  mostPerWrite?: number
  /** Code of the error that the next `sync` fails with; what it should have synced is never written by itself. */
  syncError?: string
  /** Code of the error of every write, and of making a directory, from now on. */
  writeError?: string
  /** Writes and syncs come back when this does. */
  slow?: Promise<void>
}

interface Content {
  /** Names the file, as an inode does. */
  readonly name: number
  bytes: Uint8Array
  /** As of the last sync: what a power cut leaves for certain. */
  durable: Uint8Array
  /** From here on the system shows what a failed sync lost, and takes it for written. */
  lostFrom: number
}

let names = 0
const newContent = (bytes: Uint8Array): Content => ({
  name: ++names,
  bytes,
  durable: bytes,
  lostFrom: Number.POSITIVE_INFINITY,
})

/** A disk in memory that fails on demand. */
export class MemoryDisk implements VaultFs {
  readonly faults: Faults = {}
  /** How often a file was synced. */
  syncs = 0
  /** How often a directory was. */
  dirSyncs = 0
  /** How many files are open. */
  openFiles = 0
  #files = new Map<string, Content>()
  #dirs = new Set<string>()
  #dead = false

  /** The bytes of a file as a reader sees them. */
  contentOf(path: string): Uint8Array {
    return this.#mustHave(path).bytes
  }

  /** All files, by path. */
  snapshot(): ReadonlyMap<string, string> {
    return new Map([...this.#files].map(([path, { bytes }]) => [path, Buffer.from(bytes).toString('hex')]))
  }

  /** Puts bytes into a file behind the vault's back. */
  tamper(path: string, change: (bytes: Uint8Array) => Uint8Array): void {
    const content = this.#mustHave(path)
    content.bytes = change(Uint8Array.from(content.bytes))
    content.durable = content.bytes
  }

  /** The same disk after the app was killed: all that was written is there. */
  afterKill(): MemoryDisk {
    return this.#copy(shown)
  }

  /** The folder as a backup or a copy has it: the same bytes in other files. */
  copied(): MemoryDisk {
    const disk = this.afterKill()
    for (const [path, content] of disk.#files) disk.#files.set(path, newContent(content.bytes))
    return disk
  }

  /**
   * The same disk after a power cut: what was synced is there; of the rest, `keep` (0 to 1) survived, and what
   * follows up to the full size reads as zeros, as file systems leave it.
   */
  afterPowerCut(keep: number): MemoryDisk {
    return this.#copy(({ bytes, durable }) => {
      const survived = Uint8Array.from(bytes)
      const from = Math.min(durable.length, bytes.length)
      survived.fill(0, from + Math.floor((bytes.length - from) * keep))
      survived.set(durable.subarray(0, from))
      return survived
    })
  }

  #copy(pick: (content: Content) => Uint8Array): MemoryDisk {
    const disk = new MemoryDisk()
    disk.#dirs = new Set(this.#dirs)
    for (const [path, content] of this.#files) {
      const bytes = Uint8Array.from(pick(content))
      disk.#files.set(path, pick === shown ? { ...content, bytes } : { ...newContent(bytes), name: content.name })
    }
    return disk
  }

  #mustHave(path: string): Content {
    const content = this.#files.get(path)
    if (!content) throw fail('ENOENT')
    return content
  }

  #alive(): void {
    if (this.#dead) throw fail('DEAD')
  }

  async makeDir(path: string): Promise<void> {
    this.#alive()
    if (this.#dirs.has(path)) return
    if (this.faults.writeError !== undefined) throw fail(this.faults.writeError)
    if (this.#used() >= (this.faults.capacity ?? Infinity)) throw fail('ENOSPC')
    this.#dirs.add(path)
  }

  open(path: string, mode: 'existing' | 'new'): Promise<VaultFile | null>
  open(path: string, mode: 'create'): Promise<VaultFile>
  async open(path: string, mode: 'existing' | 'create' | 'new'): Promise<VaultFile | null> {
    this.#alive()
    if (mode === 'new' && this.#files.has(path)) return null
    if (!this.#files.has(path)) {
      if (mode === 'existing') return null
      if (!this.#dirs.has(dirname(path))) throw fail('ENOENT')
      this.#files.set(path, newContent(new Uint8Array()))
    }
    return this.#file(this.#mustHave(path))
  }

  #file(content: Content): VaultFile {
    this.openFiles++
    return {
      size: async () => content.bytes.length,
      read: async (at, length) => content.bytes.slice(at, at + length),
      write: async (bytes, at) => {
        await this.faults.slow
        return this.#write(content, bytes, at)
      },
      truncate: async (length) => {
        this.#alive()
        content.bytes = content.bytes.slice(0, length)
        if (length <= content.lostFrom) content.lostFrom = Number.POSITIVE_INFINITY
      },
      sync: async () => {
        await this.faults.slow
        this.#alive()
        this.syncs++
        const code = this.faults.syncError
        delete this.faults.syncError
        if (code !== undefined) {
          content.lostFrom = Math.min(content.lostFrom, content.durable.length)
          throw fail(code)
        }
        // What an earlier sync lost stays lost, however often it is synced: it has to be written again.
        const kept = Uint8Array.from(content.bytes)
        if (content.lostFrom < kept.length) kept.fill(0, content.lostFrom)
        content.durable = kept
      },
      close: async () => void this.openFiles--,
    }
  }

  #write(content: Content, bytes: Uint8Array, at: number): number {
    this.#alive()
    if (this.faults.writeError !== undefined) throw fail(this.faults.writeError)
    const growth = Math.max(0, at + bytes.length - content.bytes.length)
    const full = this.#used() + growth - (this.faults.capacity ?? Infinity)
    const left = this.faults.dieAfterBytes ?? Infinity
    const fits = full > 0 ? bytes.length - full : bytes.length
    const count = Math.max(0, Math.min(bytes.length, this.faults.mostPerWrite ?? Infinity, fits, left))
    const grown = new Uint8Array(Math.max(content.bytes.length, at + count))
    grown.set(content.bytes)
    grown.set(bytes.subarray(0, count), at)
    content.bytes = grown
    if (at <= content.lostFrom && at + count >= content.bytes.length) content.lostFrom = Number.POSITIVE_INFINITY
    if (this.faults.dieAfterBytes !== undefined) this.faults.dieAfterBytes -= count
    if (count === left) this.#dead = true
    if (this.#dead && count < bytes.length) throw fail('DEAD')
    if (count === 0 && bytes.length > 0) throw fail('ENOSPC')
    return count
  }

  #used(): number {
    return [...this.#files.values()].reduce((sum, { bytes }) => sum + bytes.length, 0)
  }

  async readAll(path: string): Promise<Uint8Array | null> {
    this.#alive()
    return this.#files.get(path)?.bytes.slice() ?? null
  }

  async look(path: string): Promise<FileFacts | null> {
    this.#alive()
    const content = this.#files.get(path)
    return content === undefined ? null : { size: content.bytes.length, file: String(content.name), born: null }
  }

  async list(path: string): Promise<string[] | null> {
    const inside = [...this.#files.keys()].filter((file) => file.startsWith(`${path}/`))
    const names = inside.map((file) => file.slice(path.length + 1).split('/')[0] ?? '')
    return this.#dirs.has(path) ? [...new Set(names)] : null
  }

  async rename(from: string, to: string): Promise<void> {
    this.#alive()
    const moved = (path: string): string =>
      path === from || path.startsWith(`${from}/`) ? to + path.slice(from.length) : path
    if (![...this.#files.keys(), ...this.#dirs].some((path) => moved(path) !== path)) throw fail('ENOENT')
    this.#files = new Map([...this.#files].map(([path, content]) => [moved(path), content]))
    this.#dirs = new Set([...this.#dirs].map(moved))
  }

  async remove(path: string): Promise<void> {
    this.#alive()
    const inside = (each: string): boolean => each === path || each.startsWith(`${path}/`)
    for (const file of [...this.#files.keys()].filter(inside)) this.#files.delete(file)
    for (const dir of [...this.#dirs].filter(inside)) this.#dirs.delete(dir)
  }

  async syncDir(_path: string): Promise<void> {
    this.#alive()
    this.dirSyncs++
  }
}
