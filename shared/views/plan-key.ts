import type { Generation } from '../org/generations.ts'
import type { Organization } from '../org/org-from.ts'
import { planKey } from '../org/plan-key.ts'
import type { PlanVersion } from '../org/plans.ts'
import { type Rule, satisfies } from '../org/quorum.ts'
import { dealtOtherwise } from './dealt.ts'
import { either } from './lists.ts'
import type { Names } from './people.ts'
import type { PlanCheck } from './plan-checks.ts'
import { noSpareWords } from './spare-words.ts'

/** Keys that were deleted at AWS, by their public ids, and whose device says so. */
export type Deleted = ReadonlyMap<string, string>

/** Which key serves a plan version, or why none does. */
export function keyCheck(
  org: Organization,
  version: PlanVersion,
  names: Names,
  deleted: Deleted,
): PlanCheck & { id: string | null } {
  const { credential } = version.plan
  const isOurs = ({ deposit: { header } }: Generation) => header.credential === credential.credential
  const gone = org.generations.filter((one) => isOurs(one) && deleted.has(one.deposit.header.accessKeyId))
  const left = org.generations.filter((one) => !gone.includes(one))
  const check = checkOf({ ...org, generations: left }, version, names)
  if (check.id !== null) return check
  const said = gone.map(({ deposit: { header } }) => {
    const { name } = names(deleted.get(header.accessKeyId) ?? '')
    return ` Key ${header.generation}, which an emergency would open, was deleted at AWS, as ${name}’s device says.`
  })
  return { ...check, says: `${check.says}${said.join('')}` }
}

function checkOf(org: Organization, { plan }: PlanVersion, names: Names): PlanCheck & { id: string | null } {
  const key = planKey(org.generations, plan)
  const credential = plan.credential.name
  if (key.state === 'none')
    return {
      id: null,
      level: 'attention',
      says: `No key of ${credential} is deposited yet, so an approval could release nothing.`,
    }
  const { header } = key.generation.deposit
  const named = `Key ${header.generation} of ${credential}`
  if (key.state === 'held') {
    const under = org.plans.find(({ id }) => id === header.plan)?.plan
    const other = under === undefined || under.plan === plan.plan ? '' : `, deposited under “${under.name}”`
    const serves = `${named} serves this plan${other}.`
    if (key.generation.hasSpare) return { id: key.generation.id, level: 'good', says: serves }
    return { id: key.generation.id, level: 'attention', says: `${serves} ${noSpareWords('it')}` }
  }
  if (key.state === 'dealt') {
    const holders = key.generation.seats.filter(({ accepted, provenAt }) => accepted && provenAt.length > 0)
    const says = `${named} is dealt; ${holders.length} of ${key.generation.seats.length} custodians proved their share so far.`
    return { id: null, level: 'attention', says }
  }
  const why = dealtOtherwise(
    { custodians: header.custodians, need: header.commitments.length },
    { custodians: plan.custodians, need: plan.quorum.count },
    (member) => names(member).name,
  )
  return {
    id: null,
    level: 'attention',
    says: `${named} ${why}: this plan has no key until one is deposited under it.`,
  }
}

/** Which custodians have not accepted a version that is in effect, and what that means. */
export function acceptanceCheck(org: Organization, { plan, acceptedBy }: PlanVersion, names: Names): PlanCheck {
  const waiting = plan.custodians.filter((member) => !acceptedBy.includes(member))
  if (waiting.length === 0) return { level: 'good', says: 'All custodians accepted this version.' }
  const who = either(waiting.map((member) => names(member).name))
  const short = plan.requesters.some((requester) => !isEnough(plan, acceptedBy, requester))
  const so = short ? ' Too few have, so a request could not be met yet.' : ''
  return { level: 'attention', says: `Not accepted yet by ${who}: their apps release nothing under this version.${so}` }

  function isEnough(rule: Rule, accepted: readonly string[], requester: string): boolean {
    return satisfies(
      rule,
      org.head.roster,
      accepted.filter((member) => member !== requester),
    )
  }
}
