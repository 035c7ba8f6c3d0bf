import { CHAINED_SECONDS } from '../case/types.ts'
import { PARTITION_NAMES, partitionOfArn, partitionOfRegion, stsEndpoint } from '../org/aws-partition.ts'
import type { Plan } from '../statements/kinds.ts'
import type { PlanCheck } from './plan-checks.ts'

type AccessRules = Pick<Plan, 'access' | 'durations'>

/** What in a plan's access AWS would refuse whenever it is asked, in words; nothing if there is nothing to say. */
export function accessChecks(plan: AccessRules): PlanCheck[] {
  return [...partitionChecks(plan), ...endpointChecks(plan), ...durationChecks(plan)]
}

/** The same for a plan that is signed already: it stands, and somebody should look. */
export function standingAccessChecks(plan: AccessRules): PlanCheck[] {
  return accessChecks(plan).map(({ says }) => ({ level: 'attention', says }))
}

const wrong = (says: string): PlanCheck => ({ level: 'wrong', says })

function partitionChecks({ access }: AccessRules): PlanCheck[] {
  const home = partitionOfArn(access.roleArn)
  if (home === null) return []
  const arns = [
    ...(access.chain ?? []).map(({ roleArn }) => roleArn),
    ...(access.mfa === undefined ? [] : [access.mfa]),
  ]
  const strays = [
    ...[...access.regions, ...(access.aftercare ? [access.aftercare.iam] : [])].map(
      ({ region }) => [region, partitionOfRegion(region)] as const,
    ),
    ...arns.map((arn) => [arn, partitionOfArn(arn)] as const),
  ]
  return strays.flatMap(([what, partition]) =>
    partition === null || partition === home
      ? []
      : [
          wrong(
            `The role is in ${PARTITION_NAMES[home]} and ${what} in ${PARTITION_NAMES[partition]}: neither knows the other’s keys.`,
          ),
        ],
  )
}

/** AWS refuses a signature that was made for another region than the one that is asked. */
function endpointChecks({ access }: AccessRules): PlanCheck[] {
  return access.regions.flatMap(({ region, endpoint }) => {
    const isAws = /\.amazonaws\.com(\.cn)?(:\d+)?$/.test(endpoint)
    if (!isAws || endpoint.includes(`.${region}.`)) return []
    return [wrong(`${endpoint} is not the endpoint of ${region}; that is ${stsEndpoint(region)}.`)]
  })
}

function durationChecks({ access, durations }: AccessRules): PlanCheck[] {
  const isLong = durations.some((seconds) => seconds > CHAINED_SECONDS)
  if (access.chain === undefined || !isLong) return []
  return [wrong('AWS gives an hour at most over roles on the way. Leave the longer durations out.')]
}
