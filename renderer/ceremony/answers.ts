import { toBase64Url } from '../../shared/bytes.ts'
import type { Answer } from '../../shared/ceremony.ts'

type Created = Extract<Answer, { kind: 'created' }>
type Asserted = Extract<Answer, { kind: 'asserted' }>

/** A new credential as it goes to main. Outputs of PRF at creation are not trusted, so they are wiped here. */
export function createdAnswer(credential: PublicKeyCredential): Created {
  const response = credential.response as AuthenticatorAttestationResponse
  const results = credential.getClientExtensionResults()
  wipe(results.prf?.results)
  const publicKey = response.getPublicKey()
  return {
    kind: 'created',
    response: {
      ...common(credential),
      response: {
        clientDataJSON: base64(response.clientDataJSON),
        attestationObject: base64(response.attestationObject),
        authenticatorData: base64(response.getAuthenticatorData()),
        transports: response.getTransports(),
        ...(publicKey === null ? {} : { publicKey: base64(publicKey) }),
        publicKeyAlgorithm: response.getPublicKeyAlgorithm(),
      },
      clientExtensionResults: {
        ...(results.prf === undefined ? {} : { prf: enabled(results.prf) }),
        ...(results.credProps === undefined ? {} : { credProps: rk(results.credProps) }),
      },
    },
  }
}

/**
 * An assertion as it goes to main: the PRF output apart, as bytes that the caller wipes after the call, and never as
 * text. `toJSON` is not used, since it would write the output out as a string that nothing can wipe.
 */
export function assertedAnswer(credential: PublicKeyCredential): Asserted {
  const response = credential.response as AuthenticatorAssertionResponse
  return {
    kind: 'asserted',
    response: {
      ...common(credential),
      response: {
        clientDataJSON: base64(response.clientDataJSON),
        authenticatorData: base64(response.authenticatorData),
        signature: base64(response.signature),
        ...(response.userHandle?.byteLength ? { userHandle: base64(response.userHandle) } : {}),
      },
      clientExtensionResults: {},
    },
    secret: secretOf(credential),
  }
}

function secretOf(credential: PublicKeyCredential): Uint8Array<ArrayBuffer> | null {
  const first = credential.getClientExtensionResults().prf?.results?.first
  if (first === undefined) return null
  // A view, not a copy: wiping it wipes what the browser gave.
  if (!ArrayBuffer.isView(first)) return new Uint8Array(first)
  const copy = Uint8Array.from(bytesOf(first))
  wipe({ first })
  return copy
}

function wipe(values: AuthenticationExtensionsPRFValues | undefined): void {
  for (const value of [values?.first, values?.second]) if (value !== undefined) bytesOf(value).fill(0)
}

function bytesOf(value: BufferSource): Uint8Array {
  return ArrayBuffer.isView(value)
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : new Uint8Array(value)
}

function common(credential: PublicKeyCredential) {
  return {
    id: credential.id,
    rawId: base64(credential.rawId),
    type: 'public-key' as const,
    ...attachmentOf(credential.authenticatorAttachment),
  }
}

function attachmentOf(attachment: string | null): { authenticatorAttachment?: 'cross-platform' | 'platform' } {
  return attachment === 'cross-platform' || attachment === 'platform' ? { authenticatorAttachment: attachment } : {}
}

const enabled = (prf: AuthenticationExtensionsPRFOutputs) => (prf.enabled === undefined ? {} : { enabled: prf.enabled })
const rk = (props: CredentialPropertiesOutput) => (props.rk === undefined ? {} : { rk: props.rk })
const base64 = (buffer: ArrayBuffer) => toBase64Url(new Uint8Array(buffer))
