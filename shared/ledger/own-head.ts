import { toBase64Url } from '../bytes.ts'
import type { Statement } from '../statements/envelope.ts'
import type { MerkleTree } from './merkle.ts'

/**
 * Whether what a statement says of its author's ledger fits this ledger: then its author wrote it here. If it does not,
 * this ledger is not, or no longer, the one that its author had then: records are missing or others stand in their place.
 *
 * @param leaf - where the statement itself stands in the ledger.
 */
export function isOwnHead({ payload }: Pick<Statement, 'payload'>, leaf: number, ledger: MerkleTree): boolean {
  const { size, root } = payload.ledger
  return size <= leaf && toBase64Url(ledger.root(size)) === root
}
