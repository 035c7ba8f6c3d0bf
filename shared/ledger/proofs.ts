import { equalBytes } from '../bytes.ts'
import { EMPTY_ROOT, HASH_BYTES, nodeHash } from './merkle.ts'

/**
 * Why a proof fails: sizes or index that cannot be (`bad-size`), a hash that is not 32 bytes (`bad-hash`), too many or
 * too few hashes (`bad-length`), or a computed root that is another (`wrong-root`).
 */
export type ProofFault = 'bad-size' | 'bad-hash' | 'bad-length' | 'wrong-root'

export type ProofResult = { readonly ok: true } | { readonly ok: false; readonly code: ProofFault }

const OK: ProofResult = { ok: true }
const fault = (code: ProofFault): ProofResult => ({ ok: false, code })

// No tree below 2^53 leaves needs more; anything longer is refused before a hash is computed.
const MAX_PROOF_HASHES = 64

const isSize = (value: number): boolean => Number.isSafeInteger(value) && value >= 0
const isOdd = (value: number): boolean => value % 2 === 1
const half = (value: number): number => Math.floor(value / 2)
const result = (holds: boolean): ProofResult => (holds ? OK : fault('wrong-root'))

/**
 * Checks an audit path (RFC 9162 §2.1.3.2; same tree as RFC 6962). Never throws on hostile values.
 *
 * @param leaf - Leaf hash, 32 bytes; see `leafHash`.
 * @param proof - Path, leaf end first.
 */
export function verifyInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): ProofResult {
  if (!isSize(size) || !isSize(index) || index >= size) return fault('bad-size')
  const badHashes = checkHashes([leaf, root], proof)
  if (badHashes) return badHashes
  let at = index
  let last = size - 1
  let computed = leaf
  for (const sibling of proof) {
    if (last === 0) return fault('bad-length')
    if (isOdd(at) || at === last) {
      computed = nodeHash(sibling, computed)
      // A last node without a right neighbour rises until it is someone's right child.
      while (!isOdd(at) && at !== 0) [at, last] = [half(at), half(last)]
    } else computed = nodeHash(computed, sibling)
    ;[at, last] = [half(at), half(last)]
  }
  return last === 0 ? result(equalBytes(computed, root)) : fault('bad-length')
}

/**
 * Checks that the tree of `to` leaves extends that of `from` leaves (RFC 9162 §2.1.4.2; same tree as RFC 6962).
 * Never throws on hostile values. From size 0 only to size 0: nothing can be proved from an empty tree, so a caller
 * who has seen no head yet does not ask.
 */
export function verifyConsistency(
  from: number,
  fromRoot: Uint8Array,
  to: number,
  toRoot: Uint8Array,
  proof: readonly Uint8Array[],
): ProofResult {
  if (!isSize(from) || !isSize(to) || from > to || (from === 0 && to > 0)) return fault('bad-size')
  if (from === to) {
    if (proof.length > 0) return fault('bad-length')
    return result(equalBytes(fromRoot, toRoot) && (from > 0 || equalBytes(fromRoot, EMPTY_ROOT)))
  }
  const badHashes = checkHashes([fromRoot, toRoot], proof)
  if (badHashes) return badHashes
  const roots = climb(from, fromRoot, to, proof)
  if (roots === null) return fault('bad-length')
  return result(equalBytes(roots.older, fromRoot) && equalBytes(roots.newer, toRoot))
}

/**
 * The root over the first `from` leaves in the tree of `to` leaves, if the proof leads from there to `toRoot`. If it is another
 * than the one that was signed for `from` leaves, the two heads are of two histories, whoever gave the proof.
 *
 * @returns null if the proof does not lead to `toRoot`; also where `from` is a power of two, since the proof then leaves this root out.
 */
export function olderRootOf(
  from: number,
  to: number,
  toRoot: Uint8Array,
  proof: readonly Uint8Array[],
): Uint8Array | null {
  if (!isSize(from) || !isSize(to) || from === 0 || from >= to || checkHashes([toRoot], proof)) return null
  const roots = climb(from, null, to, proof)
  return roots !== null && equalBytes(roots.newer, toRoot) ? roots.older : null
}

/** @param fromRoot - null: not known, and needed only where the old tree is complete. */
function climb(
  from: number,
  fromRoot: Uint8Array | null,
  to: number,
  proof: readonly Uint8Array[],
): { readonly older: Uint8Array; readonly newer: Uint8Array } | null {
  let at = from - 1
  let last = to - 1
  while (isOdd(at)) [at, last] = [half(at), half(last)]
  // `at` is 0 now exactly if the old tree is complete, and then it is itself a node of the new one.
  const hashes = at !== 0 ? proof : fromRoot === null ? [] : [fromRoot, ...proof]
  const [seed, ...rest] = hashes
  if (!seed) return null
  let older: Uint8Array = seed
  let newer: Uint8Array = seed
  for (const sibling of rest) {
    if (last === 0) return null
    if (isOdd(at) || at === last) {
      older = nodeHash(sibling, older)
      newer = nodeHash(sibling, newer)
      while (!isOdd(at) && at !== 0) [at, last] = [half(at), half(last)]
    } else newer = nodeHash(newer, sibling)
    ;[at, last] = [half(at), half(last)]
  }
  return last === 0 ? { older, newer } : null
}

function checkHashes(known: readonly Uint8Array[], proof: readonly Uint8Array[]): ProofResult | null {
  if (proof.length > MAX_PROOF_HASHES) return fault('bad-length')
  return [...known, ...proof].every((hash) => hash.length === HASH_BYTES) ? null : fault('bad-hash')
}
