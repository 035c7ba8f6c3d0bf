import { createHmac, timingSafeEqual } from 'node:crypto'
import { join } from 'node:path'
import { digest, equalBytes, fromBase64Url, fromUtf8, toBase64Url } from '../../shared/bytes.ts'
import { LockboxError } from '../../shared/errors.ts'
import { jcs, parseJcs } from '../../shared/jcs.ts'
import { checkCoseKey } from '../../shared/statements/cose.ts'
import { bytesField, lineField, timeField } from '../../shared/statements/fields.ts'
import { type Authenticator, deviceKeysField } from '../../shared/statements/member.ts'
import * as z from '../../shared/zod.ts'
import { replaceFile, type VaultFs } from './files.ts'
import type { SlotHeader, SlotPurpose } from './slots.ts'
import type { VaultSummary } from './types.ts'
import { type VersionErrorCode, versionFault } from './version.ts'

const wrappedField = z.strictObject({
  credential: bytesField(16, 1023),
  publicKey: bytesField(42, 77).refine((text) => checkCoseKey(fromBase64Url(text)) !== null),
  transports: z.array(z.string().max(32)).max(8),
  salt: bytesField(32),
  sealed: bytesField(72),
})

const slotField = z.strictObject({
  label: lineField(64),
  model: z.string().regex(/^[0-9a-f]{32}$/),
  /** Whether a known maker vouches for the model. */
  proof: z.enum(['attested', 'none']),
  /** The attestation object of the `sign` credential, when the key gave one. */
  attestation: bytesField(1, 32_768).nullable(),
  unlock: wrappedField,
  sign: wrappedField,
})

const FORMAT = 'lockbox/vault/v1'
const formatted = z.object({ format: z.string().max(64) })

const vaultFileSchema = z.strictObject({
  format: z.literal(FORMAT),
  id: bytesField(32),
  created: timeField,
  slots: z.array(slotField).min(2).max(8),
  device: z.strictObject({ keys: deviceKeysField, sealed: bytesField(96 + 40, 1024) }),
  tag: bytesField(32),
})

/** The vault file (docs/formats/vault.md §2). */
export type VaultFile = z.infer<typeof vaultFileSchema>
export type Slot = z.infer<typeof slotField>
export type Wrapped = z.infer<typeof wrappedField>

export type VaultFileErrorCode = 'unreadable' | VersionErrorCode
/** Why the vault file cannot be read. */
export class VaultFileError extends LockboxError<VaultFileErrorCode> {}

const NAMES = ['vault.json', 'vault.copy.json'] as const

/** The header of one of a slot's two halves. */
export function headerOf(
  vaultId: string,
  slot: Pick<Slot, 'label' | 'model'>,
  purpose: SlotPurpose,
  wrapped: Omit<Wrapped, 'sealed' | 'transports'>,
): SlotHeader {
  const { credential, publicKey, salt } = wrapped
  return { purpose, vaultId, label: slot.label, model: slot.model, credential, publicKey, salt }
}

/** HMAC-SHA-256 over the file without its tag: whoever alters or swaps public parts is noticed when it is unlocked. */
export function tagOf(key: Uint8Array, file: Omit<VaultFile, 'tag'>): string {
  const { format, id, created, slots, device } = file
  return toBase64Url(createHmac('sha256', key).update(jcs({ format, id, created, slots, device })).digest())
}

/** Whether the file is as it was written by someone with the vault key. */
export function hasGoodTag(key: Uint8Array, file: VaultFile): boolean {
  return timingSafeEqual(fromBase64Url(tagOf(key, file)), fromBase64Url(file.tag))
}

/** Writes the file and its copy, each whole or not at all. */
export async function writeVaultFile(fs: VaultFs, dir: string, file: VaultFile): Promise<void> {
  for (const name of NAMES) await replaceFile(fs, join(dir, name), jcs(file))
}

/**
 * Reads the vault file; the copy when the file itself is missing or cannot be read.
 *
 * @returns null if there is neither; `isWhole` is false if one of the two is missing, cannot be read or differs.
 * @throws {VaultFileError} `newer-version` or `older-version` if the file or its copy is of another version: an update
 *   may have been cut off between the two; `unreadable` if something is there, but nothing that can be read.
 */
export async function readVaultFile(fs: VaultFs, dir: string): Promise<{ file: VaultFile; isWhole: boolean } | null> {
  const contents = await Promise.all(NAMES.map((name) => fs.readAll(join(dir, name))))
  if (contents.every((content) => content === null)) return null
  for (const content of contents) checkVersion(content)
  const [first, second] = contents
  const isWhole = first != null && second != null && equalBytes(first, second)
  for (const content of contents) {
    const file = content === null ? null : parsed(content)
    if (file) return { file, isWhole }
  }
  throw new VaultFileError(
    'unreadable',
    'the vault file and its copy cannot be read; put back vault.json from a backup of the profile',
  )
}

function checkVersion(content: Uint8Array | null): void {
  let format: string | undefined
  try {
    format = content === null ? undefined : formatted.parse(JSON.parse(fromUtf8(content))).format
  } catch {
    // Not even that: told as unreadable, unless the copy is good.
  }
  const fault = format === undefined ? null : versionFault(format, FORMAT)
  if (fault !== null) throw new VaultFileError(fault.code, `the vault file ${fault.says}`)
}

function parsed(content: Uint8Array): VaultFile | null {
  try {
    return vaultFileSchema.parse(parseJcs(content))
  } catch {
    return null
  }
}

/** What of a vault is not secret. */
export function summaryOf(file: VaultFile): VaultSummary {
  return {
    id: file.id,
    created: file.created,
    keys: file.slots.map((slot) => ({ label: slot.label, model: slot.model, words: modelWords(slot) })),
    device: file.device.keys,
    authenticators: file.slots.map(authenticatorOf),
    attestations: file.slots.flatMap(({ attestation }) => (attestation === null ? [] : [attestation])),
  }
}

/** What reports say of a key's model. */
export function modelWords({ model, proof }: Pick<Slot, 'model' | 'proof'>): string {
  return proof === 'attested' ? `attested model ${model}` : 'did not prove its model'
}

function authenticatorOf(slot: Slot): Authenticator {
  return {
    name: slot.label,
    credential: slot.sign.credential,
    publicKey: slot.sign.publicKey,
    model: slot.model,
    attestation: slot.attestation === null ? null : digest(fromBase64Url(slot.attestation)),
  }
}
