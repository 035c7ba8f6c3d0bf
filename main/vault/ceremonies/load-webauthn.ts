import type * as library from './webauthn.ts'

export type WebAuthn = typeof library

/**
 * The library that checks what keys answer: half of all that main would load at its start, though no window waits for it.
 * Whoever asks for a key calls this at once, so that it is there when the key answers.
 */
export function webauthn(): Promise<WebAuthn> {
  return import('./webauthn.ts')
}
