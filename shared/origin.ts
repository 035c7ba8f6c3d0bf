/**
 * The one origin of the window, in both shells, which serve it themselves. It can never be a remote site (RFC 6761).
 * Alone in a file: the preload script must hold this much and no more.
 */
export const ORIGIN = 'https://lockbox.localhost'

/** The WebAuthn relying party id. */
export const RP_ID = 'lockbox.localhost'
