import type { Digest } from '../bytes.ts'
import { CLOCK_TOLERANCE_MS } from '../case/types.ts'
import type { Bundle } from '../ledger/bundle.ts'
import type { LedgerReport } from '../ledger/check.ts'
import { parseOrigin } from '../ledger/checkpoint.ts'
import { MerkleTree } from '../ledger/merkle.ts'
import { isOwnHead } from '../ledger/own-head.ts'
import type { Organization } from '../org/org-from.ts'
import type { DoorRun } from './entries.ts'
import type { Findings } from './findings.ts'
import type { InForce } from './in-force.ts'
import { countWords, deviceWords } from './words.ts'

/** Turns what the door did with each entry into findings. */
export function judgeEntries(run: DoorRun, { header }: Bundle, org: Organization | null, findings: Findings): void {
  const joined = joinedAt(run, header.device)
  const newer = org !== null && !org.supported
  for (const { entry, code, message } of run.refused) {
    if (code === 'wrong-organization' && entry < joined)
      findings.add('attention', 'other-organization', 'a statement of another organization', { entry })
    // Statements of a later version are carried and logged, not acted on (DESIGN §3).
    else if (code === 'unknown-kind' || (newer && code === 'schema'))
      findings.add('incomplete', code, message, { entry })
    else findings.add('refuted', code, message, { entry })
  }
  for (const { entry, roster } of run.waiting)
    findings.add('incomplete', 'roster-missing', `it names the roster ${roster}, which is not in the file`, {
      entry,
    })
  for (const { entry, of, otherKey } of run.repeated)
    if (otherKey) findings.add('attention', 'second-copy', `it is another copy of entry ${of}`, { entry })
    else findings.add('refuted', 'entry-twice', `it repeats entry ${of}`, { entry })
  for (const { entry, roster } of run.early)
    findings.add('attention', 'before-its-roster', `it stands before the roster it names, entry ${roster}`, {
      entry,
    })
}

/**
 * From which entry on the exporting device accepted nothing of other organizations: a device is pinned to its
 * organization before it signs anything in it but a founding roster, of which there may have been several drafts.
 */
function joinedAt(run: DoorRun, exporter: Digest): number {
  const own = run.accepted.find(
    ({ statement }) =>
      statement.payload.device === exporter && !(statement.kind === 'roster' && statement.payload.predecessor === null),
  )
  return own?.entry ?? Number.POSITIVE_INFINITY
}

/** Findings about who spoke, and about clocks. */
export function judgeStatements(run: DoorRun, { header }: Bundle, voices: InForce, findings: Findings): void {
  for (const { entry, statement } of run.accepted) {
    if (!voices.speaks(statement) && voices.rosters.length > 0)
      findings.add('attention', 'not-in-force', 'no roster in force has the keys that signed it', { entry })
    if (statement.payload.time > header.exportedAt + CLOCK_TOLERANCE_MS)
      findings.add('attention', 'time-ahead', 'it claims to be made after the export', { entry })
  }
}

/**
 * Compares what the exporting device wrote into its own statements about its ledger with the ledger in the file. Whoever
 * leaves out an entry and signs the rest anew still has those words of its own against it.
 */
export function judgeOwnHeads(run: DoorRun, { header, entries }: Bundle, findings: Findings): void {
  const tree = new MerkleTree()
  for (const bytes of entries) tree.append(bytes)
  let good = 0
  for (const { entry, statement } of run.accepted) {
    if (statement.payload.device !== header.device) continue
    const { size } = statement.payload.ledger
    if (isOwnHead(statement, entry, tree)) {
      good = Math.max(good, size)
      continue
    }
    const says = `when the exporting device signed entry ${entry}, its first ${size} entries were others`
    findings.add('refuted', 'own-head', says, {
      entries: { from: good, to: Math.max(good + 1, Math.min(size, entry + 1)) },
    })
    return
  }
}

/** Takes over what checking the ledger showed. */
export function judgeLedger(
  ledger: LedgerReport,
  bundle: Bundle,
  run: DoorRun,
  voices: InForce,
  findings: Findings,
): void {
  for (const { result, code, message, entries, name } of ledger.findings) {
    const device = name === undefined ? null : (parseOrigin(name)?.device ?? null)
    const about = device === null || code === 'cosigned' ? '' : `${deviceWords(voices.device(device))}: `
    findings.add(result, code, about + message, { entries, device })
  }
  for (const evidence of bundle.evidence) {
    if (evidence.about !== 'equivocation') continue
    const [a, b] = evidence.entries
    const [one, other] = [run.at(a)?.payload, run.at(b)?.payload]
    if (one === undefined || other === undefined) continue
    const contradict =
      one.device === other.device && (one.sequence === other.sequence || one.previous === other.previous)
    if (!contradict)
      findings.add('refuted', 'bad-evidence', `entries ${a} and ${b} are given as contradicting each other and do not`)
  }
}

/** One sentence on how far others vouch for the ledger. */
export function witnessWords({ cosigners, witnessed, size }: LedgerReport): string {
  if (cosigners.length === 0) return 'No other device cosigned it.'
  return `${countWords(cosigners.length, 'other device', 'other devices')} cosigned, up to the first ${witnessed} of ${countWords(size, 'entry', 'entries')}.`
}
