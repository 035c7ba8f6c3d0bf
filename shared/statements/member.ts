import { digest, fromBase64Url } from '../bytes.ts'
import { isBoxKey } from '../secrets/box-key.ts'
import * as z from '../zod.ts'
import { type CoseKey, checkCoseKey } from './cose.ts'
import { bytesField, groupField, lineField, nameField, roleField, sortedSet } from './fields.ts'
import { checkEd25519Key, checkP256Key } from './keys.ts'
import { base64UrlPattern, plainly } from './plain.ts'

const MOST_KNOWN = 4096

const checked = (length: number, check: (text: string) => boolean, what: string) =>
  bytesField(length).refine(check, `expected a valid ${what} key`)

/** The same check, which does not look twice at a key that it took: to see that a point is on its curve takes as long as a signature. */
function remembering(check: (key: Uint8Array) => boolean): (text: string) => boolean {
  const good = new Set<string>()
  return (text) => {
    if (good.has(text)) return true
    if (!check(fromBase64Url(text))) return false
    if (good.size >= MOST_KNOWN) good.clear()
    good.add(text)
    return true
  }
}

const ed25519Field = checked(32, remembering(checkEd25519Key), 'Ed25519')

/** An X25519 key to which things are sealed. */
export const boxKeyField = plainly(checked(32, isBoxKeyText, 'X25519'), base64UrlPattern(32), isBoxKeyText)

function isBoxKeyText(text: string): boolean {
  return isBoxKey(fromBase64Url(text))
}

/** A device's five public keys. They are never converted into one another. */
export const deviceKeysField = z.strictObject({
  /** Ed25519: signs statements. */
  statement: ed25519Field,
  /** Ed25519: signs checkpoints and cosigns those of others. */
  checkpoint: ed25519Field,
  /** P-256, uncompressed point (65 bytes): the TLS certificate's key. */
  tls: checked(65, remembering(checkP256Key), 'P-256'),
  /** X25519: shares are sealed to it; its private half is under the PRF of the `sign` credential. */
  box: boxKeyField,
  /** X25519: for what arrives while the vault is locked. */
  mailbox: boxKeyField,
})

/** One installation of the app. Its id is {@link keyId} of its statement key. */
const deviceField = z.strictObject({ name: lineField(64), keys: deviceKeysField })

/** The `sign` credential of one FIDO2 key. Its id in statements is {@link keyId} of the COSE key. */
const authenticatorField = z.strictObject({
  name: lineField(64),
  credential: bytesField(16, 1023),
  publicKey: bytesField(42, 77).refine((text) => hardwareKey(text) !== null, 'expected an ES256 or EdDSA COSE key'),
  /** AAGUID as 32 lower-case hexadecimal digits. */
  model: z.string().regex(/^[0-9a-f]{32}$/),
  /** SHA-256 of the attestation object that travels beside, or null when the key gave none. */
  attestation: bytesField(32).nullable(),
})

/** A person in a roster. */
export const memberField = z.strictObject({
  member: nameField,
  name: lineField(64),
  /** How to reach this person when everything else is down: a phone number, a room. */
  contact: lineField(128, 0),
  roles: sortedSet(roleField, (role) => role, 4, 1),
  groups: sortedSet(groupField, (group) => group, 16),
  device: deviceField,
  authenticators: z.array(authenticatorField).min(2).max(8),
})

export type DeviceKeys = z.infer<typeof deviceKeysField>
export type Device = z.infer<typeof deviceField>
export type Authenticator = z.infer<typeof authenticatorField>
export type Member = z.infer<typeof memberField>

// Each judgement of each case asks for the same few ids; hashing them again was a tenth of an app's work.
const known = new Map<string, string>()

/** The id of a public key: SHA-256 of its bytes as they stand in the roster. */
export function keyId(publicKey: string): string {
  const found = known.get(publicKey)
  if (found !== undefined) return found
  const id = digest(fromBase64Url(publicKey))
  if (known.size >= MOST_KNOWN) known.clear()
  known.set(publicKey, id)
  return id
}

// To see that a point is on its curve takes as long as half a signature, and a roster has few of them.
const hardwareKeys = new Map<string, CoseKey | null>()

/** A hardware key as it stands in a roster, or null for what is none; see {@link checkCoseKey}. */
export function hardwareKey(publicKey: string): CoseKey | null {
  const found = hardwareKeys.get(publicKey)
  if (found !== undefined) return found
  const key = checkCoseKey(fromBase64Url(publicKey))
  if (hardwareKeys.size >= MOST_KNOWN) hardwareKeys.clear()
  hardwareKeys.set(publicKey, key)
  return key
}

const statementKeys = new Map<string, Uint8Array>()

/** The bytes of a device's statement key, the same ones each time: whoever gets them only reads. */
export function statementKey({ device }: { device: Device }): Uint8Array {
  const text = device.keys.statement
  const found = statementKeys.get(text)
  if (found !== undefined) return found
  const key = fromBase64Url(text)
  if (statementKeys.size >= MOST_KNOWN) statementKeys.clear()
  statementKeys.set(text, key)
  return key
}

/** The id of a member's device. */
export function deviceId(member: { device: Device }): string {
  return keyId(member.device.keys.statement)
}
