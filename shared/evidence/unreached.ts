import { believedRefusal } from '../case/grants.ts'
import { begunBy, unsettledIn } from '../case/issuings.ts'
import { type Case, CLOCK_TOLERANCE_MS, type Grant, grantsIn } from '../case/types.ts'
import { IAM_ENDPOINTS, partitionOfArn } from '../org/aws-partition.ts'
import { isSameAccount } from '../org/plan-rules.ts'
import type { VerifiedOf } from '../statements/door.ts'
import type { PayloadOf, Plan } from '../statements/kinds.ts'
import { secondsAsked } from './origin.ts'
import { LATE_MS, type Span } from './reconcile.ts'

/**
 * The regions in which CloudTrail is asked about an access: those of the plan, and that in which its partition records what has no
 * region, such as IAM.
 */
export function regionsToAsk({ regions, roleArn }: Plan['access']): string[] {
  const partition = partitionOfArn(roleArn)
  const ofIam = partition === null ? [] : [IAM_ENDPOINTS[partition].region]
  return [...new Set([...regionsOf({ regions }), ...ofIam])]
}

/**
 * Accounts in which, by the plan, the user of the long-lived key or a role on the way to the session is, and of which an answer of
 * LookupEvents tells nothing, since it is asked in the role's account alone. Of files nobody knows whose there should be.
 */
export function unaskedAccounts(
  { source }: Pick<PayloadOf<'evidence'>, 'source'>,
  plan: Pick<Plan, 'access'> | null,
): string[] {
  if (source !== 'lookup-events' || plan === null) return []
  const { roleArn, mfa, aftercare, chain = [] } = plan.access
  const before = [mfa, aftercare?.rotator?.roleArn, ...chain.map((one) => one.roleArn)]
  const elsewhere = before.filter((arn) => arn !== undefined && !isSameAccount(arn, roleArn))
  return [...new Set(elsewhere.map((arn) => arn?.split(':')[4] ?? ''))]
}

/** What a case asked of AWS, and the record has to reach over. */
export interface Uses {
  readonly grants: readonly Grant[]
  /** After which a session may exist that no grant tells of. */
  readonly issuings: readonly VerifiedOf<'issuing'>[]
}

/** All that a case asked of AWS and may have got. */
export function usesIn(one: Case): Uses {
  return { grants: grantsIn(one), issuings: unsettledIn(one) }
}

/** Until all is written down that was done with one of them, by AWS's clock, and where files should have it. */
interface Stretch extends Pick<Span, 'from' | 'until'> {
  readonly regions: readonly string[]
}

/**
 * The regions in which a record does not reach from what a case asked of AWS until all is written down that was done with it.
 * LookupEvents is to answer in each region that is asked; without any use, those of which nothing was answered. Which files there should be
 * nobody knows, for where nothing is done none is written: they have to reach over a grant in its own region, and over a session
 * that may exist in each of the plan, since any may have given it.
 *
 * @param uses - of the case, or that which is looked at.
 */
export function unreached(
  { source, spans }: Pick<PayloadOf<'evidence'>, 'source' | 'spans'>,
  { plan, request, timeline }: Pick<Case, 'plan' | 'request' | 'timeline'>,
  { grants, issuings }: Uses,
): string[] {
  const plans = [...(plan === null ? [] : [plan]), ...grants.map((grant) => grant.plan)]
  const stretches = [
    ...grants.map(ofGrant),
    ...(plan === null ? [] : issuings.map((one) => ofIssuing(one, plan, { request, about: timeline }))),
  ]
  const isAnswer = source === 'lookup-events'
  const regions = isAnswer
    ? plans.flatMap(({ access }) => regionsToAsk(access))
    : stretches.flatMap((stretch) => stretch.regions)
  return [...new Set(regions)].filter((region) => {
    const needed = stretches.filter((stretch) => isAnswer || stretch.regions.includes(region))
    return !spans.some((span) => span.region === region && needed.every((one) => isWithin(one, span)))
  })
}

function isWithin({ from, until }: Stretch, span: Span): boolean {
  return span.from <= from && until <= span.until
}

function regionsOf({ regions }: Pick<Plan['access'], 'regions'>): string[] {
  return regions.map(({ region }) => region)
}

/**
 * By AWS's clock, as the issuing device measured it. Whoever misuses a session would gladly have nobody look beyond an end that
 * is claimed, so that device's word alone makes it no earlier than its basis bears out, nor what others saw of it earlier than they say.
 */
function ofGrant(grant: Grant): Stretch {
  const { time, skewMs, expires, endpoint } = grant.statement.payload
  const { access } = grant.plan
  const refusal = believedRefusal(grant)
  const own = access.regions.filter((one) => one.endpoint === endpoint)
  const end = Math.max(expires, grant.soonest)
  const refused = refusal === null ? end : refusal.at + Math.max(skewMs, 0)
  // Where nobody can say which it is, all of them.
  const regions = regionsOf(own.length > 0 ? { regions: own } : access)
  return { from: time + skewMs, until: Math.min(end, refused) + LATE_MS, regions }
}

/** No grant says what AWS's clock showed, nor for how long the session is: as long as was asked for, if it was made as late as clocks differ. */
function ofIssuing(issuing: VerifiedOf<'issuing'>, { access }: Plan, about: Parameters<typeof begunBy>[0]): Stretch {
  const longestMs = secondsAsked({ access, seconds: about.request.payload.seconds }) * 1000
  const from = issuing.payload.time - CLOCK_TOLERANCE_MS
  return { from, until: begunBy(about, issuing) + CLOCK_TOLERANCE_MS + longestMs + LATE_MS, regions: regionsOf(access) }
}
