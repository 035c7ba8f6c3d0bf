import { utf8 } from '../bytes.ts'
import { type Checkpoint, SIGNATURE_BYTES, type VerifyEd25519 } from './checkpoint.ts'
import { type Cosigner, verifyCosignature } from './cosignature.ts'
import { type NoteKey, type NoteSignature, noteKeyId, SIGNATURE_TYPE, type SignatureType } from './note.ts'

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
    if (!key) unknown += signature.name === origin && keyFor(keys, signature, SIGNATURE_TYPE.ed25519) ? 0 : 1
    else if (key.name !== origin) {
      const cosigner = await verifyCosignature(checkpoint, signature, key, verifyEd25519)
      if (!cosigner) return { ok: false, code: 'bad-cosignature', name: signature.name }
      cosigners.set(cosigner.name, cosigner)
    }
  }
  return { ok: true, cosigners: [...cosigners.values()], unknown }
}

/**
 * The signatures of a checkpoint that are by keys given, which are those that {@link verifyCheckpoint} checked. Whoever
 * keeps a checkpoint keeps these alone: anybody can add lines of unknown keys to a note.
 */
export function knownSignatures(checkpoint: Checkpoint, keys: readonly NoteKey[]): NoteSignature[] {
  return checkpoint.note.signatures.filter(
    (signature) =>
      keyFor(
        keys,
        signature,
        signature.name === checkpoint.origin ? SIGNATURE_TYPE.ed25519 : SIGNATURE_TYPE.cosignature,
      ) !== undefined,
  )
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
