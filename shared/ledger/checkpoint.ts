import { base64 } from '@scure/base'
import { type Digest, utf8 } from '../bytes.ts'
import { LedgerError } from './errors.ts'
import { HASH_BYTES } from './merkle.ts'
import {
  formatNote,
  fromBase64,
  isKeyName,
  type Note,
  type NoteKey,
  noteKeyId,
  parseNote,
  SIGNATURE_TYPE,
} from './note.ts'

/** The state of one ledger: how many entries, and the root over them. */
export interface Head {
  /** Which ledger; see {@link originOf}. */
  readonly origin: string
  readonly size: number
  /** 32 bytes. */
  readonly root: Uint8Array
}

/** A parsed checkpoint (C2SP tlog-checkpoint). Nothing in it is verified; see `verifyCheckpoint`. */
export interface Checkpoint extends Head {
  readonly note: Note
}

/**
 * Checks an Ed25519 signature (RFC 8032) under the rule of docs/formats: false, never an exception, for anything that
 * is not a valid signature by a valid key.
 */
export type VerifyEd25519 = (
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
) => boolean | Promise<boolean>

/** Signs with the checkpoint key, which the caller holds; 64 bytes. */
export type SignEd25519 = (message: Uint8Array) => Uint8Array | Promise<Uint8Array>

const HOST = 'lockbox.localhost'
const ORIGIN = /^lockbox\.localhost\/([A-Za-z0-9_-]{43})\/([A-Za-z0-9_-]{43})$/
const SIZE = /^(0|[1-9][0-9]{0,15})$/
/** Length of an Ed25519 signature. */
export const SIGNATURE_BYTES = 64

/** The origin of a device's ledger, which is also the name of its checkpoint key: `lockbox.localhost/<organization>/<device>`. */
export function originOf(organization: Digest, device: Digest): string {
  return `${HOST}/${organization}/${device}`
}

/** Organization and device of an origin of ours, or null for any other text. */
export function parseOrigin(origin: string): { organization: Digest; device: Digest } | null {
  const [, organization, device] = ORIGIN.exec(origin) ?? []
  return organization !== undefined && device !== undefined ? { organization, device } : null
}

/**
 * The text of a checkpoint: origin, size, root in base64, a line each (C2SP tlog-checkpoint, without extension lines).
 *
 * @throws {TypeError} if the head cannot be: our own code made it.
 */
function checkpointText(head: Head): string {
  if (!isKeyName(head.origin)) throw new TypeError('expected an origin without spaces and "+"')
  if (!Number.isSafeInteger(head.size) || head.size < 0) throw new TypeError('expected a size')
  if (head.root.length !== HASH_BYTES) throw new TypeError(`expected a root of ${HASH_BYTES} bytes`)
  return `${head.origin}\n${head.size}\n${base64.encode(head.root)}\n`
}

/** The bytes that a ledger's own key signs: the UTF-8 of {@link checkpointText}. */
function noteToSign(head: Head): Uint8Array {
  return utf8(checkpointText(head))
}

/** The whole note of a checkpoint, ready to send or keep. */
export function formatCheckpoint(checkpoint: Checkpoint): string {
  return formatNote(checkpoint.note)
}

/**
 * Parses a checkpoint; strict, at most 32 KiB. Extension lines are refused, since ours have none. Verifies nothing.
 *
 * @throws {LedgerError} `malformed` or `too-large`.
 */
export function parseCheckpoint(input: string | Uint8Array): Checkpoint {
  const note = parseNote(input)
  const [origin, size, root, ...rest] = note.text.slice(0, -1).split('\n')
  if (origin === undefined || size === undefined || root === undefined || rest.length > 0)
    throw new LedgerError('malformed', 'expected a checkpoint of three lines: origin, size, root')
  if (!isKeyName(origin)) throw new LedgerError('malformed', 'expected an origin without spaces and "+"')
  if (!SIZE.test(size) || !Number.isSafeInteger(Number(size)))
    throw new LedgerError('malformed', 'expected a size in decimal digits, below 2^53')
  const hash = fromBase64(root)
  if (hash.length !== HASH_BYTES) throw new LedgerError('malformed', `expected a root of ${HASH_BYTES} bytes`)
  return { origin, size: Number(size), root: hash, note }
}

/** The checkpoint as {@link parseCheckpoint} reads it, or null for anything that is none. */
export function checkpointFrom(input: string | Uint8Array): Checkpoint | null {
  try {
    return parseCheckpoint(input)
  } catch (error) {
    if (error instanceof LedgerError) return null
    throw error
  }
}

/**
 * Signs a head with the ledger's own key (C2SP signed-note, type 0x01).
 *
 * @param key.name - Must be the head's origin.
 */
export async function signCheckpoint(head: Head, key: NoteKey, sign: SignEd25519): Promise<Checkpoint> {
  if (key.name !== head.origin) throw new TypeError('a checkpoint is signed by the key of its own origin')
  const bytes = signatureOf(await sign(noteToSign(head)))
  const signature = { name: key.name, keyId: noteKeyId(key, SIGNATURE_TYPE.ed25519), bytes }
  const { origin, size, root } = head
  return { origin, size, root, note: { text: checkpointText(head), signatures: [signature] } }
}

/**
 * The signature that a signer gave.
 *
 * @throws {TypeError} if it is not 64 bytes: our own code made it.
 */
export function signatureOf(bytes: Uint8Array): Uint8Array {
  if (bytes.length !== SIGNATURE_BYTES) throw new TypeError(`expected an Ed25519 signature of ${SIGNATURE_BYTES} bytes`)
  return bytes
}
