import { deflateRawSync } from 'node:zlib'
import { AwsError, accessDenied, invalid, notImplemented } from './errors.ts'
import { type Ask, namesCaller, type Policy, parsePolicy, verdictOf } from './policy.ts'
import { addSession, type Caller, type Role, type World } from './world.ts'
import type { Xml } from './xml.ts'

/** What AWS calls PackedPolicySize is secret; here it is the deflated size of policy and tags, and this the limit. */
const PACKED_LIMIT_BYTES = 1024

/** AssumeRole's parameters, checked one by one but not yet against the role. */
export interface AssumeRole {
  readonly roleArn: string
  readonly sessionName: string
  readonly sourceIdentity: string | null
  readonly seconds: number
  readonly policy: string | null
  readonly tags: readonly { readonly key: string; readonly value: string }[]
}

const NAME = /^[\w+=,.@-]{2,64}$/
const TAG_KEY = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u
const TAG_VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u
const KNOWN =
  /^(Action|Version|RoleArn|RoleSessionName|SourceIdentity|DurationSeconds|Policy|Tags\.member\.\d+\.(Key|Value))$/

/**
 * Parses the form of an AssumeRole call.
 *
 * @throws {AwsError} ValidationError as AWS words it; SandboxNotImplemented for parameters beyond the sandbox.
 */
export function parseAssumeRole(form: URLSearchParams): AssumeRole {
  const foreign = [...form.keys()].find((name) => !KNOWN.test(name))
  if (foreign !== undefined) throw notImplemented(`the parameter ${foreign} of AssumeRole`)
  const roleArn = form.get('RoleArn') ?? ''
  if (roleArn.length < 20) throw invalid('roleArn', 'Member must have length greater than or equal to 20')
  const sessionName = form.get('RoleSessionName') ?? ''
  if (!NAME.test(sessionName))
    throw invalid('roleSessionName', 'Member must satisfy regular expression pattern: [\\w+=,.@-]*')
  const sourceIdentity = form.get('SourceIdentity')
  if (sourceIdentity !== null && (!NAME.test(sourceIdentity) || sourceIdentity.startsWith('aws:')))
    throw invalid('sourceIdentity', 'Member must satisfy regular expression pattern: [\\w+=,.@-]*')
  return { roleArn, sessionName, sourceIdentity, seconds: secondsOf(form), policy: policyOf(form), tags: tagsOf(form) }
}

function secondsOf(form: URLSearchParams): number {
  const text = form.get('DurationSeconds') ?? '3600'
  const seconds = Number(text)
  if (!/^\d+$/.test(text) || seconds < 900)
    throw invalid('durationSeconds', 'Member must have value greater than or equal to 900')
  if (seconds > 43_200) throw invalid('durationSeconds', 'Member must have value less than or equal to 43200')
  return seconds
}

function policyOf(form: URLSearchParams): string | null {
  const policy = form.get('Policy')
  if (policy === null) return null
  if (policy.length < 1 || policy.length > 2048)
    throw invalid('policy', 'Member must have length less than or equal to 2048')
  if (!/^[\t\n\r\u0020-\u00FF]+$/.test(policy))
    throw invalid('policy', 'Member must satisfy regular expression pattern: [\\u0009\\u000A\\u000D\\u0020-\\u00FF]+')
  return policy
}

function tagsOf(form: URLSearchParams): { key: string; value: string }[] {
  const tags: { key: string; value: string }[] = []
  for (let at = 1; form.has(`Tags.member.${at}.Key`); at++) {
    const key = form.get(`Tags.member.${at}.Key`) ?? ''
    const value = form.get(`Tags.member.${at}.Value`) ?? ''
    if (!TAG_KEY.test(key) || key.toLowerCase().startsWith('aws:')) throw invalid(`tags.${at}.member.key`, 'a tag key')
    if (!TAG_VALUE.test(value)) throw invalid(`tags.${at}.member.value`, 'a tag value')
    tags.push({ key, value })
  }
  if (tags.length > 50) throw invalid('tags', 'Member must have length less than or equal to 50')
  if (new Set(tags.map((tag) => tag.key.toLowerCase())).size !== tags.length)
    throw new AwsError(
      'InvalidParameterValue',
      400,
      'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
    )
  return tags
}

