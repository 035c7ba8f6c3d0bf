import { sha256 } from '@noble/hashes/sha2.js'
import { concat, type Digest, equalBytes, fromBase64Url, fromUtf8, type Sha256, utf8 } from '../bytes.ts'
import { LockboxError } from '../errors.ts'
import { ORIGIN, RP_ID } from '../origin.ts'
import { nestedJsonKeys } from './client-data.ts'
import type { HardwareSignature } from './envelope.ts'
import { StatementError } from './errors.ts'

export { ORIGIN, RP_ID }

const RP_ID_HASH = sha256(utf8(RP_ID))
const UP = 0x01
const UV = 0x04
const BE = 0x08
const BS = 0x10
const AT = 0x40
const ED = 0x80

/** What of an assertion the signature itself covers, once everything around it was found right. */
export interface CheckedAssertion {
  /** authenticatorData ‖ SHA-256(clientDataJSON) (WebAuthn §6.3.3). */
  readonly signedBytes: Uint8Array
  readonly signature: Uint8Array
  /** The key's counter; a drop is reported, never refused. */
  readonly counter: number
}

/**
 * The checks of DESIGN §4 on a hardware signature, but for the signature itself (WebAuthn Level 3 §7.2, stricter:
 * the first bytes of clientDataJSON are fixed, so no JSON dialect decides what was signed).
 *
 * @param id - the statement's id; it must be the challenge.
 * @param hash - a faster SHA-256 than the pure one, where there is one.
 * @throws {StatementError} with a `hardware-…` code naming the first check that fails.
 */
export function checkAssertion(id: Digest, hardware: HardwareSignature, hash: Sha256 = sha256): CheckedAssertion {
  const clientData = fromBase64Url(hardware.clientDataJSON)
  checkClientData(id, clientData)
  const authenticatorData = fromBase64Url(hardware.authenticatorData)
  checkAuthenticatorData(authenticatorData)
  return {
    signedBytes: concat(authenticatorData, hash(clientData)),
    signature: fromBase64Url(hardware.sig),
    counter: new DataView(authenticatorData.buffer, authenticatorData.byteOffset + 33, 4).getUint32(0),
  }
}

function checkClientData(id: Digest, bytes: Uint8Array): void {
  const text = clientDataText(bytes)
  const head = '{"type":"webauthn.get","challenge":"'
  if (!text.startsWith(head))
    throw new StatementError('hardware-client-data', 'expected the client data of a WebAuthn assertion')
  const challenge = `${id}",`
  if (!text.startsWith(challenge, head.length))
    throw new StatementError('hardware-wrong-statement', 'the key was touched for another statement')
  const origin = `"origin":"${ORIGIN}","crossOrigin":false`
  const at = head.length + challenge.length
  if (!text.startsWith(origin, at))
    throw new StatementError('hardware-wrong-origin', `expected an assertion made at ${ORIGIN}`)
  const next = text[at + origin.length]
  // Nothing behind the fixed words: so most browsers write it.
  if (next === '}' && text.length === at + origin.length + 1) return
  const keys = next === '}' || next === ',' ? nestedJsonKeys(text) : null
  if (keys === null || keys.includes('topOrigin'))
    throw new StatementError(
      'hardware-client-data',
      'expected client data that is one JSON object without repeated keys or topOrigin',
    )
}

function clientDataText(bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes)
  } catch (cause) {
    if (cause instanceof LockboxError)
      throw new StatementError('hardware-client-data', 'expected client data in UTF-8', { cause })
    throw cause
  }
}

function checkAuthenticatorData(bytes: Uint8Array): void {
  if (!equalBytes(bytes.subarray(0, 32), RP_ID_HASH))
    throw new StatementError('hardware-wrong-site', `expected an assertion for ${RP_ID}`)
  const flags = bytes[32] as number
  if (!(flags & UP)) throw new StatementError('hardware-no-touch', 'expected the key to have been touched')
  if (!(flags & UV))
    throw new StatementError(
      'hardware-no-verification',
      'expected the key to have verified its owner (PIN or fingerprint)',
    )
  // Backed up without being eligible contradicts itself (WebAuthn §6.1.3); libraries refuse it, so we must.
  if (flags & (BE | BS)) throw new StatementError('hardware-synced', 'expected a credential that cannot leave its key')
  const expected = flags & ED ? isHmacSecretMap(bytes.subarray(37)) : bytes.length === 37
  if (flags & AT || !expected)
    throw new StatementError('hardware-flags', 'expected no more than an hmac-secret extension in the key’s answer')
}

// CTAP 2.1 §12.5: the encrypted output is 32 or 64 bytes, with 16 more for PIN protocol two. In canonical CBOR this
// is a map of one text key, so a pattern is enough and no CBOR parser reads what a peer sent.
const HMAC_SECRET = concat(Uint8Array.of(0xa1, 0x6b), utf8('hmac-secret'), Uint8Array.of(0x58))

function isHmacSecretMap(extensions: Uint8Array): boolean {
  const length = extensions[HMAC_SECRET.length]
  return (
    equalBytes(extensions.subarray(0, HMAC_SECRET.length), HMAC_SECRET) &&
    length !== undefined &&
    [32, 48, 64, 80].includes(length) &&
    extensions.length === HMAC_SECRET.length + 1 + length
  )
}
