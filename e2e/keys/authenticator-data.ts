import { ed25519 } from '@noble/curves/ed25519.js'
import { p256 } from '@noble/curves/nist.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concat, fromBase64Url, utf8 } from '../../shared/bytes.ts'
import { type Cbor, encodeCbor } from './cbor.ts'
import { EDDSA, ES256, type HeldCredential, type KeyState } from './types.ts'

const FLAGS = {
  userPresent: 0x01,
  userVerified: 0x04,
  backupEligible: 0x08,
  backedUp: 0x10,
  attested: 0x40,
  extensions: 0x80,
}

/** A model number of our own, so that reports can name a model in tests. */
const AAGUID = sha256(utf8('lockbox software key')).subarray(0, 16)

/** Authenticator data (WebAuthn §6.1); each one counts as a use of the key. */
export function authData(
  state: KeyState,
  rpId: string,
  verified: boolean,
  attested: Uint8Array | null,
  extensions: ReadonlyMap<string, Cbor> | null,
): Uint8Array<ArrayBuffer> {
  state.signCount += 1
  const flags =
    FLAGS.userPresent |
    (verified ? FLAGS.userVerified : 0) |
    (state.faults.synced ? FLAGS.backupEligible | FLAGS.backedUp : 0) |
    (attested ? FLAGS.attested : 0) |
    (extensions ? FLAGS.extensions : 0)
  const count = new Uint8Array(4)
  new DataView(count.buffer).setUint32(0, state.signCount)
  const tail = extensions ? encodeCbor(extensions) : new Uint8Array()
  return concat(sha256(utf8(rpId)), Uint8Array.of(flags), count, attested ?? new Uint8Array(), tail)
}

/** What a new credential says of itself (WebAuthn §6.5.1). */
export function attestedCredential(state: KeyState, credential: HeldCredential): Uint8Array {
  const id = fromBase64Url(credential.id)
  const model = state.faults.u2f ? new Uint8Array(16) : AAGUID
  return concat(model, Uint8Array.of(id.length >> 8, id.length & 0xff), id, encodeCbor(coseKey(state, credential)))
}

function coseKey(state: KeyState, credential: HeldCredential): ReadonlyMap<number, Cbor> {
  const publicKey = publicKeyOf(state, credential)
  if (credential.algorithm === EDDSA)
    return new Map<number, Cbor>([
      [1, 1],
      [3, EDDSA],
      [-1, 6],
      [-2, publicKey],
    ])
  const [x, y] = [publicKey.slice(1, 33), publicKey.slice(33)]
  return new Map<number, Cbor>([
    [1, 2],
    [3, ES256],
    [-1, 1],
    [-2, x],
    [-3, y],
  ])
}

/** The public key as SubjectPublicKeyInfo (RFC 5280), as `getPublicKey()` gives it. */
export function spki(state: KeyState, credential: HeldCredential): Uint8Array {
  const header = credential.algorithm === EDDSA ? 'MCowBQYDK2VwAyEA' : 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE'
  const publicKey = publicKeyOf(state, credential)
  return concat(Buffer.from(header, 'base64'), credential.algorithm === EDDSA ? publicKey : publicKey.slice(1))
}

function privateKeyOf(state: KeyState, credential: HeldCredential): Uint8Array {
  return derive(state, `private/${credential.id}`)
}

function publicKeyOf(state: KeyState, credential: HeldCredential): Uint8Array {
  const secret = privateKeyOf(state, credential)
  return credential.algorithm === EDDSA ? ed25519.getPublicKey(secret) : p256.getPublicKey(secret, false)
}

/** A signature in the form of WebAuthn: DER for ES256, 64 bytes for EdDSA. */
export function sign(state: KeyState, credential: HeldCredential, message: Uint8Array): Uint8Array {
  const secret = privateKeyOf(state, credential)
  if (credential.algorithm === EDDSA) return ed25519.sign(message, secret)
  return p256.sign(message, secret, { format: 'der', lowS: false })
}

/** 32 bytes that belong to a label, from the key's seed. */
export function derive(state: KeyState, label: string): Uint8Array {
  return hmac(sha256, fromBase64Url(state.seed), utf8(label))
}
