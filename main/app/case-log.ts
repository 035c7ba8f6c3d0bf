import { type Digest, digest, toBase64Url } from '../../shared/bytes.ts'
import { weighedDecisions } from '../../shared/case/decisions.ts'
import type { Case } from '../../shared/case/types.ts'
import type { Organization } from '../../shared/org/org-from.ts'
import {
  atHandSince,
  type CasePage,
  type casePageRequest,
  caseRowOf,
  fits,
  type LogChoices,
} from '../../shared/views/case-log.ts'
import { cannotConclude } from '../../shared/views/case-report.ts'
import { type CaseContext, caseView } from '../../shared/views/cases.ts'
import { weightWords } from '../../shared/views/decision-words.ts'
import { proofWords } from '../../shared/views/proof.ts'
import { proofDetailsOf } from '../../shared/views/proof-details.ts'
import type { ProofDetails } from '../../shared/views/proof-views.ts'
import type { CaseReport } from '../../shared/views/report-views.ts'
import type * as z from '../../shared/zod.ts'
import { AppError } from './app-error.ts'
import { coveredBy, standsIn, vouchersOfLog, voucherViews } from './coverage.ts'
import type { Device } from './device.ts'
import { howItCame } from './how-it-came.ts'
import { originFor } from './ledger-keys.ts'
import { caseContexts, type Inside } from './snapshot.ts'

/** A page of all cases that fit a filter, newest first. */
export function findCases(
  device: Device,
  { skip, most, atHand, ...filter }: z.output<typeof casePageRequest>,
): CasePage {
  const org = device.org()
  if (org === null) return { rows: [], total: 0, older: 0 }
  const names = device.names()
  const found = device.cases().filter((one) => fits(one, filter, { head: org.head.roster, names }))
  const now = device.clock().wall
  const since = atHand ? atHandSince(now) : Number.NEGATIVE_INFINITY
  const listed = found.filter(({ request }) => request.payload.time >= since)
  return {
    rows: listed.slice(skip, skip + most).map((one) => caseRowOf(one, org.head.roster, names, now)),
    total: listed.length,
    older: found.length - listed.length,
  }
}

/** Whom and what the log can be narrowed to. */
export function logChoicesOf(device: Device): LogChoices {
  const org = device.org()
  return org === null ? { people: [], plans: [] } : { people: everybody(org, device), plans: everyPlan(org) }
}

/** Everybody who is or was in the organization, by name: of who left the log has statements too. */
function everybody({ history, head }: Organization, device: Device): LogChoices['people'] {
  const members = new Set(history.flatMap(({ roster }) => roster.members.map(({ member }) => member)))
  const here = new Set(head.roster.members.map(({ member }) => member))
  return [...members]
    .map((member) => ({ ...device.names()(member), left: !here.has(member) }))
    .sort((a, b) => a.name.localeCompare(b.name) || (a.member < b.member ? -1 : 1))
}

/** Every plan by the name of its newest version. */
function everyPlan({ plans }: Organization): LogChoices['plans'] {
  const newest = new Map(plans.map(({ plan }) => [plan.plan, plan.name] as const))
  return [...newest].map(([plan, name]) => ({ plan, name })).sort((a, b) => a.name.localeCompare(b.name))
}

/**
 * Everything that a report says of one case.
 *
 * @throws {AppError} `not-found` if it is not here.
 */
export function caseReportOf(inside: Inside, id: Digest): CaseReport {
  const { device, notary, words } = inside
  const { one, org } = caseHere(device, id)
  const context = caseContexts(inside, org, standsIn(device, notary))(one)
  const shown = caseView(one, context)
  const alone = one.timeline.filter((statement) => standsAlone(inside, statement.id)).length
  const { ledger } = device.store
  return {
    case: shown,
    decisions: decisionsOf(one, context),
    organization: {
      id: org.id,
      name: org.head.roster.name,
      roster: org.head.id,
      version: org.history.length,
      words: words(org.head.id)?.slice() ?? null,
    },
    ledger: {
      origin: originFor(device, device.id) ?? '',
      size: ledger.size,
      removed: device.store.prunedCount,
      root: toBase64Url(ledger.root(ledger.size)),
      cosigners: vouchersOfLog(device, notary),
    },
    made: {
      at: device.clock().wall,
      by: context.names(device.profile.member),
      deviceName: device.me()?.device.name ?? device.profile.deviceName,
      device: device.id,
    },
    statements: one.timeline.map((statement) => ({
      id: statement.id,
      kind: statement.kind,
      person: context.names(statement.payload.member),
      device: statement.payload.device,
      entry: device.store.leaf(statement.id) ?? 0,
    })),
    cannotConclude: cannotConclude(one, shown, { alone, removed: device.store.prunedCount }),
  }
}

function decisionsOf(
  one: Case,
  { org, names, stands }: Pick<CaseContext, 'org' | 'names' | 'stands'>,
): CaseReport['decisions'] {
  return weighedDecisions(one).map(({ decision, weight }) => {
    const { id, payload } = decision
    return {
      id,
      member: payload.member,
      verdict: payload.verdict,
      at: payload.time,
      reason: payload.reason,
      proof: proofWords(decision, org, names, stands(id)),
      weight: weightWords(payload.verdict, weight),
    }
  })
}

/** Whether for a statement stands this device alone. */
function standsAlone({ device, notary }: Inside, id: Digest): boolean {
  const leaf = device.store.leaf(id)
  return leaf === undefined || coveredBy(device, notary, leaf).length === 0
}

/**
 * What proves one statement.
 *
 * @throws {AppError} `not-found` if it is not here.
 */
export function proofOf({ device, notary }: Pick<Inside, 'device' | 'notary'>, id: Digest): ProofDetails {
  const statement = device.store.get(id)
  const leaf = device.store.leaf(id)
  const org = device.org()
  if (statement === undefined || leaf === undefined || org === null)
    throw new AppError('not-found', 'This statement is not on this device.')
  return proofDetailsOf(statement, org, device.names(), {
    leaf,
    size: device.store.ledger.size,
    heard: device.store.heard(id) ?? null,
    how: howItCame(device, id),
    stands: standsIn(device, notary)(id),
    vouchers: voucherViews(device, coveredBy(device, notary, leaf)),
  })
}

/** The file name of a case's report. */
export function reportName(device: Device, id: Digest): string {
  const { one } = caseHere(device, id)
  return `lockbox-case-${new Date(one.request.payload.time).toISOString().slice(0, 10)}-${id.slice(0, 8)}.pdf`
}

/**
 * Puts on record that a report on a case leaves this device, with its digest: by that anybody can tell a report that was
 * changed afterwards.
 *
 * @throws {JournalError} if the disk did not keep the record; `StandingError` if this device may not sign.
 */
export async function recordReport(device: Device, id: Digest, bytes: Uint8Array): Promise<void> {
  const { one } = caseHere(device, id)
  const { ledger } = device.store
  await device.author.write('exported', device.pen(), {
    scope: { case: id, from: null, until: null },
    format: 'pdf',
    to: 'file',
    entries: one.timeline.length,
    head: { size: ledger.size, root: toBase64Url(ledger.root(ledger.size)) },
    sha256: digest(bytes),
  })
}

function caseHere(device: Device, id: Digest): { one: Case; org: Organization } {
  const one = device.case(id)
  const org = device.org()
  if (one === undefined || org === null) throw new AppError('not-found', 'This case is not on this device.')
  return { one, org }
}
