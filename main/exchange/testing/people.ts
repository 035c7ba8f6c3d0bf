import { createHash, generateKeyPairSync } from 'node:crypto'
import type { Digest } from '../../../shared/bytes.ts'
import type { ExchangeIdentity, Peer } from '../exchange.ts'

/** A member with a device, as tests need them. */
export interface Person {
  readonly peer: Peer
  /** PKCS #8 DER. */
  readonly tlsPrivateKey: Uint8Array
}

/** SHA-256 of a text as base64url. */
export function idOf(text: string | Uint8Array): Digest {
  return createHash('sha256').update(text).digest('base64url')
}

/** The organization of all tests that need only one. */
export const ORGANIZATION = idOf('organization')

/** Someone with a fresh TLS key; the device's id follows from the name, so that order is the same in every run. */
export function person(name: string): Person {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const tls = publicKey.export({ type: 'spki', format: 'der' }).subarray(-65).toString('base64url')
  return {
    peer: { device: idOf(`${name}'s device`), member: idOf(name), name, tls },
    tlsPrivateKey: privateKey.export({ type: 'pkcs8', format: 'der' }),
  }
}

/** What a person's exchange is started with, given a roster that the test may change. */
export function identityOf(
  { peer, tlsPrivateKey }: Person,
  roster: () => readonly Peer[],
  organization = ORGANIZATION,
): ExchangeIdentity {
  return {
    organization,
    device: peer.device,
    tlsPrivateKey,
    tlsPublic: peer.tls,
    peers: roster,
    mailKeyOf: () => null,
    mailKey: () => null,
  }
}
