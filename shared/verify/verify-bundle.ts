import { type Digest, toBase64Url } from '../bytes.ts'
import { casesFrom } from '../case/case-from.ts'
import type { Case } from '../case/types.ts'
import { type Bundle, BundleError, type BundleErrorCode } from '../ledger/bundle.ts'
import { readBundle } from '../ledger/bundle-read.ts'
import { checkLedger, type LedgerReport } from '../ledger/check.ts'
import { parseOrigin } from '../ledger/checkpoint.ts'
import type { Organization } from '../org/org-from.ts'
import { rosterWords } from '../org/words.ts'
import type { SignatureChecks } from '../statements/door.ts'
import { keyId } from '../statements/member.ts'
import { checkChains } from './chains.ts'
import { cannotConclude } from './conclude.ts'
import { runDoor } from './entries.ts'
import { credentialFacts, type FactSource, factSource, logFacts, peopleFacts, planFacts } from './facts.ts'
import { caseFact } from './facts-cases.ts'
import { Findings, meaningOf } from './findings.ts'
import { type InForce, inForce } from './in-force.ts'
import { judgeEntries, judgeLedger, judgeOwnHeads, judgeStatements } from './judge.ts'
import { judgeCases } from './judge-cases.ts'
import { noteKeys, type Recomputed, recompute } from './organization.ts'
import {
  type BundleReport,
  type LedgerFacts,
  type OrganizationReport,
  REPORT_FORMAT,
  type Report,
  type UnreadableReport,
} from './report.ts'

/**
 * Verifies a bundle from its bytes alone, in the order of docs/formats/verify.md, and reports what it shows. Never
 * throws on hostile input; time grows with the file, and what compares statements with one another is bounded.
 *
 * @param checks - How signatures are checked; the same rule everywhere.
 * @param wordsOf - The 12 words of a roster; they take half a second and 128 MiB.
 */
export async function verifyBundle(
  bytes: Uint8Array,
  checks: SignatureChecks,
  wordsOf: (roster: Digest) => Promise<readonly string[]> = rosterWords,
): Promise<Report> {
  let bundle: Bundle
  try {
    bundle = readBundle(bytes)
  } catch (error) {
    if (error instanceof BundleError) return unreadable(error.code, error.message)
    throw error
  }
  return verifyRead(bundle, checks, wordsOf)
}

/** The report on a file from which nothing can be concluded. */
export function unreadable(code: BundleErrorCode | 'no-file', says: string): UnreadableReport {
  const first = { result: 'refuted', code, says, means: meaningOf(code), entries: null, device: null } as const
  return { format: REPORT_FORMAT, verdict: 'unreadable', first }
}

async function verifyRead(
  bundle: Bundle,
  checks: SignatureChecks,
  wordsOf: (roster: Digest) => Promise<readonly string[]>,
): Promise<BundleReport> {
  const { organization, device, pin, exportedAt } = bundle.header
  const findings = new Findings()
  const run = await runDoor(bundle.entries, organization, checks)
  const recomputed = recompute(run, organization, pin, findings)
  const { org } = recomputed
  // Without an organization nobody vouches for any roster, so nobody is called by a name.
  const voices = inForce(org === null ? [] : recomputed.rosters)
  const ledger = await ledgerOf(bundle, recomputed, checks, findings)
  const cases = org === null ? [] : casesOf(org, exportedAt)

  judgeLedger(ledger, bundle, run, voices, findings)
  judgeEntries(run, bundle, org, findings)
  judgeStatements(run, bundle, voices, findings)
  judgeOwnHeads(run, bundle, findings)
  checkChains(run.accepted, { findings, voices, exporter: device })
  if (org !== null) judgeCases(cases, { run, org, ledger, exporter: device, findings })

  const source = org && factSource(org, run, voices)
  const report: Omit<BundleReport, 'cannotConclude'> = {
    format: REPORT_FORMAT,
    verdict: findings.verdict(),
    first: findings.first(),
    findings: findings.list(),
    exporter: voices.device(device),
    exportedAt,
    claims: { organization, pin },
    ledger: ledgerFacts(ledger, voices),
    organization: org && (await organizationReport(org, wordsOf)),
    ...(source === null ? NO_FACTS : factsOf(source, cases)),
  }
  return { ...report, cannotConclude: cannotConclude(report, ledger) }
}

async function ledgerOf(
  bundle: Bundle,
  { rosters }: Recomputed,
  checks: SignatureChecks,
  findings: Findings,
): Promise<LedgerReport> {
  const keys = noteKeys(bundle.header.organization, rosters, keyId)
  if (keys === null)
    findings.add('incomplete', 'too-much', 'rosters name more devices, or more keys of one, than are checked')
  return checkLedger(bundle, keys ?? [], (key, message, signature) => checks.ed25519(key, message, signature))
}

/** Cases as they stood at the export. An auditor heard nothing itself, so claimed times stand for when things were heard. */
function casesOf(org: Organization, exportedAt: number): Case[] {
  return casesFrom(org, exportedAt, (id) => org.collection.byId(id)?.payload.time).toReversed()
}

const NO_FACTS = { people: [], plans: [], credentials: [], cases: [], log: [] } as const

function factsOf(source: FactSource, cases: readonly Case[]) {
  return {
    people: peopleFacts(source),
    plans: planFacts(source),
    credentials: credentialFacts(source),
    cases: cases.map((one) => caseFact(one, source)),
    log: logFacts(source),
  }
}

function ledgerFacts({ size, root, covered, witnessed, cosigners }: LedgerReport, voices: InForce): LedgerFacts {
  return {
    entries: size,
    root: toBase64Url(root),
    covered,
    witnessed,
    cosigners: cosigners.map(({ name, size, timeSeconds }) => ({
      ...voices.device(parseOrigin(name)?.device ?? name),
      size,
      at: timeSeconds * 1000,
    })),
  }
}

async function organizationReport(
  { id, head, history }: Organization,
  wordsOf: (roster: Digest) => Promise<readonly string[]>,
): Promise<OrganizationReport> {
  const words = await wordsOf(head.id)
  return { id, name: head.roster.name, roster: head.id, rosters: history.length, words }
}
