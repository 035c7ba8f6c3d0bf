import type { Digest, UnixMilliseconds } from '../../shared/bytes.ts'
import type { Answer, Notice, Step } from '../../shared/ceremony.ts'
import type { HardwareSignature } from '../../shared/statements/envelope.ts'
import type { Authenticator, DeviceKeys } from '../../shared/statements/member.ts'
import type { Blobs } from './blobs.ts'
import type { DiskErrorCode } from './disk-error.ts'
import type { HeldShares } from './held.ts'
import type { Journal, JournalCondition, JournalProblem, ReadingListener } from './journal.ts'
import type { Recordings } from './recordings.ts'
import type { VersionErrorCode } from './version.ts'

/** `damaged`: there is a vault, but it cannot be used, and `trouble` says why; nothing is made anew in its place. */
export type VaultStatus = 'none' | 'locked' | 'open' | 'damaged'

/** Why the vault of this profile cannot be used: what holds it up, or what was found in its place. */
export type TroubleCode =
  | DiskErrorCode
  | VersionErrorCode
  | 'unreadable'
  | 'vault-gone'
  | 'profile-in-use'
  | 'not-private'
export interface VaultTrouble {
  readonly code: TroubleCode
  /** What was found; the window has the words for people. */
  readonly detail: string
}

/** How the disk does. */
export interface DiskState {
  readonly condition: JournalCondition
  readonly detail: string
  /** Since when a call to the disk has not come back, though it should have. */
  readonly slowSince: UnixMilliseconds | null
}

export type LockReason = 'button' | 'idle' | 'screen' | 'suspend' | 'quit'

/** One FIDO2 key as people see it. */
export interface KeySummary {
  readonly label: string
  /** AAGUID as 32 hexadecimal digits. */
  readonly model: string
  /** "attested model …" or "did not prove its model". */
  readonly words: string
}

/** What of a vault is not secret; known while it is locked. */
export interface VaultSummary {
  readonly id: string
  readonly created: UnixMilliseconds
  readonly keys: readonly KeySummary[]
  /** The device's public keys, as a roster names them. */
  readonly device: DeviceKeys
  /** The `sign` credentials, as a roster names them. */
  readonly authenticators: readonly Authenticator[]
  /** Attestation objects as the keys gave them (blobs that travel beside a roster), base64url. */
  readonly attestations: readonly string[]
}

/** A hardware signature wanted: the touch, and what it opens. */
export interface SignOrder {
  /** The statement's id: SHA-256 of its signed bytes. */
  readonly challenge: Digest
  /** Whether the touch is also to open the custodian's box key. */
  readonly withSecret: boolean
  /**
   * Called once, before the ceremony says `done`. `boxKey` (32 bytes, null without `withSecret`) is wiped when the
   * promise settles. A `LockboxError` thrown here reaches the person as a refusal with its message.
   */
  readonly onSigned: (signed: { signature: HardwareSignature; boxKey: Uint8Array | null }) => Promise<void>
}

/** A TLS key pair (P-256). */
export interface TlsKey {
  /** PKCS #8, DER. Wiped when the vault locks. */
  readonly privateKey: Uint8Array
  /** Uncompressed point, 65 bytes. */
  readonly publicKey: Uint8Array
}

/** What an unlocked vault can do. Every verb throws `VaultError` `locked` once it is locked again. */
export interface OpenVault {
  readonly journal: Journal
  readonly blobs: Blobs
  /** Recorded terminals that are not in their case yet. */
  readonly recordings: Recordings
  /** What opening the journal found wrong; empty when all is well. */
  readonly problems: readonly JournalProblem[]
  /** Ed25519 signature (64 bytes) by the device's statement key. */
  signStatement(bytes: Uint8Array): Uint8Array
  /** Ed25519 signature (64 bytes) by the device's checkpoint key. */
  signCheckpoint(bytes: Uint8Array): Uint8Array
  tls(): TlsKey
  /** X25519 private key of the mailbox, 32 bytes; a copy that the caller wipes. */
  mailboxKey(): Uint8Array
}

export interface SetUpOrder {
  /** Shown by the browser's dialog and, on some keys, kept there. */
  readonly person: string
  /** What their owner calls the two keys, e.g. "Desk" and "Backup (safe)". */
  readonly labels: readonly [string, string]
  /** False where the shell cannot ask for a key's PIN (electron.md §0.2): said before anything is touched. */
  readonly canAskPin: boolean
}

/** The one vault of this app. One ceremony runs at a time; starting another ends the one before. */
export interface Vault {
  status(): VaultStatus
  /** Why the status is `damaged`; null if it is not. */
  trouble(): VaultTrouble | null
  disk(): DiskState
  onDisk(listener: () => void): () => void
  /** Looks whether a full disk has room again. Never throws. */
  recheckDisk(): Promise<void>
  /** Null without a vault. */
  summary(): VaultSummary | null
  /** Held shares live here, since they outlive an idle lock. */
  readonly held: HeldShares
  setUp(order: SetUpOrder): Promise<Step>
  unlock(): Promise<Step>
  /** @throws {VaultError} `locked`. */
  sign(order: SignOrder): Promise<Step>
  /** The next step after the window's answer. */
  answer(ceremony: string, answer: Answer): Promise<Step>
  /** @throws {VaultError} `locked`. */
  open(): OpenVault
  /** Zeroes the vault key and the device keys at once, tells listeners, then closes the journal. Never throws. */
  lock(reason: LockReason): Promise<void>
  onLock(listener: (reason: LockReason) => void): () => void
  /**
   * Who is told what the log shows while it is still being read, before {@link Vault.onOpen}. The vault counts as locked
   * until then; locking it ends the reading.
   */
  onReading(listener: Omit<ReadingListener, 'signal'>): void
  onOpen(listener: (vault: OpenVault, notices: readonly Notice[]) => void): () => void
  /** A person did something: puts off the idle lock. */
  touched(): void
  /** Locks if it was idle too long, wipes shares held too long; returns milliseconds until the idle lock. */
  checkIdle(): Promise<number>
}
