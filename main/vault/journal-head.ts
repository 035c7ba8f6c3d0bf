import { concat, toBase64Url } from '../../shared/bytes.ts'
import { jcs } from '../../shared/jcs.ts'
import type { VaultFile, VaultFs } from './files.ts'
import { writeFully } from './files.ts'
import { JournalError } from './journal-disk.ts'
import type { JournalIdentity } from './journal-record.ts'
import type { Head, HeadMarker } from './journal-scan.ts'
import { openRecord, SEAL_OVERHEAD, sealRecord, wipe } from './sodium.ts'

// Two slots written in turn, so that a marker torn by a kill leaves the one before: it may lag, never lead.
const SLOT_LENGTH = 128
const PLAIN_LENGTH = 36

/**
 * The marker beside a journal that says how far it was acknowledged, so that a tail cut off or a file emptied is
 * noticed. Sealed under its own key; rewritten without sync after each append.
 */
export class HeadFile {
  readonly #identity: JournalIdentity
  readonly #make: () => Promise<VaultFile>
  #file: VaultFile | null
  #slot = 0
  #forgotten = false

  private constructor(identity: JournalIdentity, file: VaultFile | null, make: () => Promise<VaultFile>) {
    this.#identity = identity
    this.#file = file
    this.#make = make
  }

  /** Opens the marker and reads it; an absent one is said to be missing, and made when there is something to write. */
  static async open(
    fs: VaultFs,
    path: string,
    identity: JournalIdentity,
  ): Promise<{ file: HeadFile; marker: HeadMarker }> {
    const existing = await fs.open(path, 'existing')
    const head = new HeadFile(identity, existing, () => fs.open(path, 'create'))
    return { file: head, marker: existing === null ? 'missing' : await head.#read(existing) }
  }

  async #read(file: VaultFile): Promise<HeadMarker> {
    const slots = await Promise.all([0, 1].map((slot) => file.read(slot * SLOT_LENGTH, PLAIN_LENGTH + SEAL_OVERHEAD)))
    const heads = slots.map((sealed) => this.#open(sealed))
    const newest = (heads[0]?.position ?? -1) > (heads[1]?.position ?? -1) ? 0 : 1
    this.#slot = 1 - newest
    return heads[newest] ?? (slots.every((sealed) => sealed.length === 0) ? 'missing' : 'altered')
  }

  #open(sealed: Uint8Array): Head | null {
    try {
      const plain = openRecord(this.#identity.key, sealed, this.#context())
      return { position: new DataView(plain.buffer, plain.byteOffset, 4).getUint32(0), hash: plain.subarray(4) }
    } catch {
      return null
    }
  }

  /** The marker for this head, to be written once what it names is on the medium. @throws {JournalError} `closed`. */
  seal(head: Head): Uint8Array {
    if (this.#forgotten) throw new JournalError('closed', 'the vault is locked')
    const position = new DataView(new ArrayBuffer(4))
    position.setUint32(0, head.position)
    return sealRecord(this.#identity.key, concat(new Uint8Array(position.buffer), head.hash), this.#context())
  }

  /** Writes a sealed marker; returns before it is on the medium. */
  async put(sealed: Uint8Array): Promise<void> {
    this.#file ??= await this.#make()
    await writeFully(this.#file, sealed, this.#slot * SLOT_LENGTH)
    this.#slot = 1 - this.#slot
  }

  /** Writes the marker, and returns once it is on the medium. */
  async settle(head: Head): Promise<void> {
    await this.put(this.seal(head))
    await this.#file?.sync()
  }

  /** Forgets the key; what was sealed before can still be written. */
  forget(): void {
    this.#forgotten = true
    wipe(this.#identity.key)
  }

  /** Forgets the key; the last marker is then on the medium. */
  async close(): Promise<void> {
    this.forget()
    await this.#file?.sync()
    await this.#file?.close()
  }

  #context(): Uint8Array {
    return jcs({ purpose: 'lockbox/journal-head/v1', vault: toBase64Url(this.#identity.vaultId) })
  }
}
