import { equalBytes, fromBase64Url, toBase64Url, utf8 } from '../bytes.ts'
import { LockboxError } from '../errors.ts'
import { JcsError, type Json, jcs, parseJcs } from '../jcs.ts'
import type { SignatureChecks } from '../statements/door.ts'
import { preAuthenticationEncoding } from '../statements/encoding.ts'
import { bytesField, digestField } from '../statements/fields.ts'
import { keyId, type Member, memberField } from '../statements/member.ts'
import * as z from '../zod.ts'

export type JoinCardErrorCode = 'malformed' | 'schema' | 'signature'
/** A file that is no join card. */
export class JoinCardError extends LockboxError<JoinCardErrorCode> {}

const TYPE = 'application/vnd.lockbox.join-card+json'
const MAX_BYTES = 32_768
const cardField = z.strictObject({ card: memberField, sig: bytesField(64) })

const envelopeField = z.strictObject({
  payload: z.string(),
  payloadType: z.literal(TYPE),
  signatures: z.tuple([z.strictObject({ keyid: digestField, sig: bytesField(64) })]),
})

/** How its file begins, in canonical form; no other file of ours does. */
const FILE_START = utf8('{"card":')
const WHITE_SPACE: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d])

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
  const { card, sig } = cardFrom(canonicalCard(bytes))
  if (!ed25519(fromBase64Url(card.device.keys.statement), joinCardSignedBytes(card), fromBase64Url(sig)))
    throw new JoinCardError(
      'signature',
      `the join card of ${card.name} was changed after its device signed it; ask for a new one`,
    )
  return card
}

/**
 * A join card's file, without the white space around it that a mail or a paste adds; null if the bytes begin otherwise.
 * Verifies nothing: see {@link readJoinCard}.
 */
export function cardFile(bytes: Uint8Array): Uint8Array | null {
  const from = bytes.findIndex((byte) => !WHITE_SPACE.has(byte))
  const card = bytes.subarray(Math.max(0, from), bytes.findLastIndex((byte) => !WHITE_SPACE.has(byte)) + 1)
  return equalBytes(card.subarray(0, FILE_START.length), FILE_START) ? card : null
}

/**
 * A join card as an envelope, in which it travels among statements by code and file. No door takes it for one: its type is
 * no kind.
 *
 * @throws {JoinCardError} `malformed` or `schema`; its signature is not looked at.
 */
export function cardEnvelope(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { card, sig } = cardFrom(canonicalCard(bytes))
  return jcs({
    payload: toBase64Url(jcs(card)),
    payloadType: TYPE,
    signatures: [{ keyid: keyId(card.device.keys.statement), sig }],
  })
}

/**
 * The join card that an envelope is, as a file has it; null if the envelope is of another type. Verifies nothing: see
 * {@link readJoinCard}.
 *
 * @throws {JoinCardError} if it is of that type, and not in its one form.
 */
export function cardInEnvelope(envelope: Uint8Array): Uint8Array<ArrayBuffer> | null {
  const value = jsonOf(envelope)
  if (typeof value !== 'object' || value === null || !('payloadType' in value) || value['payloadType'] !== TYPE)
    return null
  const parsed = envelopeField.safeParse(value)
  if (!parsed.success) throw notACard()
  const { payload, signatures } = parsed.data
  const card = cardFrom({ card: jsonOf(fromBase64Url(payload)), sig: signatures[0].sig })
  const bytes = writeJoinCard(card.card, fromBase64Url(card.sig))
  if (!equalBytes(cardEnvelope(bytes), envelope)) throw notACard()
  return bytes
}

function jsonOf(bytes: Uint8Array): Json {
  try {
    return parseJcs(bytes)
  } catch (error) {
    if (error instanceof JcsError) return null
    throw error
  }
}

function notACard(): JoinCardError {
  return new JoinCardError('malformed', 'this is not a join card, or it is damaged; ask for it again')
}

function cardFrom(value: unknown): z.infer<typeof cardField> {
  const parsed = cardField.safeParse(value)
  if (!parsed.success)
    throw new JoinCardError('schema', 'this file is not a join card of this version; ask for a new one')
  return parsed.data
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
