import { dirname } from 'node:path'
import type { VaultFile, VaultFs } from '../files.ts'

const fail = (code: string): Error => Object.assign(new Error(code), { code })

/** What a disk of ours can do wrong. */
export interface Faults {
  /** The app dies once this many bytes were written: the write is done in part, and nothing after it. */
  dieAfterBytes?: number
  /** Bytes that fit on the disk; then ENOSPC, after as much as fits. */
  capacity?: number
  /** The most one write takes. */
  mostPerWrite?: number
  /** Code of the error that the next `sync` fails with. */
  syncError?: string
}

interface Content {
  bytes: Uint8Array
  /** As of the last sync: what a power cut leaves for certain. */
  durable: Uint8Array
}

/** A disk in memory that fails on demand. */
export class MemoryDisk implements VaultFs {
  readonly faults: Faults = {}
  #files = new Map<string, Content>()
  #dirs = new Set<string>()
  #written = 0
  #dead = false

  /** The bytes of a file as a reader sees them. */
  contentOf(path: string): Uint8Array {
    return this.#mustHave(path).bytes
  }

  /** Puts bytes into a file behind the vault's back. */
  tamper(path: string, change: (bytes: Uint8Array) => Uint8Array): void {
    const bytes = change(Uint8Array.from(this.contentOf(path)))
    this.#files.set(path, { bytes, durable: bytes })
  }

  /** The same disk after the app was killed: all that was written is there. */
  afterKill(): MemoryDisk {
    return this.#copy((content) => content.bytes)
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
      disk.#files.set(path, { bytes, durable: bytes })
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
    this.#dirs.add(path)
  }

  open(path: string, mode: 'existing'): Promise<VaultFile | null>
  open(path: string, mode: 'create'): Promise<VaultFile>
  async open(path: string, mode: 'existing' | 'create'): Promise<VaultFile | null> {
    this.#alive()
    if (!this.#dirs.has(dirname(path))) throw fail('ENOENT')
    if (!this.#files.has(path)) {
      if (mode === 'existing') return null
      this.#files.set(path, { bytes: new Uint8Array(), durable: new Uint8Array() })
    }
    return this.#file(this.#mustHave(path))
  }

  #file(content: Content): VaultFile {
    return {
      size: async () => content.bytes.length,
      read: async (at, length) => content.bytes.slice(at, at + length),
      write: async (bytes, at) => this.#write(content, bytes, at),
      truncate: async (length) => {
        this.#alive()
        content.bytes = content.bytes.slice(0, length)
      },
      sync: async () => {
        this.#alive()
        const code = this.faults.syncError
        delete this.faults.syncError
        if (code !== undefined) throw fail(code)
        content.durable = Uint8Array.from(content.bytes)
      },
      close: async () => undefined,
    }
  }

  #write(content: Content, bytes: Uint8Array, at: number): number {
    this.#alive()
    const growth = Math.max(0, at + bytes.length - content.bytes.length)
    const full = this.#used() + growth - (this.faults.capacity ?? Infinity)
    const left = (this.faults.dieAfterBytes ?? Infinity) - this.#written
    const fits = full > 0 ? bytes.length - full : bytes.length
    const count = Math.max(0, Math.min(bytes.length, this.faults.mostPerWrite ?? Infinity, fits, left))
    const grown = new Uint8Array(Math.max(content.bytes.length, at + count))
    grown.set(content.bytes)
    grown.set(bytes.subarray(0, count), at)
    content.bytes = grown
    this.#written += count
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

  async syncDir(): Promise<void> {
    this.#alive()
  }
}
