import { arnOf, contextOf, namesOf } from './callers.ts'
import { accessDenied } from './errors.ts'
import { type Ask, namesCaller, type Policy, parsePolicy, verdictOf, verdictOfAll } from './policy.ts'
import { type Caller, policiesFelt, type Role, type World } from './world.ts'

/** What is asked beside who asks it. */
export interface Wish {
  readonly action: string
  readonly resource: string
  /** Condition keys of the request, beside those of the caller. */
  readonly context?: ReadonlyMap<string, string>
}

/**
 * Lets through what service control policies, the caller's own policies and its session policy all allow.
 *
 * @throws {AwsError} AccessDenied with AWS's words of which kind of policy it was.
 */
export function authorize(world: World, caller: Caller, wish: Wish): void {
  const why = refusalOf(world, caller, askOf(world, caller, wish))
  if (why !== null) throw accessDenied(arnOf(world, caller), wish.action, wish.resource, why)
}

/** Lets the caller assume a role: as {@link authorize}, and the role's trust policy must allow it too. */
export function authorizeAssume(world: World, caller: Caller, role: Role | undefined, wish: Wish): void {
  const ask = askOf(world, caller, wish)
  const why = role === undefined ? '' : assumeRefusalOf(world, caller, role, ask)
  if (why !== null) throw accessDenied(arnOf(world, caller), wish.action, wish.resource, why)
}

function assumeRefusalOf(world: World, caller: Caller, role: Role, ask: Ask): string | null {
  const trust = parsePolicy(role.trust)
  if (verdictOf(trust, ask) === 'deny') return ' with an explicit deny in a resource-based policy'
  // Of what the trust policy does not allow AWS says no more.
  if (verdictOf(trust, ask) !== 'allow') return ''
  // Naming the caller itself suffices within one account; naming the account only delegates to its policies.
  return refusalOf(world, caller, ask, namesCaller(trust, ask, namesOf(world, caller)))
}

/** Why not, as AWS ends its sentence; null if the caller may. */
function refusalOf(world: World, caller: Caller, ask: Ask, named = false): string | null {
  for (const scp of world.scps)
    if (verdictOf(scp, ask) === 'deny') return ' with an explicit deny in a service control policy'
  if (world.scps.length > 0 && verdictOfAll(world.scps, ask) !== 'allow')
    return ` because no service control policy allows the ${ask.action} action`
  const own = verdictOfAll(ownPolicies(world, caller), ask)
  if (own === 'deny') return ' with an explicit deny in an identity-based policy'
  if (caller.is === 'role-session' && caller.sessionPolicy !== null) {
    const session = verdictOf(caller.sessionPolicy, ask)
    if (session === 'deny') return ' with an explicit deny in a session policy'
    if (session !== 'allow') return ` because no session policy allows the ${ask.action} action`
  }
  return named || own === 'allow' ? null : ` because no identity-based policy allows the ${ask.action} action`
}

function ownPolicies(world: World, caller: Caller): Policy[] {
  if (caller.is !== 'role-session') return [...caller.user.policies.values()].map(parsePolicy)
  const role = world.roles.get(caller.roleArn)
  // A role that was deleted and made anew is another one: sessions of the old may do nothing.
  return role?.id === caller.roleId ? policiesFelt(world, role) : []
}

function askOf(world: World, caller: Caller, { action, resource, context }: Wish): Ask {
  const principals = [...namesOf(world, caller), `arn:${world.partition.name}:iam::${world.account}:root`]
  return { action, resource, principals, context: new Map([...contextOf(world, caller), ...(context ?? [])]) }
}
