import { fromUtf8 } from '../../../shared/bytes.ts'
import { jcs, parseJcs } from '../../../shared/jcs.ts'
import * as z from '../../../shared/zod.ts'
import { IssuerError } from '../issuer.ts'
import { seedBytes, tidySeed } from './totp.ts'

// AWS says 16..128 word characters for an id; the secret has no published form, so only what could not be sent is refused.
const accessKeyIdField = z.string().regex(/^\w{16,128}$/)
const secretField = z.string().regex(/^[\x21-\x7e]{16,128}$/)
const seedField = z.string().refine(isSeed)
const schema = z.strictObject({
  accessKeyId: accessKeyIdField,
  secretAccessKey: secretField,
  /** Seed of the user's virtual MFA device, base32 without padding; left out if there is none. */
  mfaSeed: seedField.exactOptional(),
})

/** A long-lived AWS access key. The secret is a JavaScript string here and cannot be wiped: keep it to the worker. */
export type AwsAccessKey = z.output<typeof schema>

/**
 * A credential with the seed of an MFA device in it.
 *
 * @param credential - as {@link accessKeyBytes}; wiped here.
 * @param seed - base32 as AWS shows it, spaces and small letters and all.
 * @throws {IssuerError} `invalid`.
 */
export function withSeed(credential: Uint8Array, seed: string): Uint8Array<ArrayBuffer> {
  const mfaSeed = tidySeed(seed)
  try {
    if (!isSeed(mfaSeed))
      throw invalid('this cannot be the seed of an MFA device; is a letter missing, or one too many?')
    return accessKeyBytes({ ...parseAccessKey(credential), mfaSeed })
  } finally {
    credential.fill(0)
  }
}

/**
 * An access key as the credential that is deposited.
 *
 * @returns JCS of {accessKeyId, secretAccessKey} and mfaSeed, if there is one; the caller's to wipe.
 * @throws {IssuerError} `invalid` if either half cannot be AWS's.
 */
export function accessKeyBytes(key: AwsAccessKey): Uint8Array<ArrayBuffer> {
  return jcs(checked(key))
}

/** The access key of a deposited credential. @throws {IssuerError} `invalid`. */
export function parseAccessKey(credential: Uint8Array): AwsAccessKey {
  try {
    return checked(parseJcs(credential))
  } catch {
    throw invalid('the credential is not an AWS access key; deposit it again')
  }
}

/**
 * Finds the access key in a file as AWS gives it: the console's CSV, the JSON of `aws iam create-access-key`, or a
 * profile of a credentials file.
 *
 * @returns as {@link accessKeyBytes}.
 * @throws {IssuerError} `invalid` if there is not exactly one key in it, or a temporary one.
 */
export function accessKeyFromFile(file: Uint8Array): Uint8Array<ArrayBuffer> {
  const text = fromUtf8(file)
  const ids = [...new Set(text.match(/\b(?:AKIA|ASIA)[A-Z0-9]{12,124}\b/g) ?? [])]
  const [accessKeyId = ''] = ids
  if (ids.length !== 1) throw invalid(`expected a file with one AWS access key, found ${ids.length}`)
  if (accessKeyId.startsWith('ASIA')) throw invalid('this key is temporary and will expire; deposit a long-lived key')
  const secrets = [...new Set(text.match(/(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/g) ?? [])]
  const [secretAccessKey = ''] = secrets
  if (secrets.length !== 1) throw invalid(`expected one secret access key in the file, found ${secrets.length}`)
  return accessKeyBytes({ accessKeyId, secretAccessKey })
}

/** Base32 of 80 bits or more, RFC 4226's least. With a letter too few or too many it seldom is any. */
function isSeed(seed: string): boolean {
  if (!/^[A-Z2-7]{16,128}$/.test(seed)) return false
  try {
    seedBytes(seed).fill(0)
    return true
  } catch {
    return false
  }
}

function checked(value: unknown): AwsAccessKey {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  // Which field, never its value.
  const where = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ')
  throw invalid(`this cannot be an AWS access key, see ${where || 'the whole'}`)
}

function invalid(message: string): IssuerError {
  return new IssuerError('invalid', message, { mayExist: false })
}
