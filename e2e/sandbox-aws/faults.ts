/**
 * What may go wrong with the next call.
 * - `throttled`, `region-disabled`: refused with that error, nothing done.
 * - `unknown-key`: refused as in a region that does not know the key yet, or, each time, one that is not enabled for the account.
 * - `error-500`: answered with an internal error; nothing done unless `done`.
 * - `silent`: no answer ever, the connection stays open; `done` says whether the call was carried out.
 * - `cut`: the connection is broken instead of an answer; `done` as above.
 * - `late`: carried out, answered after `ms`.
 * - `garbled`: carried out, answered with half of the answer.
 */
export type Fault =
  | { readonly kind: 'throttled' | 'region-disabled' | 'unknown-key' | 'garbled' }
  | { readonly kind: 'error-500'; readonly done?: boolean }
  | { readonly kind: 'silent' | 'cut'; readonly done: boolean }
  | { readonly kind: 'late'; readonly ms: number }

/**
 * The ways in which one call can fail, by when: before it took effect, during (it took effect and no answer came), and
 * after (it took effect and the answer says otherwise). For tests that go through all of them.
 */
export const FAULT_TABLE: readonly { readonly when: 'before' | 'during' | 'after'; readonly fault: Fault }[] = [
  { when: 'before', fault: { kind: 'throttled' } },
  { when: 'before', fault: { kind: 'error-500' } },
  { when: 'before', fault: { kind: 'cut', done: false } },
  { when: 'before', fault: { kind: 'silent', done: false } },
  { when: 'during', fault: { kind: 'cut', done: true } },
  { when: 'during', fault: { kind: 'silent', done: true } },
  { when: 'after', fault: { kind: 'error-500', done: true } },
  { when: 'after', fault: { kind: 'garbled' } },
]

/** Whether the call is carried out all the same. */
export function isDone(fault: Fault | null): boolean {
  if (fault === null || fault.kind === 'late' || fault.kind === 'garbled') return true
  return 'done' in fault && (fault.done ?? false)
}

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
