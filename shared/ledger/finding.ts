import type { CheckpointFault } from './verify.ts'

/** Holds: the bundle shows it. Attention: it changes no verdict, and people should look at it. Refuted: the bundle contradicts itself. Incomplete: nothing wrong, but not shown. */
export type FindingResult = 'holds' | 'attention' | 'incomplete' | 'refuted'

export type FindingCode =
  | 'checkpoint-matches'
  | 'cosigned'
  | 'peer-checkpoint'
  | 'no-checkpoint'
  | 'uncovered'
  | 'not-cosigned'
  | 'unknown-key'
  | 'unknown-cosigner'
  | 'kin-cosigner'
  | 'fork'
  | 'refused-head'
  | 'equivocation'
  | 'waiting'
  | 'damaged'
  | 'part'
  | 'bad-proof'
  | 'place-twice'
  | 'wrong-count'
  | 'missing-entries'
  | 'wrong-root'
  | 'own-fork'
  | 'wrong-origin'
  | 'malformed-checkpoint'
  | 'bad-evidence'
  | Exclude<CheckpointFault, 'unknown-key'>

/** One thing that checking a bundle's ledger showed. */
export interface Finding {
  readonly result: FindingResult
  readonly code: FindingCode
  readonly message: string
  /** The entries it is about, from index `from` up to but without `to`; the first bad one is among them. */
  readonly entries?: { readonly from: number; readonly to: number }
  /** The ledger it is about, when that is not the exporter's, or the cosigner. */
  readonly name?: string
}

/** What the bundle shows about entries `from` up to but without `to`. */
export function holds(code: FindingCode, message: string, from: number, to: number): Finding {
  return { result: 'holds', code, message, entries: { from, to } }
}

/** What the bundle leaves open. */
export function incomplete(code: FindingCode, message: string): Finding {
  return { result: 'incomplete', code, message }
}

/** What the bundle contradicts. */
export function refuted(code: FindingCode, message: string): Finding {
  return { result: 'refuted', code, message }
}
