/** Largest payload, bytes (DESIGN §4). */
export const MAX_PAYLOAD_BYTES = 65_536
/** Largest envelope, bytes: the payload in base64url and two signatures with room. */
export const MAX_ENVELOPE_BYTES = 98_304
