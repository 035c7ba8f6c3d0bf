import { concat, utf8 } from '../bytes.ts'
import { type Checkpoint, SIGNATURE_BYTES, type SignEd25519, signatureOf, type VerifyEd25519 } from './checkpoint.ts'
import {
  addSignature,
  MAX_NOTE_SIGNATURES,
  type NoteKey,
  type NoteSignature,
  noteKeyId,
  SIGNATURE_TYPE,
} from './note.ts'

/** Another device that cosigned, and when by its own clock (Unix seconds). */
export interface Cosigner {
  readonly name: string
  readonly timeSeconds: number
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
 * One checkpoint with the cosignatures of two copies of it: the ledger's own signature first, then one of each cosigner
 * by name, of two the earlier. So whoever has the same cosignatures has the same bytes, in whatever order they came.
 *
 * @param others - Signatures that were checked and are on this very checkpoint; junk would stay for good.
 */
export function mergeCosignatures(checkpoint: Checkpoint, others: readonly NoteSignature[]): Checkpoint {
  const { text, signatures } = checkpoint.note
  const merged = new Map<string, NoteSignature>()
  for (const signature of [...signatures, ...others]) {
    const key = `${signature.name} ${signature.keyId}`
    const known = merged.get(key)
    if (known === undefined || isBefore(signature, known)) merged.set(key, signature)
  }
  const isOwn = ({ name }: NoteSignature): boolean => name === checkpoint.origin
  const all = [...merged.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.keyId - b.keyId))
  const kept = [...all.filter(isOwn), ...all.filter((one) => !isOwn(one))].slice(0, MAX_NOTE_SIGNATURES)
  return { ...checkpoint, note: { text, signatures: kept } }
}

/** The time that a cosignature claims, Unix seconds; null if it is of no such form. Nothing is verified. */
export function claimedTimeSeconds({ bytes }: NoteSignature): number | null {
  if (bytes.length !== 8 + SIGNATURE_BYTES) return null
  return Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0))
}

// The time comes first in the bytes, big-endian.
function isBefore(a: NoteSignature, b: NoteSignature): boolean {
  const at = a.bytes.findIndex((byte, index) => byte !== b.bytes[index])
  return at >= 0 && (a.bytes[at] ?? 0) < (b.bytes[at] ?? 0)
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
