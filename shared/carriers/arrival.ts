import type { Digest } from '../bytes.ts'

/** The ways by which something comes to a device; `own` is none: it was said there. */
export type Carrier = 'own' | 'lan' | 'code' | 'file' | 'text' | 'mail' | 'relay'

/**
 * By which way something first came. Local knowledge of one device: it proves nothing to others, and no rule looks at it.
 *
 * `device` is whose: on the network, by mail or relay the peer that handed it over, which need not be its author. A code, a
 * file or a text says nothing of who holds it up, so there it is the one device that speaks in it. Null if nobody can say.
 */
export interface Arrival {
  readonly by: Carrier
  readonly device: Digest | null
}

/** Said on this very device. */
export const OWN: Arrival = { by: 'own', device: null }
