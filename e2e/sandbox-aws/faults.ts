/**
 * What may go wrong with the next call.
 * - `throttled`, `error-500`, `region-disabled`: refused with that error, nothing done.
 * - `silent`: no answer ever, the connection stays open; `done` says whether the call was carried out.
 * - `cut`: the connection is broken instead of an answer; `done` as above.
 * - `late`: carried out, answered after `ms`.
 * - `garbled`: carried out, answered with half of the XML.
 */
export type Fault =
  | { readonly kind: 'throttled' | 'error-500' | 'region-disabled' | 'garbled' }
  | { readonly kind: 'silent' | 'cut'; readonly done: boolean }
  | { readonly kind: 'late'; readonly ms: number }

/** Which calls a fault meets; everything left out means any. */
export interface Aim {
  readonly region?: string
  readonly action?: string
  /** How many calls it meets; 1 if left out. */
  readonly times?: number
}

/** Faults waiting for their calls; the first that fits is taken. */
export interface FaultQueue {
  add(fault: Fault, aim?: Aim): void
  take(region: string, action: string | null): Fault | null
}

/** An empty queue. */
export function faultQueue(): FaultQueue {
  const waiting: { fault: Fault; aim: Aim; left: number }[] = []
  return {
    add: (fault, aim = {}) => void waiting.push({ fault, aim, left: aim.times ?? 1 }),
    take: (region, action) => {
      const fits = ({ aim }: { aim: Aim }) => (aim.region ?? region) === region && (aim.action ?? action) === action
      const at = waiting.findIndex(fits)
      const found = waiting[at]
      if (!found) return null
      found.left -= 1
      if (found.left === 0) waiting.splice(at, 1)
      return found.fault
    },
  }
}
