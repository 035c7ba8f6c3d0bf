import { once } from 'node:events'
import { join } from 'node:path'
import type { Answer, Notice, Step } from '../../shared/ceremony.ts'
import { lineField } from '../../shared/statements/fields.ts'
import { untilIdleLock } from './auto-lock.ts'
import { Desk } from './ceremonies/desk.ts'
import { setUp } from './ceremonies/set-up.ts'
import { signWith } from './ceremonies/sign.ts'
import { type Unlocked, unlockWith } from './ceremonies/unlock.ts'
import { type Clock, systemClock } from './clock.ts'
import { Counters } from './counters.ts'
import { DiskError, diskFault } from './disk-error.ts'
import { diskFs, type VaultFs } from './files.ts'
import { HeldShares } from './held.ts'
import { JournalError, type ReadingListener } from './journal.ts'
import { journalNotices, oneFileOnly, VAULT_ALTERED } from './notices.ts'
import { createJournal, type OpenedVault, openVault, type Place, VaultError } from './open-vault.ts'
import { wipe } from './sodium.ts'
import type {
  DiskState,
  LockReason,
  OpenVault,
  SetUpOrder,
  SignOrder,
  Vault,
  VaultStatus,
  VaultSummary,
  VaultTrouble,
} from './types.ts'
import { readVaultFile, type Slot, summaryOf, type VaultFile, VaultFileError, writeVaultFile } from './vault-file.ts'
import { SLOW_MS, watchedFs } from './watched-fs.ts'

export { VaultError } from './open-vault.ts'

export interface VaultOptions {
  /** The profile's directory; the vault lies in `vault/` below. */
  readonly profile: string
  readonly fs?: VaultFs
  readonly clock?: Clock
  /** Milliseconds without activity until the vault locks: 10 minutes, at most 15. */
  readonly idleLimit?: number
  /** Bytes kept against a full disk: 16 MiB. */
  readonly reserveLength?: number
  /** Makers' root certificates (PEM). Without any, no key can prove its model. */
  readonly attestationRoots?: readonly string[]
  /** Whether the profile is known to have held a vault: if there is none, it is missing, and no new one is made. */
  readonly expected?: boolean
}

/** Looks for the vault of a profile; opens nothing. */
export async function findVault(options: VaultOptions): Promise<Vault> {
  const vault = new LocalVault(options)
  await vault.look()
  return vault
}

