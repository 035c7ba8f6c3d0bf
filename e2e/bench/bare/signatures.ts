import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto'
import { fromBase64Url } from '../../../shared/bytes.ts'
import { checkAssertion } from '../../../shared/statements/assertion.ts'
import { checkCoseKey } from '../../../shared/statements/cose.ts'
import { parse, type Statement } from '../../../shared/statements/envelope.ts'
import { deviceId, keyId, type Member } from '../../../shared/statements/member.ts'

interface Signature {
  readonly key: KeyObject
  readonly bytes: Uint8Array
  readonly sig: Uint8Array
  readonly hash: 'sha256' | null
}

/** One entry of a log with nothing around it: bytes to hash, and signatures with their keys parsed. */
export interface BareEntry {
  readonly envelope: Uint8Array
  readonly signatures: readonly Signature[]
}

/** The bare work of a log, prepared: what has to be hashed and verified, whoever does it. */
export function bareEntries(envelopes: readonly Uint8Array[]): BareEntry[] {
  const statements = envelopes.map((envelope) => parse(envelope))
  const members = statements.flatMap((one) => (one.kind === 'roster' ? one.payload.members : []))
  const keys = new Map<string, KeyObject>()
  for (const member of members) addKeys(keys, member)
  return statements.map((statement) => ({
    envelope: statement.envelope,
    signatures: [...deviceSignature(statement, keys), ...hardwareSignature(statement, keys)],
  }))
}

/** Verifies every signature of an entry by OpenSSL. @throws {Error} if one is false: then something else was measured. */
export function verifyBare({ signatures }: BareEntry): void {
  for (const { key, bytes, sig, hash } of signatures)
    if (!verify(hash, bytes, key, sig)) throw new Error('a signature of the bare log is false')
}

/** SHA-256 of an entry. */
export function hashBare({ envelope }: BareEntry): Uint8Array {
  return createHash('sha256').update(envelope).digest()
}

function addKeys(keys: Map<string, KeyObject>, member: Member): void {
  keys.set(deviceId(member), okp(fromBase64Url(member.device.keys.statement)))
  for (const { publicKey } of member.authenticators) {
    const cose = checkCoseKey(fromBase64Url(publicKey))
    if (cose !== null) keys.set(keyId(publicKey), cose.algorithm === 'EdDSA' ? okp(cose.key) : ec(cose.point))
  }
}

function okp(key: Uint8Array): KeyObject {
  return createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x: base64url(key) } })
}

function ec(point: Uint8Array): KeyObject {
  const [x, y] = [base64url(point.subarray(1, 33)), base64url(point.subarray(33))]
  return createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x, y } })
}

const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')

function deviceSignature({ device, signedBytes }: Statement, keys: ReadonlyMap<string, KeyObject>): Signature[] {
  const key = keys.get(device.keyid)
  return key === undefined ? [] : [{ key, bytes: signedBytes, sig: fromBase64Url(device.sig), hash: null }]
}

function hardwareSignature({ id, hardware }: Statement, keys: ReadonlyMap<string, KeyObject>): Signature[] {
  const key = hardware === null ? undefined : keys.get(hardware.keyid)
  if (hardware === null || key === undefined) return []
  const { signedBytes, signature } = checkAssertion(id, hardware)
  const hash = key.asymmetricKeyType === 'ec' ? 'sha256' : null
  return [{ key, bytes: signedBytes, sig: signature, hash }]
}
