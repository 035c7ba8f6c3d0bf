/** The two calls to a security key, so that tests and stories can stand in for one. */
export interface Authenticator {
  create(options: PublicKeyCredentialCreationOptions, signal: AbortSignal): Promise<Credential | null>
  get(options: PublicKeyCredentialRequestOptions, signal: AbortSignal): Promise<Credential | null>
}

/** The browser's own. */
export const browserAuthenticator: Authenticator = {
  create: (publicKey, signal) => navigator.credentials.create({ publicKey, signal }),
  get: (publicKey, signal) => navigator.credentials.get({ publicKey, signal }),
}
