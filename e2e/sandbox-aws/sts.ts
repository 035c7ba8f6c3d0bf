import { assumeRole } from './assume-role.ts'
import { authorize } from './authorize.ts'
import { arnOf, userIdOf } from './callers.ts'
import { AwsError, invalid, notImplemented } from './errors.ts'
import { getSessionToken } from './session-token.ts'
import type { Caller, World } from './world.ts'
import type { Xml } from './xml.ts'

/** Actions of STS that AWS knows and the sandbox does not. */
const BEYOND = [
  'AssumeRoleWithSAML',
  'AssumeRoleWithWebIdentity',
  'AssumeRoot',
  'DecodeAuthorizationMessage',
  'GetFederationToken',
]

/** What an action came to. */
export interface Done {
  readonly result: Xml
  /** Public id of a key that was made. */
  readonly issued?: string
}

/**
 * Does one action of STS.
 *
 * @returns null for an action that AWS does not know either.
 * @throws {AwsError} whatever AWS would refuse, and SandboxNotImplemented.
 */
export function stsAction(
  world: World,
  caller: Caller,
  form: URLSearchParams,
  sessionSeconds: number | null,
): Done | null {
  const action = form.get('Action') ?? ''
  if (caller.is === 'user-session' && action !== 'AssumeRole' && action !== 'GetCallerIdentity')
    throw new AwsError('AccessDenied', 403, `Cannot call ${action} with session credentials`)
  switch (action) {
    case 'GetCallerIdentity':
      // Needs no permission in AWS: an explicit deny of everything does not stop it.
      return { result: { Arn: arnOf(world, caller), UserId: userIdOf(caller), Account: world.account } }
    case 'AssumeRole': {
      const { result, accessKeyId } = assumeRole(world, caller, form, sessionSeconds)
      return { result, issued: accessKeyId }
    }
    case 'GetSessionToken': {
      const { result, accessKeyId } = getSessionToken(world, caller, form, sessionSeconds)
      return { result, issued: accessKeyId }
    }
    case 'GetAccessKeyInfo':
      return { result: { Account: accountOf(world, caller, form) } }
    default:
      if (BEYOND.includes(action)) throw notImplemented(action)
      return null
  }
}

/** Tells a key's account. It needs the permission, so a session that was denied everything is refused: by it one can see a deny. */
function accountOf(world: World, caller: Caller, form: URLSearchParams): string {
  const accessKeyId = form.get('AccessKeyId') ?? ''
  if (!/^\w{16,128}$/.test(accessKeyId))
    throw invalid('accessKeyId', 'Member must satisfy regular expression pattern: [\\w]*')
  authorize(world, caller, { action: 'sts:GetAccessKeyInfo', resource: '*' })
  return world.account
}
