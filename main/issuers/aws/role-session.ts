import type { AssumeRoleCommandInput } from '@aws-sdk/client-sts'
import { CHAINED_SECONDS } from '../../../shared/case/types.ts'
import { cutTo } from '../../text.ts'
import { type Access, IssuerError, type Order, type Purpose } from '../issuer.ts'

/** AWS's own limits of DurationSeconds. */
const MIN_SECONDS = 900
const MAX_SECONDS = 43_200
const MAX_POLICY_CHARACTERS = 2048
/** Long enough to find a ticket by, short enough to leave the packed size to the policy. */
const MAX_REFERENCE = 64

/** What a drill may do: nothing. GetCallerIdentity needs no permission, so the drill can still show who it is. */
export const DENY_ALL = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Deny', Action: '*', Resource: '*' }],
})

/** `lb-<first 16 characters of the case>-<attempt>`: by it CloudTrail's entries lead back to the case. */
export function sessionNameOf(caseId: string, attempt: number): string {
  return `lb-${caseId.slice(0, 16)}-${attempt}`
}

/** For how long AWS is asked for a session; over a role on the way it gives no more than an hour. */
export function secondsAsked({ chain = [] }: Pick<Access, 'chain'>, seconds: number): number {
  const asked = Math.max(MIN_SECONDS, seconds)
  return chain.length > 0 ? Math.min(CHAINED_SECONDS, asked) : asked
}

/**
 * What AssumeRole is asked for. Base64url ids are within AWS's characters for names, tags and SourceIdentity.
 *
 * @throws {IssuerError} `policy-too-large`, `invalid`: what AWS would refuse anyway, said before any call.
 */
export function assumeRoleInput({ access, request, attempt }: Order): AssumeRoleCommandInput {
  if (request.seconds > MAX_SECONDS)
    throw new IssuerError('invalid', `AWS gives at most ${MAX_SECONDS} seconds, not ${request.seconds}`, {
      mayExist: false,
    })
  const policy = policyFor(request.purpose, access)
  if (policy !== null && policy.length > MAX_POLICY_CHARACTERS)
    throw new IssuerError(
      'policy-too-large',
      `the session policy has ${policy.length} characters, AWS takes 2048; shorten it in the plan`,
      { mayExist: false },
    )
  const reference = tagValue(request.reference)
  return {
    RoleArn: access.roleArn,
    RoleSessionName: sessionNameOf(request.id, attempt),
    SourceIdentity: request.requester,
    DurationSeconds: secondsAsked(access, request.seconds),
    ...(policy === null ? {} : { Policy: policy }),
    Tags: [
      { Key: 'lockbox:case', Value: request.id },
      { Key: 'lockbox:purpose', Value: request.purpose },
      { Key: 'lockbox:attempt', Value: String(attempt) },
      ...(reference === '' ? [] : [{ Key: 'lockbox:reference', Value: reference }]),
    ],
  }
}

function policyFor(purpose: Purpose, { sessionPolicy, aftercare }: Order['access']): string | null {
  if (purpose === 'drill') return DENY_ALL
  if (purpose === 'access') return sessionPolicy
  // It is asked for because of the rotator that is made beside it; the session itself is for nothing.
  if (aftercare?.rotator !== undefined) return DENY_ALL
  throw new IssuerError('invalid', 'the plan names no rotator, so there is nothing to replace the key with', {
    mayExist: false,
  })
}

function tagValue(text: string): string {
  return cutTo(text.replace(/[^\p{L}\p{N}_.:/=+\-@ ]/gu, '.'), MAX_REFERENCE).trim()
}
