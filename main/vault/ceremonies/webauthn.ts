// What we use of the WebAuthn library; loaded by `webauthn()` of `load-webauthn.ts`.
export { verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server'
export {
  convertCertBufferToPEM,
  decodeAttestationObject,
  decodeClientDataJSON,
  parseAuthenticatorData,
  validateCertificatePath,
} from '@simplewebauthn/server/helpers'
