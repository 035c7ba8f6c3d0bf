import { ristretto255_FROST } from '@noble/curves/ed25519.js'
import type { Digest } from '../bytes.ts'
import { jcs } from '../jcs.ts'
import { SecretsError } from './errors.ts'
import { checkDealing, checkIndex, type PublicDealing, verifyingShare } from './sharing.ts'

/** Bytes of a proof: R (point) ‖ z (scalar). */
const CUSTODY_PROOF_LENGTH = 64

/** What a proof of custody is about. */
export type CustodyContext = {
  readonly organization: Digest
  /** The deposit's id. */
  readonly deposit: Digest
  /** The custodian. */
  readonly member: string
  /** The share's index, 1..N. */
  readonly index: number
  /** The deposit's id; in a drill the request's. */
  readonly nonce: Digest
}

/**
 * Proves that a share is held, without showing it: a Schnorr signature with the share as the private key (RFC 9591,
 * ristretto255 with SHA-512). Format: docs/formats/sharing.md §6.
 *
 * The signature's own nonce is drawn by the library from the platform's generator, fresh for every proof and for
 * nothing else; were one ever used for two messages, the share could be computed.
 *
 * @param share - 32 bytes; stays the caller's to wipe.
 * @returns R ‖ z, 64 bytes; not the same twice.
 * @throws {SecretsError} `share-invalid` if the share is not a canonical scalar other than zero.
 */
export function proveCustody(context: CustodyContext, share: Uint8Array): Uint8Array {
  try {
    return ristretto255_FROST.sign(custodyBytes(context), share)
  } catch (cause) {
    throw new SecretsError('share-invalid', `the share of index ${context.index} is not a scalar`, {
      index: context.index,
      cause,
    })
  }
}

/**
 * Checks a proof of custody against the verifying share that the commitments give for its index. That the index is the
 * member's, the caller checks against the deposit.
 *
 * @throws {SecretsError} `threshold-refused`, `share-wrong-degree`, `commitments-malformed`; with `index` set:
 *   `share-wrong-index`, `custody-invalid`.
 */
export function verifyCustody(context: CustodyContext, dealing: PublicDealing, proof: Uint8Array): void {
  checkDealing(dealing)
  checkIndex(context.index, dealing.members)
  const publicShare = verifyingShare(dealing.commitments, context.index)
  if (!isSignature(proof, custodyBytes(context), publicShare))
    throw new SecretsError(
      'custody-invalid',
      `the proof does not show custody of the share of index ${context.index}`,
      {
        index: context.index,
      },
    )
}

/** The bytes that a proof of custody signs. */
export function custodyBytes({ organization, deposit, member, index, nonce }: CustodyContext): Uint8Array<ArrayBuffer> {
  return jcs({ purpose: 'lockbox/custody/v1', organization, deposit, member, index, nonce })
}

function isSignature(proof: Uint8Array, message: Uint8Array, publicShare: Uint8Array): boolean {
  if (proof.length !== CUSTODY_PROOF_LENGTH) return false
  try {
    return ristretto255_FROST.verify(proof, message, publicShare)
  } catch {
    // The library throws where R or z is no canonical encoding; to us that is a proof like any other that is false.
    return false
  }
}
