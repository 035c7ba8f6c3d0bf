import type { Weight } from '../case/decisions.ts'

const APPROVALS: Readonly<Record<Weight, string>> = {
  counts: '',
  denied: 'does not count: the same person denied',
  again: 'said once more, and counts once',
  without: 'no grant stands on it',
  stranger: 'does not count: this person did not decide here',
  unknown: 'whether it counts nobody can say: the plan is not here',
}

const DENIALS: Readonly<Record<Weight, string>> = {
  ...APPROVALS,
  without: 'the grant was made without it',
}

/** What a decision does, where it does not simply count; empty where it does. */
export function weightWords(verdict: 'approve' | 'deny', weight: Weight): string {
  return (verdict === 'approve' ? APPROVALS : DENIALS)[weight]
}
