import type { Digest } from '../bytes.ts'
import type { Case } from '../case/types.ts'
import type { LedgerReport } from '../ledger/check.ts'
import { parseOrigin } from '../ledger/checkpoint.ts'
import type { Organization } from '../org/org-from.ts'
import type { VerifiedOf } from '../statements/door.ts'
import { findingWords } from '../views/cases.ts'
import { refusalWords } from '../views/timeline.ts'
import type { DoorRun } from './entries.ts'
import type { Findings } from './findings.ts'

/** What cases are judged by here. */
export interface CaseJudgement {
  readonly run: DoorRun
  readonly org: Organization
  readonly ledger: LedgerReport
  /** The exporting device. */
  readonly exporter: Digest
  readonly findings: Findings
}

/** Findings about statements that break a rule, and about cases. Rules that people broke do not refute the record of it. */
export function judgeCases(cases: readonly Case[], context: CaseJudgement): void {
  const { run, org, findings } = context
  for (const { id, kind, code } of org.refused)
    findings.add('attention', 'rule-broken', `this ${kind} is refused: ${code.replaceAll('-', ' ')}`, {
      entry: run.entryOf(id),
    })
  for (const one of cases) {
    for (const { id, kind, code } of one.refused)
      findings.add('attention', 'rule-broken', `this ${kind} is refused: ${refusalWords(code)}`, {
        entry: run.entryOf(id),
      })
    for (const finding of one.findings) {
      const entry = run.entryOf(finding.id)
      if (finding.code === 'basis-incomplete') noteMissingBasis(finding.id, context)
      else findings.add('attention', 'case-finding', findingWords(finding), { entry })
    }
    if (one.grant !== null) judgeWitness(one.grant.statement, one.grant.plan.witness, context)
  }
  judgeGrantsAlone(context)
}

/** A grant whose request is not here is in no case, so nothing above has looked at it. */
function judgeGrantsAlone(context: CaseJudgement): void {
  const { collection } = context.org
  for (const { id, payload } of collection.of('grant'))
    if (collection.get('request', payload.request) === undefined) noteMissingBasis(id, context)
}

function noteMissingBasis(id: Digest, { org, run, findings }: CaseJudgement): void {
  const grant = org.collection.get('grant', id)
  if (grant === undefined) return
  const { request, plan, deposit, ready, issuing, decisions, releases } = grant.payload.basis
  const named = { request, plan, deposit, ready, issuing }
  const single = Object.entries(named).flatMap(([kind, of]) => (org.collection.byId(of) === undefined ? [kind] : []))
  const several = [
    ...decisions.filter((of) => org.collection.byId(of) === undefined).map(() => 'decision'),
    ...releases.filter((of) => org.collection.byId(of) === undefined).map(() => 'release'),
  ]
  const entry = run.entryOf(id)
  const what = [...single, ...several].join(', ') || 'what it names'
  findings.add('incomplete', 'basis-missing', `this grant stands on what the file lacks: ${what}`, {
    entry,
  })
}

function judgeWitness(
  grant: VerifiedOf<'grant'>,
  rule: 'required' | 'waived',
  { run, ledger, exporter, findings }: CaseJudgement,
): void {
  if (rule === 'waived') return
  const entry = run.entryOf(grant.id)
  const { witness, device, basis } = grant.payload
  if (witness === null || witness === device) {
    findings.add('attention', 'witness-missing', 'this grant names no other device as its witness', {
      entry,
    })
    return
  }
  // Only the issuing device's own ledger can show it; of other ledgers a bundle has heads alone. Nor must its bundle be
  // worth less than theirs, so this is for people to look at.
  if (device !== exporter) return
  const issuing = run.entryOf(basis.issuing) ?? 0
  const shown = ledger.cosigners.some(({ name, size }) => parseOrigin(name)?.device === witness && size > issuing)
  const says = 'this grant names a witness whose cosignature is not in the file'
  if (!shown) findings.add('attention', 'witness-not-shown', says, { entry, device: witness })
}
