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
  /** Cosignatures by other devices of the exporter's owner, which are not among these. */
  readonly kin: number
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
 * Compares the exporter's believed checkpoints with the recomputed tree. Up to the largest that fits, the entries are those that
 * the exporter signed; a smaller one that does not fit is of another history. Beyond, the first that does not fit: the
 * first bad entry lies between the two.
 */
export function judgeCoverage(ledger: RecomputedLedger, own: readonly Believed[]): Coverage {
  const findings: Finding[] = []
  const cosigners = new Map<string, Cosigner & { readonly size: number }>()
  const gap = ledger.leaves.firstGap()
  const fits = ({ size, root }: Checkpoint) => size <= gap && equalBytes(ledger.roots.get(size) ?? EMPTY_ROOT, root)
  const bySize = own.toSorted((a, b) => a.checkpoint.size - b.checkpoint.size)
  const fitting = bySize.filter(({ checkpoint }) => fits(checkpoint))
  const odd = bySize.map(({ checkpoint }) => checkpoint).filter((checkpoint) => !fits(checkpoint))
  const covered = fitting.at(-1)?.checkpoint.size ?? 0
  let witnessed = 0
  for (const { checkpoint, cosigners: by } of fitting) {
    const { size } = checkpoint
    if (by.length > 0) witnessed = size
    for (const cosigner of by) cosigners.set(cosigner.name, { ...cosigner, size })
    findings.push(holds('checkpoint-matches', `the first ${size} entries are those that the exporter signed`, 0, size))
  }
  const sizes = fitting.map(({ checkpoint }) => checkpoint.size)
  for (const checkpoint of odd) if (checkpoint.size < covered) findings.push(ownFork(checkpoint, sizes))
  // One of the size of the largest that fits is compared with that where forks are looked for.
  const beyond = odd.find(({ size }) => size > covered || fitting.length === 0)
  if (beyond !== undefined) findings.push(headFault(ledger, beyond, covered))
  else if (odd.length === 0) findings.push(...gaps(ledger.leaves.size, own.length, covered, cosigners.size))
  if (cosigners.size > 0) findings.push(cosignedFinding(cosigners.size, witnessed, ledger.leaves.size))
  return { findings, covered, witnessed, cosigners: [...cosigners.values()] }
}

function headFault({ leaves }: RecomputedLedger, { size }: Checkpoint, covered: number): Finding {
  const gap = leaves.firstGap(covered)
  if (size > gap) {
    const message = `the exporter signed ${size} entries; the file lacks entry ${gap}`
    return {
      ...refuted('missing-entries', message),
      entries: { from: gap, to: gap === leaves.size ? size : Math.min(leaves.nextTaken(gap), size) },
    }
  }
  const message = `entries differ from what the exporter signed at size ${size}; the first ${covered} are as signed`
  return { ...refuted('wrong-root', message), entries: { from: covered, to: size } }
}

/**
 * A head that does not fit below one that does: the exporter signed both, so nobody else can have changed the entries.
 *
 * @param sizes - of those that fit.
 */
function ownFork({ origin, size }: Checkpoint, sizes: readonly number[]): Finding {
  const larger = sizes.at(-1) ?? size
  const from = sizes.findLast((one) => one <= size) ?? 0
  const message = `it signed a head of ${size} entries, and one of ${larger} entries that do not begin with those; the ${larger} are in this file`
  return { ...refuted('own-fork', message), entries: { from, to: size }, name: origin }
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
