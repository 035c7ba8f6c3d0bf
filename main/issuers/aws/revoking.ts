import type { Endpoint } from './client.ts'
import { askIam, IAM_TIMEOUT_MS, type IamFailure } from './iam-call.ts'
import { iam } from './load-sdk.ts'
import { parseRevoker } from './narrow.ts'

/** An inline policy of the role whose session is to end. */
export interface Deny {
  readonly name: string
  readonly document: string
}

/** What came of putting the deny, or of taking it away. */
export type Revoking = { readonly is: 'done'; readonly policy: string } | IamFailure

/** What came of looking for the deny: `gone` also if it is another policy now. */
export type Looking = { readonly is: 'there' } | { readonly is: 'gone' } | IamFailure

/**
 * The policy that denies everything to exactly one session. Whoever makes it makes the same, so that two who revoke at once
 * do no more than one. Format: docs/formats/aws.md §8.
 *
 * @param userId - `aws:userid` of the session, `<role id>:<session name>`.
 */
export function denyOf(userId: string): Deny {
  const Condition = { StringEquals: { 'aws:userid': userId } }
  return {
    name: `lockbox-${userId.slice(userId.indexOf(':') + 1)}`,
    document: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Deny', Action: '*', Resource: '*', Condition }],
    }),
  }
}

/**
 * Puts the deny on the role, and reads it back: done only if IAM gives it back byte for byte. That is AWS's word that it
 * has it, not that it is felt already, which takes a while; whether the session is refused `denialOf` in `refused.ts`
 * sees. Safe to repeat.
 *
 * @param revoker - as sealed; the caller's to wipe.
 * @param at - where IAM is asked: the plan's `access.aftercare.iam`.
 * @throws {IssuerError} `invalid` if these bytes are no revoker.
 */
export async function putDeny(revoker: Uint8Array, at: Endpoint, timeoutMs = IAM_TIMEOUT_MS): Promise<Revoking> {
  const parsed = parseRevoker(revoker)
  const { roleName: RoleName, userId, ...keys } = parsed
  const { name: PolicyName, document: PolicyDocument } = denyOf(userId)
  const { PutRolePolicyCommand } = await iam()
  const put = new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument })
  const putting = await askIam(
    at,
    keys,
    'deny the session',
    (client, abortSignal) => client.send(put, { abortSignal }),
    timeoutMs,
  )
  if (putting.is !== 'done') return putting.name === 'LimitExceededException' ? { ...putting, words: FULL } : putting
  const got = await readDeny(parsed, at, timeoutMs)
  if (got.is === 'there') return { is: 'done', policy: PolicyName }
  return got.is === 'gone' ? NOT_THERE : got
}

/**
 * Whether the role still has the deny, byte for byte. Changes nothing.
 *
 * @param revoker - as for {@link putDeny}.
 */
export async function lookForDeny(revoker: Uint8Array, at: Endpoint, timeoutMs = IAM_TIMEOUT_MS): Promise<Looking> {
  return readDeny(parseRevoker(revoker), at, timeoutMs)
}

async function readDeny(parsed: ReturnType<typeof parseRevoker>, at: Endpoint, timeoutMs: number): Promise<Looking> {
  const { roleName: RoleName, userId, ...keys } = parsed
  const { name: PolicyName, document } = denyOf(userId)
  const { GetRolePolicyCommand } = await iam()
  const get = new GetRolePolicyCommand({ RoleName, PolicyName })
  const got = await askIam(
    at,
    keys,
    'read the deny back',
    (client, abortSignal) => client.send(get, { abortSignal }),
    timeoutMs,
  )
  if (got.is === 'done') return { is: plainText(got.good.PolicyDocument) === document ? 'there' : 'gone' }
  return got.name === NO_SUCH ? { is: 'gone' } : got
}

/**
 * Takes the deny away again, for when its session is over anyway: a role has room for 10,240 characters of inline policies.
 * Done also if it is not there. Safe to repeat.
 *
 * @param revoker - as for {@link putDeny}.
 */
export async function deleteDeny(revoker: Uint8Array, at: Endpoint, timeoutMs = IAM_TIMEOUT_MS): Promise<Revoking> {
  const { roleName: RoleName, userId, ...keys } = parseRevoker(revoker)
  const { name: PolicyName } = denyOf(userId)
  const { DeleteRolePolicyCommand } = await iam()
  const command = new DeleteRolePolicyCommand({ RoleName, PolicyName })
  const deleted = await askIam(
    at,
    keys,
    'take the deny away',
    (client, abortSignal) => client.send(command, { abortSignal }),
    timeoutMs,
  )
  return deleted.is === 'done' || deleted.name === NO_SUCH ? { is: 'done', policy: PolicyName } : deleted
}

const NO_SUCH = 'NoSuchEntityException'
const NOT_THERE: IamFailure = {
  is: 'unreached',
  mayExist: true,
  code: 'invalid',
  name: '',
  words: 'AWS took the policy that denies the session, and does not give it back as it was put.',
}
const FULL =
  'The role has no room for one more inline policy: AWS allows 10,240 characters. Delete its policies whose names begin with lockbox-lb- and whose sessions are over.'

/** IAM gives policies back percent-encoded. */
function plainText(encoded: string | undefined): string | null {
  try {
    return encoded === undefined ? null : decodeURIComponent(encoded)
  } catch {
    return null
  }
}
