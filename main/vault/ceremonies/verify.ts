import { fromBase64Url, toBase64Url } from '../../../shared/bytes.ts'
import type { AuthenticationResponse, RefusalCode, RegistrationResponse } from '../../../shared/ceremony.ts'
import { checkAssertion, ORIGIN, RP_ID } from '../../../shared/statements/assertion.ts'
import { checkCoseKey } from '../../../shared/statements/cose.ts'
import type { HardwareSignature } from '../../../shared/statements/envelope.ts'
import { StatementError, type StatementErrorCode } from '../../../shared/statements/errors.ts'
import { keyId } from '../../../shared/statements/member.ts'
import { type WebAuthn, webauthn } from './load-webauthn.ts'
import { ALGORITHMS, type Known } from './options.ts'
import { type KeyWords, refusal } from './refusal.ts'

/** A credential that a key made and that was found right. */
export interface Registered extends Known {
  /** COSE key, base64url. */
  readonly publicKey: string
  /** AAGUID as 32 hexadecimal digits. */
  readonly model: string
  readonly proof: 'attested' | 'none'
  /** Attestation object, base64url; null when the key gave no attestation. */
  readonly attestation: string | null
}

/**
 * Checks what `create` brought back (WebAuthn Level 3 §7.1).
 *
 * @param roots - makers' root certificates (PEM); a model counts as attested only if its chain ends in one of them.
 * @throws {CeremonyRefusal} naming the first thing that is wrong, those that people can mend first.
 */
export async function verifyCreated(
  response: RegistrationResponse,
  challenge: string,
  keys: KeyWords,
  roots: readonly string[],
): Promise<Registered> {
  const library = await webauthn()
  const attestationObject = Uint8Array.from(fromBase64Url(response.response.attestationObject))
  checkPeoplesPart(library, attestationObject, response, keys)
  const verified = await library
    .verifyRegistrationResponse({
      response: plainRegistration(response),
      expectedChallenge: challenge,
      expectedOrigin: ORIGIN,
      expectedRPID: RP_ID,
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    })
    .catch((cause: unknown) => {
      throw refusal('not-verified', keys, cause)
    })
  if (!verified.verified) throw refusal('not-verified', keys)
  const { credential, aaguid, fmt } = verified.registrationInfo
  if (credential.id !== response.id || checkCoseKey(credential.publicKey) === null) throw refusal('not-verified', keys)
  if (response.clientExtensionResults.prf?.enabled !== true) throw refusal('no-prf', keys)
  return {
    credential: credential.id,
    publicKey: toBase64Url(credential.publicKey),
    transports: response.response.transports ?? [],
    model: aaguid.replaceAll('-', ''),
    proof: await proofOf(library, attestationObject, roots),
    attestation: fmt === 'none' ? null : response.response.attestationObject,
  }
}

// Read before the signature is checked, only to refuse with the words that help most.
function checkPeoplesPart(
  { decodeAttestationObject, decodeClientDataJSON, parseAuthenticatorData }: WebAuthn,
  attestationObject: Uint8Array<ArrayBuffer>,
  response: RegistrationResponse,
  keys: KeyWords,
): void {
  const { flags, origin, crossOrigin } = reading(() => {
    const authenticatorData = decodeAttestationObject(attestationObject).get('authData')
    return { ...parseAuthenticatorData(authenticatorData), ...decodeClientDataJSON(response.response.clientDataJSON) }
  }, keys)
  if (origin !== ORIGIN || crossOrigin === true) throw refusal('wrong-site', keys)
  if (!flags.uv) throw refusal('no-verification', keys)
  if (flags.be) throw refusal('synced', keys)
}

function reading<Result>(read: () => Result, keys: KeyWords): Result {
  try {
    return read()
  } catch (cause) {
    throw refusal('not-verified', keys, cause)
  }
}

// A chain that ends in no root we were given proves nothing: anybody can make one.
async function proofOf(
  { convertCertBufferToPEM, decodeAttestationObject, validateCertificatePath }: WebAuthn,
  attestationObject: Uint8Array<ArrayBuffer>,
  roots: readonly string[],
): Promise<'attested' | 'none'> {
  const chain = decodeAttestationObject(attestationObject).get('attStmt').get('x5c')
  if (!chain || chain.length === 0 || roots.length === 0) return 'none'
  try {
    return (await validateCertificatePath(chain.map(convertCertBufferToPEM), [...roots])) ? 'attested' : 'none'
  } catch {
    return 'none'
  }
}

// `exactOptionalPropertyTypes`: their types know absent members, ours also undefined ones.
function plainRegistration({ id, rawId, type, response }: RegistrationResponse) {
  const { clientDataJSON, attestationObject, transports } = response
  return {
    id,
    rawId,
    type,
    clientExtensionResults: {},
    response: { clientDataJSON, attestationObject, ...(transports ? { transports } : {}) },
  }
}

/** A credential that may answer. */
export interface Expected extends Known {
  /** COSE key, base64url. */
  readonly publicKey: string
}

/** An assertion that was found right. */
export interface Asserted<Candidate extends Expected> {
  /** Which of the credentials answered. */
  readonly by: Candidate
  readonly signature: HardwareSignature
  readonly counter: number
}

/**
 * Checks what `get` brought back: the strict rules of DESIGN §4 and `@simplewebauthn/server`; both must agree.
 *
 * @throws {CeremonyRefusal} naming the first thing that is wrong.
 */
export async function verifyAsserted<Candidate extends Expected>(
  response: AuthenticationResponse,
  challenge: string,
  candidates: readonly Candidate[],
  keys: KeyWords,
): Promise<Asserted<Candidate>> {
  const by = candidates.find(({ credential }) => credential === response.id)
  if (!by || response.rawId !== response.id) throw refusal('unknown-key', keys)
  const { clientDataJSON, authenticatorData, signature: sig } = response.response
  const signature: HardwareSignature = { keyid: keyId(by.publicKey), sig, authenticatorData, clientDataJSON }
  const counter = strictCheck(challenge, signature, keys)
  const { verifyAuthenticationResponse } = await webauthn()
  const { verified } = await verifyAuthenticationResponse({
    response: {
      id: response.id,
      rawId: response.rawId,
      type: response.type,
      clientExtensionResults: {},
      response: { clientDataJSON, authenticatorData, signature: sig },
    },
    expectedChallenge: challenge,
    expectedOrigin: ORIGIN,
    expectedRPID: RP_ID,
    requireUserVerification: true,
    // Counters are compared by us and reported, never a reason to lock people out of an emergency.
    credential: { id: by.credential, publicKey: Uint8Array.from(fromBase64Url(by.publicKey)), counter: 0 },
  }).catch((cause: unknown) => {
    throw refusal('not-verified', keys, cause)
  })
  if (!verified) throw refusal('not-verified', keys)
  return { by, signature, counter }
}

const REFUSALS: Partial<Record<StatementErrorCode, RefusalCode>> = {
  'hardware-no-verification': 'no-verification',
  'hardware-synced': 'synced',
  'hardware-wrong-origin': 'wrong-site',
  'hardware-wrong-site': 'wrong-site',
}

function strictCheck(challenge: string, signature: HardwareSignature, keys: KeyWords): number {
  try {
    return checkAssertion(challenge, signature).counter
  } catch (error) {
    const code = error instanceof StatementError ? REFUSALS[error.code] : undefined
    throw refusal(code ?? 'not-verified', keys, error)
  }
}
