import { type Weighed, weighedDecisions } from '../case/decisions.ts'
import { endOf, type Measured, timesOf } from '../case/times.ts'
import { type Case, type CaseState, isClosed, isForNobody } from '../case/types.ts'
import { emergencyName } from '../org/templates.ts'
import { findingWords } from '../views/cases.ts'
import { actFact, entryOf, type FactSource, refusedFact } from './facts.ts'
import type { CaseReport, DecisionFact, PersonFact } from './report.ts'

const STATES: Record<CaseState, string> = {
  impossible: 'the request breaks a rule and could not be answered',
  asked: 'waiting for approvals',
  blocked: 'denied; it could no longer be approved',
  withdrawn: 'withdrawn by whoever asked',
  expired: 'expired without access',
  approved: 'approved; no access yet',
  issuing: 'the credential was used and nothing says how it went: a session may exist',
  granted: 'access was granted and not over',
  ending: 'access was over, said to be, or ordered to end; not confirmed',
  ended: 'access was granted and has ended',
}

/** Of a case that gives nobody access. */
const ROTATION_STATES: Partial<Record<CaseState, string>> = {
  expired: 'expired; nothing was issued',
  approved: 'approved; nothing issued yet',
  granted: 'issued, for what may replace the key and for nobody’s access; its session is not over',
  ending:
    'issued, for what may replace the key and for nobody’s access; its session was over, or ordered to end; not confirmed',
  ended: 'issued, for what may replace the key and for nobody’s access; its session has ended',
}

/** States of which nobody may conclude that there was no access, where an issuing device did not say how it went. */
const WITHOUT_GRANT: ReadonlySet<CaseState> = new Set(['impossible', 'blocked', 'withdrawn', 'expired'])

/** Where a case stands, as the end of a sentence. */
function saysOf(one: Case): string {
  const mayHaveBeen = one.findings.some(({ code }) => code === 'session-may-exist')
  if (mayHaveBeen && WITHOUT_GRANT.has(one.state))
    return `${one.state === 'expired' ? 'expired' : STATES[one.state]}; but the credential was used, and a session may have existed`
  return (isForNobody(one) ? ROTATION_STATES[one.state] : undefined) ?? STATES[one.state]
}

/** A case as a report gives it. */
export function caseFact(one: Case, source: FactSource): CaseReport {
  const { places, voices } = source
  const { payload } = one.request
  const refusals = new Map(one.refused.map((refusal) => [refusal.id, refusal]))
  const weighed = weighedDecisions(one)
  return {
    id: one.id,
    entry: entryOf(places, one.id),
    purpose: payload.purpose,
    state: one.state,
    says: saysOf(one),
    requester: voices.person(payload.member),
    plan: { id: payload.plan, name: one.plan?.name ?? null },
    account: one.plan?.access.roleArn ?? null,
    emergency: emergencyName(payload.emergency),
    what: payload.what,
    reference: payload.reference,
    seconds: payload.seconds,
    askedAt: payload.time,
    approvals: approvalFacts(one, weighed, source),
    denials: weighed
      .filter(({ decision }) => decision.payload.verdict === 'deny')
      .map((denial) => decisionFact(denial, source)),
    grant: grantFact(one, source),
    ended: endedFact(one),
    measured: measuredOf(one, source),
    findings: one.findings.map((finding) => ({ code: finding.code, says: findingWords(finding), id: finding.id })),
    owed: one.obligations.map(({ code, due }) => ({ code, due })),
    closed: isClosed(one),
    classification: one.classification,
    reviews: reviewFacts(one, source),
    timeline: one.timeline
      .map((statement) => actFact(statement, source, refusedFact(refusals.get(statement.id))))
      .sort((a, b) => a.at - b.at || a.entry - b.entry),
  }
}

function approvalFacts(one: Case, weighed: readonly Weighed[], source: FactSource): CaseReport['approvals'] {
  const approvals = weighed.filter(({ decision }) => decision.payload.verdict === 'approve')
  return {
    need: one.quorum?.need ?? null,
    missing: one.quorum?.missingGroups ?? [],
    by: approvals
      .filter(({ weight }) => weight === 'counts')
      .map(({ decision }) => ({
        person: source.voices.person(decision.payload.member),
        at: decision.payload.time,
        key: source.voices.key(decision),
      })),
    others: approvals.filter(({ weight }) => weight !== 'counts').map((other) => decisionFact(other, source)),
  }
}

function decisionFact({ decision, weight }: Weighed, { places, voices }: FactSource): PersonFact & DecisionFact {
  return {
    ...voices.person(decision.payload.member),
    at: decision.payload.time,
    key: voices.key(decision),
    entry: entryOf(places, decision.id),
    weight,
  }
}

function reviewFacts({ reviews }: Case, { places, voices }: FactSource): CaseReport['reviews'] {
  return reviews
    .map(({ id, statement }) => ({
      id,
      entry: entryOf(places, id),
      person: voices.person(statement.payload.member),
      at: statement.payload.time,
      key: voices.key(statement),
      classification: statement.payload.classification,
      grants: statement.payload.grants,
      saw: statement.payload.saw ?? [],
    }))
    .sort((a, b) => a.at - b.at || a.entry - b.entry)
}

function grantFact({ grant }: Case, { places, voices }: FactSource): CaseReport['grant'] {
  if (grant === null) return null
  const { accessKeyId, time, expires, witness } = grant.statement.payload
  return {
    id: grant.id,
    entry: entryOf(places, grant.id),
    issuer: voices.person(grant.issuer),
    accessKeyId,
    at: time,
    expires,
    witness: witness === null ? null : voices.device(witness),
  }
}

function endedFact(one: Case): CaseReport['ended'] {
  const end = endOf(one)
  return end && { at: end.at, how: end.how, confirmed: one.grant?.state === 'ended' }
}

function measuredOf(one: Case, { org, voices }: FactSource): CaseReport['measured'] {
  const { asked, quorum, access, end } = timesOf(one, org.head.roster)
  const step = ({ at, member }: Measured) => ({ at, by: voices.person(member) })
  return {
    asked: step(asked),
    quorum: quorum && step(quorum),
    access: access && step(access),
    end: end && { ...step(end), known: end.known },
  }
}
