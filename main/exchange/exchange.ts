import type { Digest, UnixMilliseconds } from '../../shared/bytes.ts'
import { LockboxError } from '../../shared/errors.ts'

/** Who a peer is, as the head roster names it. */
export interface PeerName {
  readonly device: Digest
  readonly member: string
  /** The member's name, for people. */
  readonly name: string
}

/** A device that may connect. */
export interface Peer extends PeerName {
  /** The device's TLS key in the head roster: P-256, uncompressed point (65 bytes), base64url. */
  readonly tls: string
}

/** The TLS key of a locked device: its point, base64url, and its own signature that it is that device's (64 bytes). */
export interface MailKey {
  readonly key: string
  readonly proof: string
}

/** Who this app is on the network. */
export interface ExchangeIdentity {
  readonly organization: Digest
  readonly device: Digest
  /** PKCS #8 DER (RFC 5958) of the P-256 key; stays the caller's to wipe, which it may do once `start` has returned. */
  readonly tlsPrivateKey: Uint8Array
  /** Its public half as in the roster: uncompressed point, base64url. */
  readonly tlsPublic: string
  /** The active devices of the head roster at this moment; this device may be among them. */
  peers(): readonly Peer[]
  /** The TLS key that a device shows while it is locked (docs/formats/mailbox.md), as it told itself; null if it did not. */
  mailKeyOf(device: Digest): string | null
  /** The one that this device will show while it is locked; null while it has none. */
  mailKey(): MailKey | null
}

/** What the store made of an envelope: accepted, had already, kept until its roster comes, or refused (and logged). */
export type Receipt = 'new' | 'known' | 'waiting' | 'refused'

/** What became of a blob: kept, here already, or not wanted here. */
export type BlobReceipt = 'new' | 'known' | 'unwanted'

/** A checkpoint to be cosigned. */
export interface WitnessRequest {
  /** The signed note. */
  readonly note: string
  /** Consistency proof (RFC 6962 §2.1.2) from the head that the witness cosigned last, base64url hashes. */
  readonly proof: readonly string[]
  /** The size of that head; 0 if it has cosigned none. */
  readonly from: number
}

/** The note with the witness's cosignature, or why not and, where it helps, the note that it cosigned last. */
export type WitnessAnswer =
  | { readonly cosigned: string }
  | { readonly refused: string; readonly last?: string | undefined }

/** A statement that a locked device should hear of, sealed to its mailbox. */
export interface Mail {
  readonly id: Digest
  /** Whether its owner should be called to it. */
  readonly urgent: boolean
  readonly box: Uint8Array
}

/** What the exchange asks of the app. It keeps nothing itself: carriers only move bytes (DESIGN §3). */
export interface ExchangeStore {
  /** Accepted statements. */
  ids(): readonly Digest[]
  has(id: Digest): boolean
  envelope(id: Digest): Uint8Array | undefined
  /** Runs the door. Never rejects for what the envelope holds; a refusal is logged there. */
  receive(envelope: Uint8Array, from: PeerName): Promise<Receipt>
  /** Those of the sealed blobs that a statement names for which somebody waits: they travel right behind it. */
  blobsWith(id: Digest): readonly Digest[]
  /** Sealed blobs that this device may have: credential ciphertext, its boxes, releases to it, its handover. */
  blobsFor(device: Digest): readonly Digest[]
  blobsWanted(): readonly Digest[]
  /** Of these wanted blobs those that every member's device keeps, and which devices most likely have each, the likeliest first. */
  likelyAt(wanted: readonly Digest[]): ReadonlyMap<Digest, readonly Digest[]>
  blob(digest: Digest): Promise<Uint8Array | undefined>
  /** Kept only if its SHA-256 is wanted. */
  receiveBlob(bytes: Uint8Array, from: PeerName): Promise<BlobReceipt>
  /** The latest checkpoint of this device's own ledger that others cosigned, as a signed note; null while there is none. */
  ownNote(): string | null
  /** The latest checkpoints of other devices, as signed notes with their cosignatures, and those that prove a fork. */
  notes(): readonly string[]
  receiveNote(note: string, from: PeerName): Promise<void>
  witness(request: WitnessRequest, from: PeerName): Promise<WitnessAnswer>
  /** A peer tells by which key it is known while it is locked. */
  receiveMailKey(mailKey: MailKey, from: PeerName): Promise<void>
  /** What a locked device should hear of, but for what it was told already. */
  mailFor(device: Digest, told: ReadonlySet<Digest>): Promise<readonly Mail[]>
}

