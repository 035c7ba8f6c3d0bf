import { base64 } from '@scure/base'
import { concat, type Digest, utf8 } from '../bytes.ts'
import { LedgerError } from './errors.ts'
import { HASH_BYTES } from './merkle.ts'
import {
  addSignature,
  formatNote,
  fromBase64,
  isKeyName,
  type Note,
  type NoteKey,
  type NoteSignature,
  noteKeyId,
  parseNote,
  SIGNATURE_TYPE,
  type SignatureType,
} from './note.ts'

/** The state of one ledger: how many entries, and the root over them. */
export interface Head {
  /** Which ledger; see {@link originOf}. */
  readonly origin: string
  readonly size: number
  /** 32 bytes. */
  readonly root: Uint8Array
}

/** A parsed checkpoint (C2SP tlog-checkpoint). Nothing in it is verified; see {@link verifyCheckpoint}. */
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

/** Another device that cosigned, and when by its own clock (Unix seconds). */
export interface Cosigner {
  readonly name: string
  readonly timeSeconds: number
}

/**
 * Why a checkpoint is not believed: no key known for its origin (`unknown-key`), no signature by a known key of it
 * (`unsigned`), one that is wrong (`bad-signature`), or a wrong cosignature by a known key (`bad-cosignature`).
 */
export type CheckpointFault = 'unknown-key' | 'unsigned' | 'bad-signature' | 'bad-cosignature'

export type CheckpointVerdict =
  /** `unknown` counts signatures by keys that were not given; they say nothing. */
  | { readonly ok: true; readonly cosigners: readonly Cosigner[]; readonly unknown: number }
  /** `name` is the key's whose signature is missing or wrong. */
  | { readonly ok: false; readonly code: CheckpointFault; readonly name: string }

const HOST = 'lockbox.localhost'
const ORIGIN = /^lockbox\.localhost\/([A-Za-z0-9_-]{43})\/([A-Za-z0-9_-]{43})$/
const SIZE = /^(0|[1-9][0-9]{0,15})$/
const SIGNATURE_BYTES = 64

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
export function checkpointText(head: Head): string {
  if (!isKeyName(head.origin)) throw new TypeError('expected an origin without spaces and "+"')
  if (!Number.isSafeInteger(head.size) || head.size < 0) throw new TypeError('expected a size')
  if (head.root.length !== HASH_BYTES) throw new TypeError(`expected a root of ${HASH_BYTES} bytes`)
  return `${head.origin}\n${head.size}\n${base64.encode(head.root)}\n`
}

/** The bytes that a ledger's own key signs: the UTF-8 of {@link checkpointText}. */
export function noteToSign(head: Head): Uint8Array {
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
 * The bytes that a cosigner signs: `cosignature/v1`, `time <seconds>`, then the checkpoint's text (C2SP tlog-cosignature).
 *
 * @param timeSeconds - Unix time, whole seconds.
 */
export function cosignatureMessage(checkpoint: Checkpoint, timeSeconds: number): Uint8Array {
  if (!Number.isSafeInteger(timeSeconds) || timeSeconds < 0) throw new TypeError('expected whole seconds')
  return utf8(`cosignature/v1\ntime ${timeSeconds}\n${checkpoint.note.text}`)
}

/**
 * Cosigns a checkpoint that `witnessHead` accepted (C2SP tlog-cosignature, type 0x04). Judges nothing itself.
 *
 * @param key - The cosigner's own: its name is the origin of the cosigner's ledger.
 * @param timeSeconds - The cosigner's clock, Unix seconds.
 */
export async function cosign(
  checkpoint: Checkpoint,
  key: NoteKey,
  timeSeconds: number,
  sign: SignEd25519,
): Promise<NoteSignature> {
  const signature = signatureOf(await sign(cosignatureMessage(checkpoint, timeSeconds)))
  const time = new Uint8Array(8)
  new DataView(time.buffer).setBigUint64(0, BigInt(timeSeconds))
  return { name: key.name, keyId: noteKeyId(key, SIGNATURE_TYPE.cosignature), bytes: concat(time, signature) }
}

/** The checkpoint with a cosignature added; an earlier one by the same key is replaced. */
export function addCosignature(checkpoint: Checkpoint, signature: NoteSignature): Checkpoint {
  return { ...checkpoint, note: addSignature(checkpoint.note, signature) }
}

/**
 * Checks one cosignature against the cosigner's key.
 *
 * @returns The cosigner with its time, or null if it is not a valid cosignature by that key on this checkpoint.
 */
export async function verifyCosignature(
  checkpoint: Checkpoint,
  signature: NoteSignature,
  key: NoteKey,
  verifyEd25519: VerifyEd25519,
): Promise<Cosigner | null> {
  if (signature.name !== key.name || signature.keyId !== noteKeyId(key, SIGNATURE_TYPE.cosignature)) return null
  const { bytes } = signature
  if (bytes.length !== 8 + SIGNATURE_BYTES) return null
  const time = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0)
  if (time > BigInt(Number.MAX_SAFE_INTEGER)) return null
  const timeSeconds = Number(time)
  const message = cosignatureMessage(checkpoint, timeSeconds)
  return (await verifyEd25519(key.publicKey, message, bytes.subarray(8))) ? { name: key.name, timeSeconds } : null
}

