import { toBase64Url } from '../../../shared/bytes.ts'
import type { CreationOptions, RequestOptions } from '../../../shared/ceremony.ts'
import { RP_ID } from '../../../shared/statements/assertion.ts'
import { randomBytes } from '../sodium.ts'

/** How long a browser waits for a touch: time to fetch a key from a safe in the room, not from home. */
const TIMEOUT = 120_000

/** COSE algorithms in order of preference: EdDSA, ES256. */
export const ALGORITHMS = [-8, -7]

/** A credential as it is named to a key. */
export interface Known {
  readonly credential: string
  readonly transports: readonly string[]
}

const descriptor = ({ credential, transports }: Known) => ({
  id: credential,
  type: 'public-key' as const,
  ...(transports.length > 0 ? { transports: [...transports] } : {}),
})

/** A fresh challenge, 32 random bytes. */
export function freshChallenge(): string {
  return toBase64Url(randomBytes(32))
}

/**
 * What `create` is asked (electron.md §1.4). The user id is random each time: these credentials are not
 * discoverable, and one id for two would let some keys replace the first by the second.
 */
export function creationOptions(
  person: string,
  exclude: readonly Known[],
  attestation: 'direct' | 'none',
): CreationOptions {
  return {
    rp: { id: RP_ID, name: 'Lockbox' },
    user: { id: toBase64Url(randomBytes(32)), name: person, displayName: person },
    challenge: freshChallenge(),
    pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
    timeout: TIMEOUT,
    excludeCredentials: exclude.map(descriptor),
    authenticatorSelection: {
      authenticatorAttachment: 'cross-platform',
      residentKey: 'discouraged',
      requireResidentKey: false,
      userVerification: 'required',
    },
    hints: ['security-key'],
    attestation,
    extensions: {
      prf: {},
      credProps: true,
      credentialProtectionPolicy: 'userVerificationRequired',
      // Enforced, keys without credProtect would fail although their secret needs verification all the same.
      enforceCredentialProtectionPolicy: false,
    },
  }
}

/** What `get` is asked. With a salt for each credential the PRF is evaluated, otherwise no secret leaves the key. */
export function requestOptions(
  challenge: string,
  allow: readonly (Known & { readonly salt: string | null })[],
): RequestOptions {
  const salts = allow.flatMap(({ credential, salt }) => (salt === null ? [] : [[credential, { first: salt }] as const]))
  return {
    challenge,
    rpId: RP_ID,
    timeout: TIMEOUT,
    allowCredentials: allow.map(descriptor),
    userVerification: 'required',
    hints: ['security-key'],
    extensions: salts.length > 0 ? { prf: { evalByCredential: Object.fromEntries(salts) } } : {},
  }
}
