/** COSE algorithm numbers. */
export const ES256 = -7
export const EDDSA = -8

/** Ways in which a key may be unfit; each can be switched on and off at any time. */
export interface KeyFaults {
  /** No hmac-secret: `prf.enabled` is false and no secret ever comes. */
  noPrf?: boolean
  /** Answers with UV=0, even where the caller required it, and without a secret (as Chromium does). */
  unverified?: boolean
  /** A passkey that its maker copies between devices: BE=1 and BS=1. */
  synced?: boolean
  /** An old U2F key: no user verification, no PRF, no model; refuses where verification is required. */
  u2f?: boolean
}

/** A credential as the key keeps it; its secrets come from the key's seed. */
export interface HeldCredential {
  readonly id: string
  readonly rpId: string
  readonly algorithm: number
  readonly userHandle: string
  readonly resident: boolean
}

/** All a key is, as plain JSON. The seed is the secret of a key that exists only in tests. */
export interface KeyState {
  readonly name: string
  readonly seed: string
  readonly algorithm: number
  signCount: number
  faults: KeyFaults
  readonly credentials: HeldCredential[]
}

/** The part of `PublicKeyCredentialCreationOptionsJSON` that a key looks at. */
export interface CreateOptions {
  readonly challenge: string
  readonly rp: { readonly id?: string | undefined }
  readonly user: { readonly id: string }
  readonly pubKeyCredParams: readonly { readonly alg: number }[]
  readonly excludeCredentials?: readonly { readonly id: string }[] | undefined
  readonly authenticatorSelection?:
    | { readonly userVerification?: string | undefined; readonly residentKey?: string | undefined }
    | undefined
  readonly extensions?: object | undefined
}

/** The part of `PublicKeyCredentialRequestOptionsJSON` that a key looks at. */
export interface GetOptions {
  readonly challenge: string
  readonly rpId?: string | undefined
  readonly allowCredentials?: readonly { readonly id: string }[] | undefined
  readonly userVerification?: string | undefined
  readonly extensions?: object | undefined
}

/** Salts or secrets of the `prf` extension. */
export interface PrfValues<Value> {
  first: Value
  second?: Value
}

/** What `getClientExtensionResults()` gives: the secrets are bytes, as in a browser, so this part is not JSON. */
export interface ExtensionResults {
  prf?: { enabled?: boolean; results?: PrfValues<ArrayBuffer> }
  credProps?: { rk: boolean }
}

interface CredentialJson<Response> {
  id: string
  rawId: string
  type: 'public-key'
  authenticatorAttachment: 'cross-platform'
  clientExtensionResults: ExtensionResults
  response: Response
}

/** Fits `RegistrationResponseJSON` of `@simplewebauthn/server`. */
export type CreatedJson = CredentialJson<{
  clientDataJSON: string
  attestationObject: string
  authenticatorData: string
  transports: 'usb'[]
  publicKeyAlgorithm: number
  publicKey: string
}>

/** Fits `AuthenticationResponseJSON` of `@simplewebauthn/server`. */
export type AssertedJson = CredentialJson<{
  clientDataJSON: string
  authenticatorData: string
  signature: string
  userHandle?: string
}>
