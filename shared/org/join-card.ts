import { fromBase64Url, toBase64Url } from '../bytes.ts'
import { LockboxError } from '../errors.ts'
import { JcsError, jcs, parseJcs } from '../jcs.ts'
import type { SignatureChecks } from '../statements/door.ts'
import { preAuthenticationEncoding } from '../statements/envelope.ts'
import { bytesField } from '../statements/fields.ts'
import { type Member, memberField } from '../statements/member.ts'
import * as z from '../zod.ts'

export type JoinCardErrorCode = 'malformed' | 'schema' | 'signature'
/** A file that is no join card. */
export class JoinCardError extends LockboxError<JoinCardErrorCode> {}

const TYPE = 'application/vnd.lockbox.join-card+json'
const MAX_BYTES = 32_768
const cardField = z.strictObject({ card: memberField, sig: bytesField(64) })

/** What a join card's device signs: the DSSE pre-authentication encoding of the member entry it wishes for. */
export function joinCardSignedBytes(card: Member): Uint8Array<ArrayBuffer> {
  return preAuthenticationEncoding(TYPE, jcs(memberField.parse(card)))
}

/** The bytes of a join card file. */
export function writeJoinCard(card: Member, signature: Uint8Array): Uint8Array<ArrayBuffer> {
  return jcs({ card, sig: toBase64Url(signature) })
}

/**
 * Reads a join card: the member entry that somebody wishes to have in a roster. It is not a statement and proves only
 * that the device's key signed it; trust comes from people comparing the roster's words.
 *
 * @throws {JoinCardError} if it is not a card or its device did not sign it.
 */
export function readJoinCard(bytes: Uint8Array, ed25519: SignatureChecks['ed25519']): Member {
  const parsed = cardField.safeParse(canonicalCard(bytes))
  if (!parsed.success)
    throw new JoinCardError('schema', 'this file is not a join card of this version; ask for a new one')
  const { card, sig } = parsed.data
  if (!ed25519(fromBase64Url(card.device.keys.statement), joinCardSignedBytes(card), fromBase64Url(sig)))
    throw new JoinCardError(
      'signature',
      `the join card of ${card.name} was changed after its device signed it; ask for a new one`,
    )
  return card
}

function canonicalCard(bytes: Uint8Array): unknown {
  try {
    if (bytes.length > MAX_BYTES) throw new JoinCardError('malformed', 'this file is too large to be a join card')
    return parseJcs(bytes)
  } catch (error) {
    if (error instanceof JcsError)
      throw new JoinCardError('malformed', 'this file is not a join card', { cause: error })
    throw error
  }
}
