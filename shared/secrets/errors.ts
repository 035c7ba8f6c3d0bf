import { LockboxError } from '../errors.ts'

/**
 * - `box-key-refused`: not 32 bytes, not the canonical form of a coordinate, or of low order.
 * - `box-malformed`: the bytes cannot be a box.
 * - `box-refused`: not sealed to this key in this context, or altered. Which of them is not told apart.
 * - `threshold-refused`: not 2 ≤ M ≤ N ≤ 15.
 * - `commitments-malformed`: not canonical encodings of points other than the identity.
 * - `share-wrong-degree`: another number of commitments than the threshold.
 * - `share-wrong-index`: outside 1..N, or twice.
 * - `share-count`: another number of shares than the threshold.
 * - `share-invalid`: not what the commitments say of that index.
 * - `credential-refused`: not encrypted under this secret and deposit header, or altered.
 * - `custody-invalid`: the proof was not made with the share of that index in this context.
 */
export type SecretsErrorCode =
  | 'box-key-refused'
  | 'box-malformed'
  | 'box-refused'
  | 'threshold-refused'
  | 'commitments-malformed'
  | 'share-wrong-degree'
  | 'share-wrong-index'
  | 'share-count'
  | 'share-invalid'
  | 'credential-refused'
  | 'custody-invalid'

/** A sealed thing, a share or a proof that is not what it should be. */
export class SecretsError extends LockboxError<SecretsErrorCode> {
  /** The index of the share at fault, where one is: with the deposit's custodians it names a person. */
  readonly index: number | undefined

  constructor(code: SecretsErrorCode, message: string, options?: { cause?: unknown; index?: number }) {
    super(code, message, options)
    this.index = options?.index
  }
}
