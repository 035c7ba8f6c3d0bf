import type { Caller, World } from './world.ts'

/** A caller's ARN as GetCallerIdentity and refusals give it. */
export function arnOf(world: World, caller: Caller): string {
  if (caller.is !== 'role-session') return caller.user.arn
  const role = caller.roleArn.split('/').at(-1) ?? ''
  return `arn:${world.partition.name}:sts::${world.account}:assumed-role/${role}/${caller.sessionName}`
}

/** `aws:userid`: of a role's session `<role id>:<session name>`. */
export function userIdOf(caller: Caller): string {
  return caller.is === 'role-session' ? `${caller.roleId}:${caller.sessionName}` : caller.user.id
}

/** What a trust policy may call the caller, its account's root left out. */
export function namesOf(world: World, caller: Caller): string[] {
  return caller.is === 'role-session' ? [caller.roleArn, arnOf(world, caller)] : [caller.user.arn]
}

/**
 * Condition keys of the caller's requests, in lower case. MFA is known of a user's session alone: AWS tells nothing of it
 * for long-lived keys, nor for a role's session, however that was come by.
 */
export function contextOf(world: World, caller: Caller): Map<string, string> {
  const context = new Map<string, string | null>([
    ['aws:currenttime', new Date(world.now()).toISOString()],
    ['aws:principalaccount', world.account],
    ['aws:principalarn', caller.is === 'role-session' ? caller.roleArn : caller.user.arn],
    ['aws:userid', userIdOf(caller)],
    ['aws:username', caller.is === 'role-session' ? null : caller.user.name],
    ['aws:tokenissuetime', caller.is === 'user' ? null : new Date(caller.issued).toISOString()],
    ['aws:sourceidentity', caller.is === 'role-session' ? caller.sourceIdentity : null],
  ])
  // Tags of a chain are not handed on here: they would have to be transitive, which the sandbox does not know.
  if (caller.is === 'role-session')
    for (const { key, value } of caller.tags) context.set(`aws:principaltag/${key.toLowerCase()}`, value)
  if (caller.is === 'user-session') {
    context.set('aws:multifactorauthpresent', String(caller.mfaAt !== null))
    if (caller.mfaAt !== null)
      context.set('aws:multifactorauthage', String(Math.floor((world.now() - caller.mfaAt) / 1000)))
  }
  return new Map(
    [...context].filter((entry): entry is [string, string] => entry[1] !== null && !isMissing(world, entry[0])),
  )
}

/** Whether this AWS has no such key; of tags, which are named `aws:PrincipalTag/…`, also whether it has none at all. */
function isMissing({ withoutKeys }: World, key: string): boolean {
  return withoutKeys.has(key) || withoutKeys.has(key.replace(/\/.*/s, ''))
}
