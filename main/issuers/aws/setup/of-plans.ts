import { equalBytes } from '../../../../shared/bytes.ts'
import { jcs } from '../../../../shared/jcs.ts'
import { IAM_ENDPOINTS, partitionOfArn } from '../../../../shared/org/aws-partition.ts'
import type { Plan } from '../../../../shared/statements/kinds.ts'
import type { RoleSetup, Setup } from './facts.ts'

/**
 * What is to be checked of a key that is deposited under a plan: for it, and for those other plans over the credential that
 * ask AWS in the same way. The rest are named: where regions, MFA device, revoker or rotator differ, one plan's would be taken
 * for another's.
 *
 * @param others - the other plans in effect over the credential.
 */
export function setupOf(plan: Plan, others: readonly Plan[]): Setup {
  const alike = [plan, ...others.filter((one) => equalBytes(wayOf(one), wayOf(plan)))]
  const { roleArn, regions, mfa, sessionToken, aftercare } = plan.access
  return {
    roles: rolesOf(alike),
    behind: alike.flatMap(({ access }) => {
      const over = access.chain?.at(-1)?.roleArn
      return over === undefined ? [] : [{ arn: access.roleArn, over }]
    }),
    regions,
    iam: aftercare?.iam ?? IAM_ENDPOINTS[partitionOfArn(roleArn) ?? 'aws'],
    mfa: mfa ?? null,
    revoker: aftercare?.revoker ?? null,
    rotator: aftercare?.rotator?.roleArn ?? null,
    user: aftercare?.rotator?.user ?? null,
    sessionToken: sessionToken ?? false,
    others: others.filter((one) => !alike.includes(one)).map(({ name }) => name),
  }
}

/** By what it is asked beside the role. */
function wayOf({ access: { regions, mfa, sessionToken, aftercare } }: Plan): Uint8Array {
  return jcs({ regions, mfa: mfa ?? null, sessionToken: sessionToken ?? null, aftercare: aftercare ?? null })
}

/** Each role once, as long and with all the policies as any plan wants it; another external id is another question. */
function rolesOf(plans: readonly Plan[]): readonly RoleSetup[] {
  const roles = new Map<string, RoleSetup>()
  for (const { access, durations } of plans) {
    const { roleArn: arn, sessionPolicy, chain } = access
    const externalId = access.externalId ?? null
    if (chain !== undefined) continue
    const key = `${arn} ${externalId}`
    const { seconds, policies } = roles.get(key) ?? { seconds: 0, policies: [] }
    const all = sessionPolicy === null ? policies : [...new Set([...policies, sessionPolicy])]
    roles.set(key, { arn, externalId, seconds: Math.max(seconds, ...durations), policies: all })
  }
  return [...roles.values()]
}