class LocalVault implements Vault {
  readonly held: HeldShares
  readonly #options: VaultOptions
  readonly #fs: VaultFs
  readonly #clock: Clock
  readonly #desk = new Desk()
  readonly #place: Place
  readonly #lockListeners = new Set<(reason: LockReason) => void>()
  readonly #openListeners = new Set<(vault: OpenVault, notices: readonly Notice[]) => void>()
  #readingListener: Omit<ReadingListener, 'signal'> = {
    onGlimpse: async () => undefined,
    onProgress: () => undefined,
  }
  /** Ends the reading of a journal that is being opened. */
  #reading: AbortController | null = null
  #counters: Counters | null = null
  #file: VaultFile | null = null
  #isWhole = true
  #trouble: VaultTrouble | null = null
  #disk: DiskState = { condition: 'well', detail: '', slowSince: null }
  readonly #diskListeners = new Set<() => void>()
  #opened: OpenedVault | null = null
  /** Resolves when all that was ever opened has let go of the disk. */
  #closing: Promise<unknown> = Promise.resolve()
  #lastActivity

  constructor(options: VaultOptions) {
    this.#options = options
    this.#fs = watchedFs(options.fs ?? diskFs, (isSlow) => this.#onSlow(isSlow))
    this.#clock = options.clock ?? systemClock
    this.#place = this.#placeAt('vault')
    this.held = new HeldShares(this.#clock)
    this.#lastActivity = this.#clock()
  }

  async look(): Promise<void> {
    try {
      await this.#fs.makeDir(this.#options.profile)
      const found = await readVaultFile(this.#fs, this.#place.dir)
      this.#file = found?.file ?? null
      this.#isWhole = found?.isWhole ?? true
      this.#trouble = found === null ? await this.#missing() : null
    } catch (error) {
      if (!(error instanceof VaultFileError) && !(error instanceof DiskError)) throw error
      this.#trouble = { code: error.code, detail: error.message }
    }
  }

  // A directory without its file held a vault once: set-up must not build over what may still be saved.
  async #missing(): Promise<VaultTrouble | null> {
    if ((await this.#fs.list(this.#place.dir)) !== null)
      return { code: 'unreadable', detail: 'the vault file and its copy are missing' }
    if (this.#options.expected !== true) return null
    return { code: 'vault-gone', detail: 'this profile had a vault, and it is not there' }
  }

  status(): VaultStatus {
    if (this.#trouble) return 'damaged'
    if (this.#file === null) return 'none'
    return this.#opened ? 'open' : 'locked'
  }

  trouble(): VaultTrouble | null {
    return this.#trouble
  }

  disk(): DiskState {
    return this.#disk
  }

  onDisk(listener: () => void): () => void {
    this.#diskListeners.add(listener)
    return () => void this.#diskListeners.delete(listener)
  }

  async recheckDisk(): Promise<void> {
    // What went wrong is in the condition; a vault that was just locked has nothing to look at.
    await this.#opened?.vault.journal.recheck().catch(() => undefined)
  }

  #setDisk(change: Partial<DiskState>): void {
    this.#disk = { ...this.#disk, ...change }
    for (const listener of this.#diskListeners) listener()
  }

  #onSlow(isSlow: boolean): void {
    this.#setDisk({ slowSince: isSlow ? this.#clock().wall - SLOW_MS : null })
  }

  summary(): VaultSummary | null {
    return this.#file && summaryOf(this.#file)
  }

  async setUp(order: SetUpOrder): Promise<Step> {
    this.#mustBeUsable()
    if (this.status() !== 'none')
      throw new VaultError('exists', 'there is a vault in this profile already; it is not replaced')
    checkLabels(order.labels)
    const store = (file: VaultFile, vaultKey: Uint8Array): Promise<VaultFile> => this.#store(file, vaultKey)
    const context = { ...order, now: this.#clock().wall, roots: this.#options.attestationRoots ?? [], store }
    return this.#desk.start('set-up', setUp(context), async (unlocked) => {
      try {
        // From here on it is the vault. A crash before leaves none, and the next set-up starts afresh.
        await this.#fs.rename(this.#placeAt('vault.new').dir, this.#place.dir)
        await this.#fs.syncDir(this.#options.profile)
        await this.look()
        return await this.#openWith(unlocked)
      } finally {
        wipe(unlocked.vaultKey)
      }
    })
  }

  async unlock(): Promise<Step> {
    this.#mustBeUsable()
    if (!this.#file) throw new VaultError('none', 'there is no vault in this profile yet')
    return this.#desk.start('unlock', unlockWith(this.#file, null), (unlocked) => this.#openWith(unlocked))
  }

  #mustBeUsable(): void {
    if (this.#trouble) throw new VaultError(this.#trouble.code, this.#trouble.detail)
  }

  async sign(order: SignOrder): Promise<Step> {
    this.open()
    const script = signWith(this.#file as VaultFile, order.challenge, order.withSecret)
    return this.#desk.start('sign', script, async ({ signature, boxKey, slot, counter }) => {
      try {
        this.open()
        await order.onSigned({ signature, boxKey })
        return (await this.#counters?.note(slot.label, slot.sign.credential, counter)) ?? []
      } finally {
        if (boxKey) wipe(boxKey)
      }
    })
  }

  answer(ceremony: string, answer: Answer): Promise<Step> {
    this.touched()
    return this.#desk.answer(ceremony, answer)
  }

  open(): OpenVault {
    if (!this.#opened) throw new VaultError('locked', 'the vault is locked; unlock it with one of its keys')
    return this.#opened.vault
  }

  async lock(reason: LockReason): Promise<void> {
    // First what is secret, at once; then whatever ceremony was under way, which may just have opened the vault.
    const closing = this.#close(reason)
    // Told below, once the ceremony has ended too.
    closing.catch(() => undefined)
    await this.#desk.end()
    await Promise.all([closing, this.#close(reason)])
  }

  async #close(reason: LockReason): Promise<void> {
    const wasOpen = this.#opened !== null
    this.#reading?.abort(new JournalError('closed', 'the vault was locked while its log was read'))
    this.held.locked(reason)
    const closing = this.#shut()
    if (wasOpen) for (const listener of this.#lockListeners) listener(reason)
    await closing
  }

  onLock(listener: (reason: LockReason) => void): () => void {
    this.#lockListeners.add(listener)
    return () => void this.#lockListeners.delete(listener)
  }

  onReading(listener: Omit<ReadingListener, 'signal'>): void {
    this.#readingListener = listener
  }

  onOpen(listener: (vault: OpenVault, notices: readonly Notice[]) => void): () => void {
    this.#openListeners.add(listener)
    return () => void this.#openListeners.delete(listener)
  }

  touched(): void {
    this.#lastActivity = this.#clock()
  }

  async checkIdle(): Promise<number> {
    this.held.sweep()
    const left = untilIdleLock(this.#lastActivity, this.#clock(), this.#options.idleLimit)
    if (left === 0 && this.#opened) await this.lock('idle')
    return left
  }

  #placeAt(name: string): Place {
    const { profile, reserveLength } = this.#options
    return {
      fs: this.#fs,
      dir: join(profile, name),
      ...(reserveLength === undefined ? {} : { reserveLength }),
      onDisk: (condition, detail) => this.#setDisk({ condition, detail }),
    }
  }

  // Beside the place where a vault is looked for, so that one whose keys were never tried is no vault.
  async #store(file: VaultFile, vaultKey: Uint8Array): Promise<VaultFile> {
    const place = this.#placeAt('vault.new')
    await this.#fs.remove(place.dir)
    await this.#fs.makeDir(place.dir)
    await createJournal(place, file, vaultKey)
    await writeVaultFile(this.#fs, place.dir, file)
    const stored = await readVaultFile(this.#fs, place.dir)
    if (!stored) throw new VaultFileError('unreadable', 'the disk did not give back the vault that was just written')
    return stored.file
  }

  async #openWith({ vaultKey, slot, counter }: Unlocked): Promise<Notice[]> {
    try {
      const opened = await this.#read(vaultKey)
      this.#opened = opened
      this.touched()
      const notices = await this.#noticesOf(opened, slot, counter)
      for (const listener of this.#openListeners) listener(opened.vault, notices)
      return notices
    } catch (error) {
      // Whoever is told that the vault did not open must not leave it open.
      await this.#shut()
      throw error
    }
  }

  /** Takes the keys of what is open at once; resolves when nothing that was open, now or before, has the disk any more. */
  #shut(): Promise<unknown> {
    const opened = this.#opened
    this.#opened = null
    if (opened === null) return this.#closing
    const closed = opened.close()
    // What went wrong with one is told to whoever locked it, and keeps no later one from being opened.
    this.#closing = Promise.allSettled([this.#closing, closed])
    return Promise.all([this.#closing, closed])
  }

  async #noticesOf({ vault, goodTag }: OpenedVault, slot: Slot, counter: number): Promise<Notice[]> {
    this.#counters = await Counters.load(vault.journal)
    return [
      ...(this.#isWhole ? [] : [await this.#writeAnew(this.#file as VaultFile, goodTag)]),
      ...(goodTag ? [] : [VAULT_ALTERED]),
      ...journalNotices(vault.problems),
      ...(await this.#counters.note(slot.label, slot.unlock.credential, counter)),
    ]
  }

  async #read(vaultKey: Uint8Array): Promise<OpenedVault> {
    const reading = new AbortController()
    this.#reading = reading
    try {
      // Two journals on one file would write over each other. A lock need not wait: the key goes at once.
      await Promise.race([this.#shut(), once(reading.signal, 'abort')])
      reading.signal.throwIfAborted()
      this.#setDisk({ condition: 'well', detail: '' })
      return await openVault(this.#place, this.#file as VaultFile, vaultKey, {
        ...this.#readingListener,
        signal: reading.signal,
      })
    } finally {
      this.#reading = null
      wipe(vaultKey)
    }
  }

  /** One of the two vault files is gone, spoilt or an older one: both are written from what just opened the vault. */
  async #writeAnew(file: VaultFile, goodTag: boolean): Promise<Notice> {
    if (!goodTag) return oneFileOnly('It was left as it is.')
    try {
      await writeVaultFile(this.#fs, this.#place.dir, file)
      this.#isWhole = true
      return oneFileOnly('It was written anew from the other.')
    } catch (error) {
      if (diskFault(error) === null) throw error
      return oneFileOnly('It could not be written anew.')
    }
  }
}

function checkLabels(labels: SetUpOrder['labels']): void {
  const good = labels.every((label) => lineField(64).safeParse(label).success)
  if (!good || labels[0] === labels[1])
    throw new VaultError(
      'labels',
      'expected two different names for the two keys, each one line of at most 64 characters',
    )
}
