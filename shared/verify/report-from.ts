import { toBase64Url } from '../bytes.ts'
import type { Organization } from '../org/org-from.ts'
import { collect } from '../statements/collection.ts'
import { keyId } from '../statements/member.ts'
import type { Placed } from './batch.ts'
import { isAt } from './case-bench.ts'
import { checkChains } from './chains.ts'
import { cannotConclude } from './conclude.ts'
import type { Means } from './examine.ts'
import { credentialFacts, type FactSource, factSource, logFacts, peopleFacts, planFacts } from './facts.ts'
import { Findings } from './findings.ts'
import type { Ground } from './ground.ts'
import type { InForce } from './in-force.ts'
import { judgeEvidence, judgeLedgers, judgeOwnHeads, judgeWitnesses, type LedgerOf } from './judge.ts'
import { compareFiles } from './merge.ts'
import { type ActFact, type BundleReport, type FileReport, type OrganizationReport, REPORT_FORMAT } from './report.ts'
import { latestExport, type Source } from './source.ts'
import type { Tally } from './tally.ts'

/** All that was read, to the end. */
export interface Gathered {
  readonly sources: readonly Source[]
  readonly ground: Ground
  /** Findings about the organization. */
  readonly grounded: Findings
  readonly tally: Tally
  readonly means: Means
  /** The 12 words of the newest roster. */
  readonly words: readonly string[]
  /** How many statements outside cases the report gives. */
  readonly mostActs: number
}

/** The report on what was read: whatever can be judged only when all of it is here, and what is known of organization and cases. */
export async function reportFrom(gathered: Gathered): Promise<BundleReport> {
  const { sources, ground, tally, words, means } = gathered
  const { org, voices, places, rosters, drafted } = ground
  const { organization } = (sources[0] as Source).header
  const findings = new Findings()
  findings.append(gathered.grounded)
  const ledgers = await judgeLedgers(
    sources,
    { organization, rosters, drafted, deviceOf: keyId, voices },
    means,
    findings,
  )
  judgeEvidence(sources, tally.rows, findings)
  judgePlaces(tally)
  tally.door.judge(tally.rows, org, findings)
  findings.append(tally.spoken)
  judgeOwnHeads(sources, tally.ownHeads, means.sha256, findings)
  judgeHeld(sources, tally, findings)
  const exporters = sources.map(({ header }) => header.device)
  const areParts = sources.every(({ header }) => header.scope !== 'all')
  checkChains(tally.rows, { findings, voices, exporters, areParts })
  for (const { id, kind, code } of org?.refused ?? []) {
    const place = places.get(id)
    const says = `this ${kind} is refused: ${code.replaceAll('-', ' ')}`
    findings.add('attention', 'rule-broken', says, { entry: place?.at, file: place?.file })
  }
  findings.append(tally.cased)
  if (org !== null) judgeScopes(sources, tally, findings)
  judgeWitnesses(tally.claims, ledgers, findings)
  const { unproved } = tally
  compareFiles(sources, ledgers, tally.rows, { voices, sha256: means.sha256, findings, unproved })
  const source = org && factSource(org, (id) => places.get(id), voices)
  const openings = tally.openings.all()
  const now = latestExport(sources.map(({ header }) => header))
  const report: Omit<BundleReport, 'cannotConclude'> = {
    format: REPORT_FORMAT,
    verdict: findings.verdict(),
    first: findings.first(),
    findings: findings.list(),
    claims: { organization },
    files: sources.map((one, at) => fileReport(one, ledgers[at] as LedgerOf, voices)),
    organization: org && organizationReport(org, words),
    people: source === null ? [] : peopleFacts(source),
    plans: source === null ? [] : planFacts(source, openings, now),
    credentials: source === null ? [] : credentialFacts(source, openings),
    counts: countsOf(gathered),
    cases: tally.reports.sort((a, b) => a.askedAt - b.askedAt || (a.id < b.id ? -1 : 1)),
    log: source === null ? [] : logOf(gathered, source),
  }
  return { ...report, cannotConclude: cannotConclude(report, tally) }
}

function countsOf({ ground, tally }: Gathered): BundleReport['counts'] {
  return {
    statements: tally.rows.count,
    cases: [...tally.states.values()].reduce((sum, count) => sum + count, 0),
    states: Object.fromEntries([...tally.states].sort(([a], [b]) => (a < b ? -1 : 1))),
    log: ground.org === null ? 0 : basisOf(ground).length + tally.logged,
  }
}

/** Of a whole ledger that was seen as its entries came. */
function judgePlaces({ parts, door }: Tally): void {
  for (const [file, part] of parts.entries()) for (const at of part?.twice() ?? []) door.placeTwice(file, at)
}

/** A file that is said to be of a case has it, or another does. */
function judgeScopes(sources: readonly Source[], { found }: Tally, findings: Findings): void {
  for (const { index: file, header } of sources) {
    const { scope } = header
    if (typeof scope !== 'object' || !('case' in scope) || found.has(scope.case)) continue
    const says = `it is said to be of the case ${scope.case}, whose request is not here`
    findings.add('incomplete', 'case-missing', says, { file })
  }
}

function judgeHeld(sources: readonly Source[], { parts }: Tally, findings: Findings): void {
  for (const [file, part] of parts.entries()) {
    const { header } = sources[file] as Source
    const lost = header.scope === 'held' ? (part?.unaccounted(header.size) ?? 0) : 0
    if (lost <= 0) continue
    const says = `of ${header.size} entries, ${lost} are neither in the file nor recorded as removed`
    findings.add('incomplete', 'not-accounted', says, { file, device: header.device })
  }
}

/** What stands before the requests, each statement once. */
function basisOf({ basis, places }: Ground): Placed[] {
  return basis.filter(({ file, at, statement }) => isAt(places.get(statement.id), file, at))
}

function logOf({ ground, tally, mostActs }: Gathered, source: FactSource): ActFact[] {
  const first = basisOf(ground)
    .sort((a, b) => a.file - b.file || a.at - b.at)
    .slice(0, mostActs)
  const statements = collect(first.map(({ statement }) => statement)).all
  return [...logFacts(statements, source), ...tally.acts]
    .sort((a, b) => a.file - b.file || a.entry - b.entry)
    .slice(0, mostActs)
}

function fileReport({ header }: Source, { report }: LedgerOf, voices: InForce): FileReport {
  const { entries, size, root, covered, witnessed, cosigners } = report
  return {
    exporter: voices.device(header.device),
    exportedAt: header.exportedAt,
    pin: header.pin,
    scope: header.scope,
    ledger: {
      entries,
      size,
      root: root && toBase64Url(root),
      covered,
      witnessed,
      cosigners: cosigners.map(({ name, size, timeSeconds }) => ({
        ...voices.device(name.split('/')[2] ?? name),
        size,
        at: timeSeconds * 1000,
      })),
    },
  }
}

function organizationReport({ id, head, history }: Organization, words: readonly string[]): OrganizationReport {
  return { id, name: head.roster.name, roster: head.id, rosters: history.length, words }
}
