import { basename, dirname } from 'node:path'
import { diskFs, type VaultFile, type VaultFs } from '../../main/vault/files.ts'

/** When, around one durable step, an app dies: before it, in the middle of its bytes, or before it learns of its success. */
export type Moment = 'before' | 'half' | 'after'

/** Where an app dies: at which durable step, and when around it. */
export interface Point {
  readonly step: number
  readonly moment: Moment
}

/** One durable step: a record that the journal takes, or a blob that is written. */
export type Step = 'journal' | 'blob'

const NEVER = new Promise<never>(() => undefined)
const isBlob = (path: string): boolean => basename(dirname(path)) === 'blobs'

/**
 * The real disk under an app that dies at a chosen durable step. What was written stays, as the operating system keeps it
 * when a process is killed; from the death on no call ever returns. Steps are counted from the first one after
 * {@link MortalFs.count}.
 */
export class MortalFs implements VaultFs {
  readonly #die: () => void
  readonly #knowsCopies: boolean
  readonly #steps: Step[] = []
  readonly #open = new Set<VaultFile>()
  #dead = false
  #fatal: Point | null = null
  /** What reading a journal from its first byte on waits for, each time. */
  hold: () => Promise<void> = async () => undefined
  /** What writing to a journal waits for, each time. */
  stall: () => Promise<void> = async () => undefined

  /**
   * @param die - called once, at the moment of death.
   * @param knowsCopies - whether a copied file is told from the first, as it is outside of tests; stories that take
   *   everybody back in time would be stopped by it.
   */
  constructor(die: () => void, knowsCopies = false) {
    this.#die = die
    this.#knowsCopies = knowsCopies
  }

  /** The steps taken so far, in order. */
  get steps(): readonly Step[] {
    return this.#steps
  }

  /** Begins to count from here, and dies at that step (0 is the first), or not at all. */
  count(fatal: Point | null = null): void {
    this.#steps.length = 0
    this.#fatal = fatal
  }

  /** The app is gone: nothing it still does reaches the disk. */
  freeze(): void {
    this.#dead = true
    for (const file of this.#open) void file.close().catch(() => undefined)
    this.#open.clear()
  }

  makeDir = (path: string) => this.#alive(() => diskFs.makeDir(path))
  readAll = (path: string) => this.#alive(() => diskFs.readAll(path))
  look = async (path: string) => {
    const found = await this.#alive(() => diskFs.look(path))
    return found === null || this.#knowsCopies ? found : { ...found, file: 'one and the same', born: null }
  }
  list = (path: string) => this.#alive(() => diskFs.list(path))
  remove = (path: string) => this.#alive(() => diskFs.remove(path))
  syncDir = (path: string) => this.#alive(() => diskFs.syncDir(path))

  rename = (from: string, to: string) => {
    const rename = () => diskFs.rename(from, to)
    return isBlob(to) ? this.#step('blob', rename, async () => undefined) : this.#alive(rename)
  }

  open = (async (path: string, mode: 'create') => {
    const file = await this.#alive(() => diskFs.open(path, mode))
    // What is made aside is a step when it gets its name.
    const step = basename(path) === 'journal' ? 'journal' : isBlob(path) && !path.endsWith('.new') ? 'blob' : null
    return file === null ? null : this.#mortal(file, step)
  }) as VaultFs['open']

  /** @param step - which step it is to write to it; null if none. */
  #mortal(file: VaultFile, step: Step | null): VaultFile {
    const isJournal = step === 'journal'
    this.#open.add(file)
    return {
      size: () => this.#alive(() => file.size()),
      read: async (at, length) => {
        if (isJournal && at === 0) await this.hold()
        return this.#alive(() => file.read(at, length))
      },
      write: async (bytes, at) => {
        if (isJournal) await this.stall()
        const write = () => file.write(bytes, at)
        const half = () => file.write(bytes.subarray(0, bytes.length >> 1), at)
        return step === null ? this.#alive(write) : this.#step(step, write, half)
      },
      truncate: (length) => this.#alive(() => file.truncate(length)),
      sync: () => this.#alive(() => file.sync()),
      close: () => {
        this.#open.delete(file)
        return this.#alive(() => file.close())
      },
    }
  }

  #alive<Value>(act: () => Promise<Value>): Promise<Value> {
    // A call under way when the app dies is done by the system, and nobody hears of it.
    return this.#dead ? NEVER : act().then((value) => (this.#dead ? NEVER : value))
  }

  async #step<Value>(step: Step, act: () => Promise<Value>, half: () => Promise<unknown>): Promise<Value> {
    if (this.#dead) return NEVER
    const number = this.#steps.push(step) - 1
    const moment = this.#fatal?.step === number ? this.#fatal.moment : null
    if (moment === null) return this.#alive(act)
    if (moment !== 'before') await (moment === 'half' ? half() : act())
    this.#dead = true
    this.#die()
    return NEVER
  }
}
