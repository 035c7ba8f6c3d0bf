import type { Digest } from '../../../shared/bytes.ts'
import type {
  BlobReceipt,
  ExchangeStore,
  Mail,
  MailKey,
  PeerName,
  Receipt,
  WitnessAnswer,
  WitnessRequest,
} from '../exchange.ts'
import { idOf } from './people.ts'

/**
 * Stands in for the app's store. An "envelope" is any text, its id the SHA-256 of it; one that starts with `refused` is
 * refused, one that starts with `waiting` waits. Blobs go to whom `allow` says.
 */
export class MemoryStore implements ExchangeStore {
  readonly statements = new Map<Digest, Uint8Array>()
  /** Ids of statements that were here and are no more: they count as had. */
  readonly pruned = new Set<Digest>()
  readonly blobs = new Map<Digest, Uint8Array>()
  readonly wanted = new Set<Digest>()
  readonly allowed = new Map<Digest, Set<Digest>>()
  /** By a statement's id, the blobs that travel right behind it. */
  readonly named = new Map<Digest, readonly Digest[]>()
  /** Blobs that everybody keeps, and who most likely has them. */
  readonly likely = new Map<Digest, readonly Digest[]>()
  /** Notes of others, and this app's own. */
  readonly signedNotes = new Set<string>()
  own: string | null = null
  /** By which keys others are known while they are locked, and what every locked device should hear of. */
  readonly mailKeys = new Map<Digest, string>()
  readonly mail: Mail[] = []
  /** Everything that was handed in, in order. */
  readonly calls: { what: 'statement' | 'blob' | 'note' | 'witness' | 'mail-key'; from: string }[] = []
  /** The texts of the statements handed in, in order. */
  readonly received: string[] = []
  /** What a witness request is answered with; null: not at all. */
  witnessAnswer: WitnessAnswer | null = { refused: 'fork', last: 'the last note' }

  /** Puts statements in as the app's own. */
  add(...texts: readonly string[]): Digest[] {
    return texts.map((text) => {
      const id = idOf(text)
      this.statements.set(id, Buffer.from(text))
      return id
    })
  }

  /** Takes statements away for good. */
  prune(...texts: readonly string[]): void {
    for (const id of texts.map(idOf)) {
      this.statements.delete(id)
      this.pruned.add(id)
    }
  }

  /** Puts a blob in that these devices may have. */
  addBlob(text: string, ...devices: readonly Digest[]): Digest {
    const id = idOf(text)
    this.blobs.set(id, Buffer.from(text))
    this.allowed.set(id, new Set(devices))
    return id
  }

  texts(): string[] {
    return [...this.statements.values()].map((bytes) => Buffer.from(bytes).toString()).sort()
  }

  count(what: 'statement' | 'blob' | 'note' | 'witness' | 'mail-key'): number {
    return this.calls.filter((call) => call.what === what).length
  }

  ids(): readonly Digest[] {
    return [...this.statements.keys(), ...this.pruned]
  }

  has(id: Digest): boolean {
    return this.statements.has(id) || this.pruned.has(id)
  }

  envelope(id: Digest): Uint8Array | undefined {
    return this.statements.get(id)
  }

  receive(envelope: Uint8Array, from: PeerName): Promise<Receipt> {
    this.calls.push({ what: 'statement', from: from.name })
    const text = Buffer.from(envelope).toString()
    this.received.push(text)
    if (text.startsWith('refused')) return Promise.resolve('refused')
    if (text.startsWith('waiting')) return Promise.resolve('waiting')
    if (this.has(idOf(text))) return Promise.resolve('known')
    this.add(text)
    return Promise.resolve('new')
  }

  blobsWith(id: Digest): readonly Digest[] {
    return this.named.get(id) ?? []
  }

  blobsFor(device: Digest): readonly Digest[] {
    return [...this.allowed].filter(([, devices]) => devices.has(device)).map(([id]) => id)
  }

  blobsWanted(): readonly Digest[] {
    return [...this.wanted].filter((id) => !this.blobs.has(id))
  }

  likelyAt(wanted: readonly Digest[]): ReadonlyMap<Digest, readonly Digest[]> {
    return new Map([...this.likely].filter(([id]) => wanted.includes(id)))
  }

  blob(id: Digest): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.blobs.get(id))
  }

  receiveBlob(bytes: Uint8Array, from: PeerName): Promise<BlobReceipt> {
    this.calls.push({ what: 'blob', from: from.name })
    const id = idOf(bytes)
    if (!this.wanted.has(id)) return Promise.resolve('unwanted')
    if (this.blobs.has(id)) return Promise.resolve('known')
    this.blobs.set(id, bytes)
    return Promise.resolve('new')
  }

  ownNote(): string | null {
    return this.own
  }

  notes(): readonly string[] {
    return [...this.signedNotes]
  }

  receiveNote(note: string, from: PeerName): Promise<void> {
    this.calls.push({ what: 'note', from: from.name })
    this.signedNotes.add(note)
    return Promise.resolve()
  }

  witness(_request: WitnessRequest, from: PeerName): Promise<WitnessAnswer> {
    this.calls.push({ what: 'witness', from: from.name })
    return this.witnessAnswer === null ? new Promise(() => undefined) : Promise.resolve(this.witnessAnswer)
  }

  receiveMailKey({ key }: MailKey, from: PeerName): Promise<void> {
    this.calls.push({ what: 'mail-key', from: from.name })
    this.mailKeys.set(from.device, key)
    return Promise.resolve()
  }

  /** Two at a time, as an app gives so many and no more in one go. */
  mailFor(_device: Digest, told: ReadonlySet<Digest>): Promise<readonly Mail[]> {
    return Promise.resolve(this.mail.filter(({ id }) => !told.has(id)).slice(0, 2))
  }
}