/** Does what AssumeRole does; the result goes into the answer. `sessionSeconds` ends the session earlier than asked. */
export function assumeRole(
  world: World,
  caller: Caller,
  call: AssumeRole,
  sessionSeconds: number | null,
): { result: Xml; accessKeyId: string; expires: number } {
  const role = authorized(world, caller, call)
  if (caller.is === 'session') throw notImplemented('role chaining')
  if (call.seconds > role.maxSessionSeconds)
    throw new AwsError(
      'ValidationError',
      400,
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    )
  const packed = packedBytes(call)
  if (packed > PACKED_LIMIT_BYTES)
    throw new AwsError(
      'PackedPolicyTooLarge',
      400,
      `Packed size of session tags and policy consumes ${Math.ceil((100 * packed) / PACKED_LIMIT_BYTES)}% of allotted space.`,
    )
  const seconds = Math.min(call.seconds, sessionSeconds ?? call.seconds)
  // Whole seconds, as AWS answers.
  const expires = Math.floor(world.now() / 1000 + seconds) * 1000
  const user = {
    AssumedRoleId: `${role.id}:${call.sessionName}`,
    Arn: `arn:aws:sts::${world.account}:assumed-role/${role.arn.split('/').at(-1) ?? ''}/${call.sessionName}`,
  }
  const sessionPolicy = call.policy === null ? null : parsePolicy(call.policy)
  const key = addSession(world, { is: 'session', arn: user.Arn, id: user.AssumedRoleId, role, sessionPolicy }, expires)
  const result = {
    Credentials: {
      AccessKeyId: key.accessKeyId,
      SecretAccessKey: key.secretAccessKey,
      SessionToken: key.token,
      Expiration: new Date(expires).toISOString().replace('.000Z', 'Z'),
    },
    AssumedRoleUser: user,
    SourceIdentity: call.sourceIdentity ?? undefined,
    PackedPolicySize: String(Math.ceil((100 * packed) / PACKED_LIMIT_BYTES)),
  }
  return { result, accessKeyId: key.accessKeyId, expires }
}

function packedBytes(call: AssumeRole): number {
  if (call.policy === null && call.tags.length === 0) return 0
  return deflateRawSync(JSON.stringify([call.policy, call.tags])).length
}

/** The role, if both its trust policy and the caller's own policy allow each action that the call amounts to. */
function authorized(world: World, caller: Caller, call: AssumeRole): Role {
  const role = world.roles.get(call.roleArn)
  const actions = ['sts:AssumeRole']
  if (call.tags.length > 0) actions.push('sts:TagSession')
  if (call.sourceIdentity !== null) actions.push('sts:SetSourceIdentity')
  for (const action of actions)
    if (!role || !allowed(caller, role, askOf(world, caller, call, action)))
      throw accessDenied(caller.arn, action, call.roleArn)
  if (!role) throw new TypeError('there is always one action')
  return role
}

function askOf(world: World, caller: Caller, call: AssumeRole, action: string): Ask {
  const context = new Map([['sts:RoleSessionName', call.sessionName]])
  if (call.sourceIdentity !== null) context.set('sts:SourceIdentity', call.sourceIdentity)
  for (const { key, value } of call.tags) context.set(`aws:RequestTag/${key}`, value)
  return { action, resource: call.roleArn, principals: [caller.arn, `arn:aws:iam::${world.account}:root`], context }
}

function allowed(caller: Caller, role: Role, ask: Ask): boolean {
  const own: (Policy | null)[] = caller.is === 'user' ? [caller.policy] : [caller.role.policy]
  if (caller.is === 'session' && caller.sessionPolicy) own.push(caller.sessionPolicy)
  const verdicts = own.map((policy) => (policy ? verdictOf(policy, ask) : 'silent'))
  const trust = verdictOf(role.trust, ask)
  if (trust !== 'allow' || verdicts.includes('deny')) return false
  // A trust policy that names the user itself suffices within one account; naming the account only delegates to it.
  if (caller.is === 'user' && namesCaller(role.trust, ask, caller.arn)) return true
  return verdicts.every((verdict) => verdict === 'allow')
}