/**
 * Checks a checkpoint's own signature and its cosignatures. As C2SP signed-note asks, signatures by keys that are not
 * in `keys` are ignored, and one wrong signature by a key that is refuses the whole note. A ledger's own key cannot
 * cosign it.
 *
 * @param keys - Checkpoint keys of a roster by origin; one name may have had several keys.
 */
export async function verifyCheckpoint(
  checkpoint: Checkpoint,
  keys: readonly NoteKey[],
  verifyEd25519: VerifyEd25519,
): Promise<CheckpointVerdict> {
  const { origin } = checkpoint
  const own = await verifyOwn(checkpoint, keys, verifyEd25519)
  if (own !== null) return { ok: false, code: own, name: origin }
  const cosigners = new Map<string, Cosigner>()
  let unknown = 0
  for (const signature of checkpoint.note.signatures) {
    const key = keyFor(keys, signature, SIGNATURE_TYPE.cosignature)
    const isOwn = signature.name === origin && keyFor(keys, signature, SIGNATURE_TYPE.ed25519) !== undefined
    if (!key || signature.name === origin) unknown += isOwn ? 0 : 1
    else {
      const cosigner = await verifyCosignature(checkpoint, signature, key, verifyEd25519)
      if (!cosigner) return { ok: false, code: 'bad-cosignature', name: signature.name }
      cosigners.set(cosigner.name, cosigner)
    }
  }
  return { ok: true, cosigners: [...cosigners.values()], unknown }
}

async function verifyOwn(
  checkpoint: Checkpoint,
  keys: readonly NoteKey[],
  verifyEd25519: VerifyEd25519,
): Promise<CheckpointFault | null> {
  const ownKeys = keys.filter(({ name }) => name === checkpoint.origin)
  if (ownKeys.length === 0) return 'unknown-key'
  let fault: CheckpointFault | null = 'unsigned'
  for (const signature of checkpoint.note.signatures) {
    const key = keyFor(ownKeys, signature, SIGNATURE_TYPE.ed25519)
    if (!key) continue
    const message = utf8(checkpoint.note.text)
    if (signature.bytes.length !== SIGNATURE_BYTES) return 'bad-signature'
    if (!(await verifyEd25519(key.publicKey, message, signature.bytes))) return 'bad-signature'
    fault = null
  }
  return fault
}

/** The key that a signature line means: same name, and the key id of that type. */
function keyFor(keys: readonly NoteKey[], signature: NoteSignature, type: SignatureType): NoteKey | undefined {
  return keys.find((key) => key.name === signature.name && signature.keyId === noteKeyId(key, type))
}

function signatureOf(bytes: Uint8Array): Uint8Array {
  if (bytes.length !== SIGNATURE_BYTES) throw new TypeError(`expected an Ed25519 signature of ${SIGNATURE_BYTES} bytes`)
  return bytes
}
