import { equalBytes } from '../../shared/bytes.ts'
import type { Head } from '../../shared/ledger/checkpoint.ts'
import type { MerkleTree } from '../../shared/ledger/merkle.ts'
import type { FileFacts } from '../vault/files.ts'

/** Which file on its disk a journal is; null where that is not known. */
export type Place = { readonly [Fact in keyof Omit<FileFacts, 'size'>]: FileFacts[Fact] | null }

/**
 * Whether a journal is the very file it was. A copy is another file, or at least a younger one; a disk that was put back
 * as a whole is not told apart by this.
 */
export function isSameFile(before: Place, now: Place): boolean {
  if (before.file === null || now.file === null) return true
  return before.file === now.file && (before.born === null || now.born === null || before.born === now.born)
}

/** Whether a head that this device signed is one of this ledger. */
export function headFits({ size, root }: Head, ledger: MerkleTree): boolean {
  return size <= ledger.size && equalBytes(ledger.root(size), root)
}
