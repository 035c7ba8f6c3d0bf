import { type Digest, equalBytes, fromBase64Url, toBase64Url } from '../bytes.ts'
import { type Checkpoint, checkpointFrom, type Head, type VerifyEd25519 } from './checkpoint.ts'
import { EMPTY_ROOT } from './merkle.ts'
import type { NoteKey } from './note.ts'
import { olderRootOf, verifyConsistency } from './proofs.ts'
import { type CheckpointFault, verifyCheckpoint } from './verify.ts'

/**
 * Why a witness does not cosign: not a checkpoint (`malformed`), of another ledger (`wrong-origin`), not believed (see
 * `CheckpointFault`), smaller than the one cosigned before (`shrunk`), of the same size with another root (`fork`), or
 * not shown to extend it (`bad-proof`).
 */
export type WitnessRefusal = CheckpointFault | 'malformed' | 'wrong-origin' | 'shrunk' | 'fork' | 'bad-proof'

/** Two believed heads of one ledger that cannot both be: its owner signed two histories. */
export interface ForkEvidence {
  readonly origin: string
  /** The smaller size, where they have not the same. */
  readonly size: number
  readonly checkpoints: readonly [Checkpoint, Checkpoint]
  /** Null if they are of one size; else what shows that the larger does not begin with the smaller. */
  readonly growth: GrowthProof | null
}

/** Another root over as many entries as a smaller head has, and the consistency proof that leads from it to the larger head. */
export interface GrowthProof {
  readonly root: Digest
  readonly proof: readonly Digest[]
}

export type WitnessVerdict =
  | { readonly ok: true; readonly checkpoint: Checkpoint }
  /** `evidence` of a fork, or of one that a proof of growth shows (`bad-proof`). */
  | { readonly ok: false; readonly code: WitnessRefusal; readonly evidence?: ForkEvidence }

/** What a witness is asked to judge. */
export interface WitnessQuestion {
  /** The ledger it is asked about. */
  readonly origin: string
  /** The largest checkpoint of it that this witness cosigned, kept durably; null for none. */
  readonly last: Checkpoint | null
  /** The new checkpoint as it came. */
  readonly note: string | Uint8Array
  /** From the size of `last` to the new size; empty if there is no `last`. */
  readonly proof: readonly Uint8Array[]
  /** Checkpoint keys of the head roster's active devices. */
  readonly keys: readonly NoteKey[]
}

/**
 * The rule of a witness (C2SP tlog-cosignature): cosign only what extends the largest head it cosigned before. The
 * caller records the checkpoint durably as `last` before the cosignature leaves, else a crash could lead it to cosign
 * a fork. Never throws on hostile input.
 */
export async function witnessHead(question: WitnessQuestion, verifyEd25519: VerifyEd25519): Promise<WitnessVerdict> {
  const { origin, last, note, keys } = question
  if (last && last.origin !== origin) throw new TypeError('the last checkpoint is of another ledger')
  const next = checkpointFrom(note)
  if (!next) return { ok: false, code: 'malformed' }
  if (next.origin !== origin) return { ok: false, code: 'wrong-origin' }
  const believed = await verifyCheckpoint(next, keys, verifyEd25519)
  if (!believed.ok) return { ok: false, code: believed.code }
  const evidence = last && forkEvidence(last, next)
  if (evidence) return { ok: false, code: 'fork', evidence }
  const code = judgeGrowth(last, next, question.proof)
  if (code === null) return { ok: true, checkpoint: next }
  const grown = code === 'bad-proof' && last ? forkInGrowth(last, next, question.proof) : null
  return grown === null ? { ok: false, code } : { ok: false, code, evidence: grown }
}

/**
 * The proof of a fork, if two checkpoints are one: same ledger, same size, different roots. Signatures are not looked
 * at here; pass checkpoints that `verifyCheckpoint` believed.
 */
export function forkEvidence(a: Checkpoint, b: Checkpoint): ForkEvidence | null {
  if (a.origin !== b.origin || a.size !== b.size || equalBytes(a.root, b.root)) return null
  return { origin: a.origin, size: a.size, checkpoints: [a, b], growth: null }
}

/**
 * The proof of a fork in a consistency proof that leads to the larger head from another root than the smaller one has. Who restored
 * an old disk and went on gives just that. Signatures are not looked at here.
 *
 * @returns null if there is none; also where the smaller size is a power of two, since the proof then leaves that root out.
 */
export function forkInGrowth(
  smaller: Checkpoint,
  larger: Checkpoint,
  proof: readonly Uint8Array[],
): ForkEvidence | null {
  if (smaller.origin !== larger.origin) return null
  const root = olderRootOf(smaller.size, larger.size, larger.root, proof)
  if (root === null || equalBytes(root, smaller.root)) return null
  const growth = { root: toBase64Url(root), proof: proof.map(toBase64Url) }
  return { origin: smaller.origin, size: smaller.size, checkpoints: [smaller, larger], growth }
}

/** Whether a growth proof shows that two heads are of two histories. Signatures are not looked at here. */
export function isForkedGrowth(smaller: Checkpoint, larger: Checkpoint, { root, proof }: GrowthProof): boolean {
  const other = fromBase64Url(root)
  return (
    smaller.origin === larger.origin &&
    smaller.size < larger.size &&
    !equalBytes(other, smaller.root) &&
    verifyConsistency(smaller.size, other, larger.size, larger.root, proof.map(fromBase64Url)).ok
  )
}

function judgeGrowth(last: Head | null, next: Head, proof: readonly Uint8Array[]): WitnessRefusal | null {
  // An empty tree proves nothing about what follows, so it counts as nothing seen.
  if (!last || last.size === 0) {
    const plausible = next.size > 0 || equalBytes(next.root, EMPTY_ROOT)
    return plausible && proof.length === 0 ? null : 'bad-proof'
  }
  if (next.size < last.size) return 'shrunk'
  return verifyConsistency(last.size, last.root, next.size, next.root, proof).ok ? null : 'bad-proof'
}
