import { fromBase64Url } from '../../shared/bytes.ts'
import type { CreationOptions, RequestOptions } from '../../shared/ceremony.ts'

// Options cross as JSON with base64url; `navigator.credentials` wants buffers. Done here and not by
// `parseRequestOptionsFromJSON`, which older browsers lack and which leaves out extensions it does not know.

/** The key names the specification has and the DOM library's types lack. */
interface CreationExtensions extends AuthenticationExtensionsClientInputs {
  credentialProtectionPolicy: string
  enforceCredentialProtectionPolicy: boolean
}

/** What `navigator.credentials.create` takes, of a step's JSON. */
export function creationOptions(options: CreationOptions): PublicKeyCredentialCreationOptions {
  const extensions: CreationExtensions = { ...options.extensions }
  return {
    ...options,
    challenge: buffer(options.challenge),
    user: { ...options.user, id: buffer(options.user.id) },
    excludeCredentials: options.excludeCredentials.map(descriptor),
    extensions,
  }
}

/** What `navigator.credentials.get` takes, of a step's JSON. The record of salts stays keyed by base64url ids. */
export function requestOptions(options: RequestOptions): PublicKeyCredentialRequestOptions {
  const { prf } = options.extensions
  return {
    ...options,
    challenge: buffer(options.challenge),
    allowCredentials: options.allowCredentials.map(descriptor),
    extensions: prf === undefined ? {} : { prf: { evalByCredential: salts(prf.evalByCredential) } },
  }
}

function salts(byCredential: Readonly<Record<string, { first: string }>>): Record<string, { first: ArrayBuffer }> {
  return Object.fromEntries(Object.entries(byCredential).map(([id, { first }]) => [id, { first: buffer(first) }]))
}

type Descriptor = RequestOptions['allowCredentials'][number]

function descriptor({ id, type, transports }: Descriptor): PublicKeyCredentialDescriptor {
  const plain = { id: buffer(id), type }
  return transports === undefined ? plain : { ...plain, transports: transports as AuthenticatorTransport[] }
}

function buffer(text: string): ArrayBuffer {
  return Uint8Array.from(fromBase64Url(text)).buffer
}
