import type { Case, Grant } from '../case/types.ts'
import { IAM_ENDPOINTS, partitionOfArn } from '../org/aws-partition.ts'
import type { PayloadOf, Plan } from '../statements/kinds.ts'
import { LATE_MS } from './reconcile.ts'

type Granted = Pick<Grant, 'statement' | 'ends' | 'plan'>

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
  grants: readonly Granted[],
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
function begin({ statement: { payload } }: Granted): number {
  return payload.time + payload.skewMs
}

function end({ statement: { payload }, ends }: Granted): number {
  return Math.min(payload.expires, ...ends.map((ended) => ended.payload.at + payload.skewMs))
}
