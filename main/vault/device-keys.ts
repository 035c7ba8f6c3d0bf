import { generateKeyPairSync } from 'node:crypto'
import { concat, fromBase64Url, toBase64Url } from '../../shared/bytes.ts'
import { jcs } from '../../shared/jcs.ts'
import type { DeviceKeys } from '../../shared/statements/member.ts'
import { exchangeKey, openRecord, sealRecord, signingKey, wipe } from './sodium.ts'
import type { TlsKey } from './types.ts'

/** The private halves of a device's keys, but for the box key, which only a touch opens. */
export interface DeviceSecrets {
  /** Ed25519 seed, 32 bytes. */
  readonly statement: Uint8Array
  /** Ed25519 seed, 32 bytes. */
  readonly checkpoint: Uint8Array
  /** X25519, 32 bytes. */
  readonly mailbox: Uint8Array
  readonly tls: TlsKey
}

/** All keys of a new device; `box` is the private half of its box key. */
export function generateDeviceKeys(): { keys: DeviceKeys; secrets: DeviceSecrets; box: Uint8Array } {
  const statement = signingKey()
  const checkpoint = signingKey()
  const box = exchangeKey()
  const mailbox = exchangeKey()
  const tls = generateTlsKey()
  return {
    keys: {
      statement: toBase64Url(statement.publicKey),
      checkpoint: toBase64Url(checkpoint.publicKey),
      tls: toBase64Url(tls.publicKey),
      box: toBase64Url(box.publicKey),
      mailbox: toBase64Url(mailbox.publicKey),
    },
    secrets: { statement: statement.seed, checkpoint: checkpoint.seed, mailbox: mailbox.privateKey, tls },
    box: box.privateKey,
  }
}

// What the platform's own key objects hold is out of our reach; they are gone when they are collected.
function generateTlsKey(): TlsKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const exported = privateKey.export({ type: 'pkcs8', format: 'der' })
  const der = Uint8Array.from(exported)
  wipe(exported)
  // The point is the last 65 bytes of a P-256 SubjectPublicKeyInfo (RFC 5480 §2).
  return {
    privateKey: der,
    publicKey: Uint8Array.from(publicKey.export({ type: 'spki', format: 'der' }).subarray(-65)),
  }
}

// The public halves are associated data: a vault file in which one was exchanged does not open.
function context(vaultId: Uint8Array, keys: DeviceKeys): Uint8Array {
  return jcs({ keys, purpose: 'lockbox/device-keys/v1', vault: toBase64Url(vaultId) })
}

/** Seals the private halves: statement 32 ‖ checkpoint 32 ‖ mailbox 32 ‖ TLS key (PKCS #8, DER). */
export function sealDeviceKeys(
  key: Uint8Array,
  vaultId: Uint8Array,
  keys: DeviceKeys,
  secrets: DeviceSecrets,
): Uint8Array {
  const plain = concat(secrets.statement, secrets.checkpoint, secrets.mailbox, secrets.tls.privateKey)
  try {
    return sealRecord(key, plain, context(vaultId, keys))
  } finally {
    wipe(plain)
  }
}

/**
 * Opens what {@link sealDeviceKeys} made.
 *
 * @throws {SealError} `not-ours` if it, or one of the public halves, was altered.
 */
export function openDeviceKeys(
  key: Uint8Array,
  vaultId: Uint8Array,
  keys: DeviceKeys,
  sealed: Uint8Array,
): DeviceSecrets {
  const plain = openRecord(key, sealed, context(vaultId, keys))
  try {
    return {
      statement: plain.slice(0, 32),
      checkpoint: plain.slice(32, 64),
      mailbox: plain.slice(64, 96),
      tls: { privateKey: plain.slice(96), publicKey: fromBase64Url(keys.tls) },
    }
  } finally {
    wipe(plain)
  }
}

/** Overwrites all private halves. */
export function wipeDeviceKeys(secrets: DeviceSecrets): void {
  wipe(secrets.statement, secrets.checkpoint, secrets.mailbox, secrets.tls.privateKey)
}
