import { equalBytes } from '../bytes.ts'
import type { Checkpoint } from './checkpoint.ts'
import type { Cosigner } from './cosignature.ts'
import { type Finding, holds, incomplete, refuted } from './finding.ts'
import type { Leaves } from './leaves.ts'
import { EMPTY_ROOT } from './merkle.ts'

/** A checkpoint whose signatures were checked. */
export interface Believed {
  readonly checkpoint: Checkpoint
  readonly cosigners: readonly Cosigner[]
  /** Signatures by keys that were not given. */
  readonly unknown: number
}

/** How much of a ledger its own checkpoints and those who cosigned them vouch for. */
export interface Coverage {
  /** Entries, from the first, that the exporter's own signature covers. */
  readonly covered: number
  /** Entries, from the first, that at least one other device cosigned. */
  readonly witnessed: number
  /** Each other device that cosigned, with the largest size it vouched for. */
  readonly cosigners: readonly (Cosigner & { readonly size: number })[]
  readonly findings: readonly Finding[]
}

/** What the entries of a file make up. */
export interface RecomputedLedger {
  readonly leaves: Leaves
  /** Roots over the first n leaves, for each n that is asked for here; those beyond a gap are left out. */
  readonly roots: ReadonlyMap<number, Uint8Array>
}

/**
 * Compares the exporter's believed checkpoints with the recomputed tree, smallest first: where one still fits and the
 * next does not, the first bad entry lies between them.
 */
export function judgeCoverage(ledger: RecomputedLedger, own: readonly Believed[]): Coverage {
  const findings: Finding[] = []
  const cosigners = new Map<string, Cosigner & { readonly size: number }>()
  let covered = 0
  let witnessed = 0
  let fault: Finding | null = null
  for (const { checkpoint, cosigners: by } of own.toSorted((a, b) => a.checkpoint.size - b.checkpoint.size)) {
    const { size } = checkpoint
    fault = headFault(ledger, checkpoint, covered)
    if (fault) break
    covered = size
    if (by.length > 0) witnessed = size
    for (const cosigner of by) cosigners.set(cosigner.name, { ...cosigner, size })
    findings.push(holds('checkpoint-matches', `the first ${size} entries are those that the exporter signed`, 0, size))
  }
  if (fault) findings.push(fault)
  else findings.push(...gaps(ledger.leaves.size, own.length, covered, cosigners.size))
  if (cosigners.size > 0) findings.push(cosignedFinding(cosigners.size, witnessed, ledger.leaves.size))
  return { findings, covered, witnessed, cosigners: [...cosigners.values()] }
}

function headFault({ leaves, roots }: RecomputedLedger, { size, root }: Checkpoint, covered: number): Finding | null {
  const gap = leaves.firstGap(covered)
  if (size > gap) {
    const message = `the exporter signed ${size} entries; the file lacks entry ${gap}`
    return {
      ...refuted('missing-entries', message),
      entries: { from: gap, to: gap === leaves.size ? size : Math.min(leaves.nextTaken(gap), size) },
    }
  }
  if (equalBytes(roots.get(size) ?? EMPTY_ROOT, root)) return null
  const message = `entries differ from what the exporter signed at size ${size}; the first ${covered} are as signed`
  return { ...refuted('wrong-root', message), entries: { from: covered, to: size } }
}

function gaps(size: number, checkpoints: number, covered: number, cosigners: number): Finding[] {
  const findings: Finding[] = []
  if (checkpoints === 0) findings.push(incomplete('no-checkpoint', 'no checkpoint by the exporter could be checked'))
  else if (covered < size) {
    const message = `entries from ${covered} on are in no checkpoint by the exporter`
    findings.push({ ...incomplete('uncovered', message), entries: { from: covered, to: size } })
  }
  if (cosigners === 0) findings.push(incomplete('not-cosigned', 'no other device cosigned this ledger'))
  return findings
}

function cosignedFinding(cosigners: number, witnessed: number, size: number): Finding {
  const who = cosigners === 1 ? 'one other device' : `${cosigners} other devices`
  return holds('cosigned', `${who} cosigned, up to the first ${witnessed} of ${size} entries`, 0, witnessed)
}

/**
 * What a part of a ledger shows: each of its entries was proved to stand in one head, which the exporter's own checkpoint has
 * to be.
 *
 * @param head - the head that the proofs were held against, or null if the file has no such checkpoint.
 */
export function judgePart(
  entries: number,
  head: { readonly size: number; readonly root: Uint8Array } | null,
  own: readonly Believed[],
): Coverage {
  const match = own.find(
    ({ checkpoint: { size, root } }) => head !== null && size === head.size && equalBytes(root, head.root),
  )
  if (match === undefined || head === null) {
    const findings = [
      incomplete('no-checkpoint', 'no checkpoint by the exporter shows that these entries are in its ledger'),
    ]
    return { findings, covered: 0, witnessed: 0, cosigners: [] }
  }
  const cosigners = match.cosigners.map((one) => ({ ...one, size: head.size }))
  const message = `a part: its ${entries} entries are held against the ${head.size} that the exporter signed`
  const findings: Finding[] = [{ result: 'holds', code: 'part', message }]
  if (cosigners.length === 0) findings.push(incomplete('not-cosigned', 'no other device cosigned this ledger'))
  else
    findings.push({ ...cosignedFinding(cosigners.length, head.size, head.size), entries: { from: 0, to: head.size } })
  return { findings, covered: entries, witnessed: cosigners.length === 0 ? 0 : entries, cosigners }
}
