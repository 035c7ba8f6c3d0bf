import { equalBytes } from '../bytes.ts'
import { type Checkpoint, checkpointFrom, type Head, type VerifyEd25519 } from './checkpoint.ts'
import { EMPTY_ROOT } from './merkle.ts'
import type { NoteKey } from './note.ts'
import { verifyConsistency } from './proofs.ts'
import { type CheckpointFault, verifyCheckpoint } from './verify.ts'

/**
 * Why a witness does not cosign: not a checkpoint (`malformed`), of another ledger (`wrong-origin`), not believed (see
 * `CheckpointFault`), smaller than the one cosigned before (`shrunk`), of the same size with another root (`fork`), or
 * not shown to extend it (`bad-proof`).
 */
export type WitnessRefusal = CheckpointFault | 'malformed' | 'wrong-origin' | 'shrunk' | 'fork' | 'bad-proof'

/** Two believed heads of one ledger and one size with different roots: its owner signed two histories. */
export interface ForkEvidence {
  readonly origin: string
  readonly size: number
  readonly checkpoints: readonly [Checkpoint, Checkpoint]
}

export type WitnessVerdict =
  | { readonly ok: true; readonly checkpoint: Checkpoint }
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
  return code === null ? { ok: true, checkpoint: next } : { ok: false, code }
}

/**
 * The proof of a fork, if two checkpoints are one: same ledger, same size, different roots. Signatures are not looked
 * at here; pass checkpoints that `verifyCheckpoint` believed.
 */
export function forkEvidence(a: Checkpoint, b: Checkpoint): ForkEvidence | null {
  if (a.origin !== b.origin || a.size !== b.size || equalBytes(a.root, b.root)) return null
  return { origin: a.origin, size: a.size, checkpoints: [a, b] }
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
