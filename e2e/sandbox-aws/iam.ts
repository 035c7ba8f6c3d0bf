import { AwsError } from './errors.ts'
import { iamKeyAction } from './iam-keys.ts'
import { iamPolicyAction } from './iam-policies.ts'
import type { Done } from './sts.ts'
import type { Key, World } from './world.ts'

/** One of IAM's actions: does it, or answers null if it is not among those it knows. */
export type IamAction = (world: World, key: Key, form: URLSearchParams) => Done | null

const PARTS: readonly IamAction[] = [iamKeyAction, iamPolicyAction]

/**
 * Does one action of IAM.
 *
 * @returns null for an action that the sandbox does not know.
 * @throws {AwsError} whatever AWS would refuse.
 */
export function iamAction(world: World, key: Key, form: URLSearchParams): Done | null {
  // A user's session without MFA may call nothing of IAM.
  if (key.caller.is === 'user-session' && key.caller.mfaAt === null)
    throw new AwsError('InvalidClientTokenId', 403, 'The security token included in the request is invalid')
  for (const part of PARTS) {
    const done = part(world, key, form)
    if (done !== null) return done
  }
  return null
}
