import { x25519 } from '@noble/curves/ed25519.js'
import { SecretsError } from './errors.ts'
import { drawBytes, type Random } from './random.ts'

/** Bytes of either half of a box key (RFC 9180 §7.1: Npk = Nsk = 32). */
export const BOX_KEY_LENGTH = 32

export type BoxKey = { publicKey: Uint8Array; privateKey: Uint8Array }

/** p = 2^255 - 19, the field of Curve25519. */
const FIELD = 2n ** 255n - 19n

/**
 * Every canonical coordinate that a clamped private key turns into zero: the points of order 1, 2, 4 and 8 on
 * Curve25519 and on its twist. With such a key the shared secret is the same for everybody.
 */
const LOW_ORDER: ReadonlySet<bigint> = new Set([
  0n,
  1n,
  325606250916557431795983626356110631294008115727848805560023387167927233504n,
  39382357235489614581723060781553021112529911719440698176882885853963445705823n,
  FIELD - 1n,
])

/** First bytes of those, little-endian; and the last one from which on a coordinate may be beyond the field. */
const SUSPECT_FIRST: ReadonlySet<number> = new Set(Array.from(LOW_ORDER, (coordinate) => Number(coordinate & 0xffn)))
const SUSPECT_LAST = 0x7f

/**
 * Makes an X25519 key pair (RFC 7748 §6.1).
 *
 * @returns two buffers of 32 bytes; the private one is the caller's to wipe.
 */
export function generateBoxKey(random: Random): BoxKey {
  const privateKey = drawBytes(random, BOX_KEY_LENGTH)
  return { publicKey: x25519.getPublicKey(privateKey), privateKey }
}

/**
 * Whether something may be sealed to this key: 32 bytes, a coordinate below p with the top bit clear, not of low order.
 * RFC 7748 masks and reduces other forms; we refuse them, so that one key has one spelling and one id.
 */
export function isBoxKey(publicKey: Uint8Array): boolean {
  const [first, last] = [publicKey[0], publicKey[BOX_KEY_LENGTH - 1]]
  if (publicKey.length !== BOX_KEY_LENGTH || first === undefined || last === undefined) return false
  // Nearly every key is taken here; a log has one for each attempt, and arithmetic on it took longer than its hash.
  if (last < SUSPECT_LAST && !SUSPECT_FIRST.has(first)) return true
  const coordinate = publicKey.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)
  return coordinate < FIELD && !LOW_ORDER.has(coordinate)
}

/**
 * As {@link isBoxKey}, for those who cannot go on without.
 *
 * @throws {SecretsError} `box-key-refused`.
 */
export function checkBoxKey(publicKey: Uint8Array): void {
  if (!isBoxKey(publicKey))
    throw new SecretsError('box-key-refused', 'expected a canonical X25519 public key that is not of low order')
}