/** Why a connection was refused or came to its end. */
export type CloseReason =
  /** Nobody there, or the network refused. */
  | 'unreachable'
  | 'handshake-failed'
  | 'handshake-timeout'
  | 'no-certificate'
  | 'unknown-key'
  | 'own-key'
  /** The key of this very device, shown by another app: a copy of its folder is at work. */
  | 'twin'
  | 'resumed'
  | 'too-many-connections'
  | 'cooling-down'
  | 'unsupported-version'
  | 'wrong-organization'
  | 'malformed'
  | 'too-large'
  /** More than the bounds allow of what nobody asked for, or of what the door refuses. */
  | 'flood'
  /** Does not read what it is sent. */
  | 'slow'
  /** Nothing heard for too long. */
  | 'silent'
  /** Another connection to the same device was kept. */
  | 'duplicate'
  /** The head roster changed, and the peer is not in it with this key. */
  | 'not-in-roster'
  | 'closed-by-peer'
  | 'stopped'
  /** Our own fault: the store failed. */
  | 'internal'

/** A connection cannot go on. Never leaves the exchange: it becomes an event with the reason. */
export class ConnectionError extends LockboxError<CloseReason> {}

export type ExchangeErrorCode =
  | 'bad-address'
  | 'bad-key'
  | 'port-in-use'
  | 'listen-failed'
  | 'already-started'
  | 'not-connected'
  | 'timed-out'

/** What the exchange was asked to do and could not. */
export class ExchangeError extends LockboxError<ExchangeErrorCode> {}

/** How a connection came about. */
export interface Via {
  readonly how: 'incoming' | 'typed' | 'discovered'
  /** `host:port`, an IPv6 host in brackets. */
  readonly address: string
}

/** One connected peer, as people see it. */
export interface PeerState extends PeerName {
  readonly via: Via
  readonly connectedAt: UnixMilliseconds
  readonly lastHeardAt: UnixMilliseconds
  /** The peer's clock minus ours, milliseconds, give or take half a round trip. Beyond ten minutes people are asked. */
  readonly clockDifferenceMs: number
  readonly bytesReceived: number
  readonly statementsReceived: number
}

/** One locked app that is there and keeps what it is sent, as people see it. */
export interface MailboxState extends PeerName {
  readonly via: Via
  readonly since: UnixMilliseconds
  /** Statements that it keeps, and those that it was sent and has not confirmed. */
  readonly told: number
  readonly waiting: number
}

/** One address that is tried again and again. */
export interface AddressState {
  readonly address: string
  readonly how: 'typed' | 'discovered'
  readonly state: 'waiting' | 'connecting' | 'connected'
  /** The device that answered there last, if it stands in the roster. */
  readonly device: Digest | null
  /** Why the last attempt ended, or null. */
  readonly lastFailure: CloseReason | null
  readonly attempts: number
}

/** Discovery by DNS-SD: off, running on so many interfaces, or not possible and why. */
export type DiscoveryState =
  | { readonly state: 'off' }
  | { readonly state: 'on'; readonly interfaces: number; readonly problem: string | null }
  | { readonly state: 'unavailable'; readonly problem: string }

/** What happens on the network, for people and for the log. */
export type ExchangeEvent =
  | { readonly event: 'connected'; readonly peer: PeerState }
  | { readonly event: 'disconnected'; readonly peer: PeerName; readonly reason: CloseReason; readonly message: string }
  /** A connection that never became a peer. `peer` is known where its key was. */
  | {
      readonly event: 'refused'
      readonly address: string
      readonly peer: PeerName | null
      readonly reason: CloseReason
      readonly message: string
    }
  /** A connected peer's clock measured anew. */
  | { readonly event: 'clock'; readonly peer: PeerName; readonly differenceMs: number }
  /** Both sides have looked through all ids, and nothing that the peer has is missing here. */
  | { readonly event: 'reconciled'; readonly peer: PeerName }
  | { readonly event: 'discovery'; readonly state: DiscoveryState }
  /** A locked app came, went, or took something. */
  | { readonly event: 'mailbox'; readonly peer: PeerName }
