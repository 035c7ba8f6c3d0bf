import { believedRefusal } from '../case/grants.ts'
import type { Case, Grant } from '../case/types.ts'
import { IAM_ENDPOINTS, partitionOfArn } from '../org/aws-partition.ts'
import type { PayloadOf, Plan } from '../statements/kinds.ts'
import { LATE_MS } from './reconcile.ts'

/**
 * The regions in which CloudTrail is asked about an access: those of the plan, and that in which its partition records what has no
 * region, such as IAM.
 */
export function regionsToAsk({ regions, roleArn }: Plan['access']): string[] {
  const partition = partitionOfArn(roleArn)
  const ofIam = partition === null ? [] : [IAM_ENDPOINTS[partition].region]
  return [...new Set([...regions.map(({ region }) => region), ...ofIam])]
}

/**
 * The regions in which answers of LookupEvents do not reach from a case's grants until all is written down that was done with them;
 * without grants, those of which nothing was answered. Of files none: nobody knows which a person should have had.
 *
 * @param grants - of the case, or the one that is looked at.
 */
export function unreached(
  { source, spans }: Pick<PayloadOf<'evidence'>, 'source' | 'spans'>,
  { plan }: Pick<Case, 'plan'>,
  grants: readonly Grant[],
): string[] {
  if (source !== 'lookup-events') return []
  const plans = [...(plan === null ? [] : [plan]), ...grants.map((grant) => grant.plan)]
  const regions = [...new Set(plans.flatMap(({ access }) => regionsToAsk(access)))]
  return regions.filter(
    (region) =>
      !spans.some(
        (span) =>
          span.region === region && grants.every((one) => span.from <= begin(one) && end(one) + LATE_MS <= span.until),
      ),
  )
}

/** By AWS's clock, as the issuing device measured it. */
function begin({ statement: { payload } }: Grant): number {
  return payload.time + payload.skewMs
}

/** Whoever misuses a session would gladly have nobody look beyond an end that is claimed. */
function end(grant: Grant): number {
  const { expires, skewMs } = grant.statement.payload
  const refusal = believedRefusal(grant)
  return refusal === null ? expires : Math.min(expires, refusal.at + skewMs)
}
