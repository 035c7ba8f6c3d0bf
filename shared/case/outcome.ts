import type { Case } from './types.ts'

/** What came of a request, for whoever looks back. */
export const OUTCOMES = ['granted', 'denied', 'expired', 'withdrawn', 'failed', 'open'] as const
export type Outcome = (typeof OUTCOMES)[number]

/**
 * What came of a case: `granted` once a session was issued, however that ended; `open` while it may still be, or while a
 * session may exist that nothing names; `failed` if it could not be answered at all, or ran out after an issuing device
 * had tried in vain; else why nothing was issued.
 */
export function outcomeOf({ state, grant, attempts }: Pick<Case, 'state' | 'grant' | 'attempts'>): Outcome {
  if (grant !== null) return 'granted'
  switch (state) {
    case 'withdrawn':
      return 'withdrawn'
    case 'blocked':
      return 'denied'
    case 'impossible':
      return 'failed'
    case 'expired':
      return attempts.some(({ issuing, failed }) => issuing !== null || failed !== null) ? 'failed' : 'expired'
    default:
      return 'open'
  }
}
