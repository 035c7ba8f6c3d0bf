import type { Digest } from '../bytes.ts'
import type { Kind } from '../statements/kinds.ts'

/** A statement that breaks a rule: which one, whose, and which rule. It changes nothing, and people are shown it. */
export interface Refusal<Code extends string = string> {
  readonly id: Digest
  readonly kind: Kind
  readonly member: string
  readonly code: Code
}
