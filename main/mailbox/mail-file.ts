import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import { join } from 'node:path'
import { type Digest, fromBase64Url, toBase64Url } from '../../shared/bytes.ts'
import { JcsError, jcs, parseJcs } from '../../shared/jcs.ts'
import { bytesField, digestField } from '../../shared/statements/fields.ts'
import { checkP256Key } from '../../shared/statements/keys.ts'
import * as z from '../../shared/zod.ts'
import { spkiOf } from '../exchange/certificate.ts'
import { replaceFile, type VaultFs } from '../vault/files.ts'

const p256Field = bytesField(65).refine((text) => checkP256Key(fromBase64Url(text)), 'expected a P-256 key')

const mailFileField = z.strictObject({
  device: digestField,
  /** PKCS #8 DER of the mail key, as it lies here. It opens nothing: what comes in is sealed to a key in the vault. */
  key: bytesField(64, 256),
  organization: digestField,
  /** Whose apps may bring something: the TLS keys of the head roster. */
  peers: z.array(z.strictObject({ device: digestField, tls: p256Field })).max(256),
  /** Where the app listened when it was open, so that others find it there. */
  port: z.int().min(1).max(65_535).nullable(),
  /** The mail key's public half, as peers were told. */
  public: p256Field,
})

/** All that a locked app has to go by (docs/formats/mailbox.md §2). No names: only keys and ids. */
export type MailFile = z.infer<typeof mailFileField>

/** A peer as a locked app knows it. */
export interface Pin {
  readonly device: Digest
  readonly tls: string
}

/** The folder beside the vault where a locked app keeps its mail. */
export function mailDir(profile: string): string {
  return join(profile, 'mail')
}

/** Reads it; null if there is none, or what is there is none. It is made anew at the next unlock. */
export async function loadMailFile(fs: VaultFs, dir: string): Promise<MailFile | null> {
  const bytes = await fs.readAll(join(dir, 'key.json'))
  if (bytes === null) return null
  try {
    return mailFileField.safeParse(parseJcs(bytes)).data ?? null
  } catch (error) {
    if (error instanceof JcsError) return null
    throw error
  } finally {
    bytes.fill(0)
  }
}

/** Replaces it, whole; for its owner only (0600). */
export async function saveMailFile(fs: VaultFs, dir: string, file: MailFile): Promise<void> {
  await fs.makeDir(dir)
  const bytes = jcs(mailFileField.parse(file))
  try {
    await replaceFile(fs, join(dir, 'key.json'), bytes)
  } finally {
    bytes.fill(0)
  }
}

/** A fresh mail key. */
export function newMailKey(): Pick<MailFile, 'key' | 'public'> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  return {
    key: toBase64Url(Uint8Array.from(privateKey.export({ type: 'pkcs8', format: 'der' }))),
    // The point is the last 65 bytes of a P-256 SubjectPublicKeyInfo (RFC 5480 §2).
    public: toBase64Url(Uint8Array.from(publicKey.export({ type: 'spki', format: 'der' }).subarray(-65))),
  }
}

/**
 * The mail key's word that it is this device's: ECDSA over P-256 with SHA-256 (FIPS 186-5 §6.4), r ‖ s, 64 bytes in
 * base64url.
 */
export function proveMailKey({ key, organization, device }: Pick<MailFile, 'key' | 'organization' | 'device'>): string {
  const der = Buffer.from(fromBase64Url(key))
  try {
    const privateKey = createPrivateKey({ key: der, type: 'pkcs8', format: 'der' })
    const signature = sign('sha256', claim(organization, device), { key: privateKey, dsaEncoding: 'ieee-p1363' })
    return toBase64Url(Uint8Array.from(signature))
  } finally {
    der.fill(0)
  }
}

/** Whether a mail key says itself that it is that device's. */
export function provesMailKey(key: string, proof: string, organization: Digest, device: Digest): boolean {
  if (!checkP256Key(fromBase64Url(key))) return false
  const publicKey = createPublicKey({ key: Buffer.from(spkiOf(key)), type: 'spki', format: 'der' })
  const encoding = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const
  return verify('sha256', claim(organization, device), encoding, fromBase64Url(proof))
}

function claim(organization: Digest, device: Digest): Uint8Array {
  return jcs({ device, organization, purpose: 'lockbox/mail-key/v1' })
}

/** Whether the two halves of a file's key are one key's. */
export function isOneKey(file: Pick<MailFile, 'key' | 'public' | 'organization' | 'device'>): boolean {
  try {
    return provesMailKey(file.public, proveMailKey(file), file.organization, file.device)
  } catch {
    // No key that OpenSSL can read.
    return false
  }
}
