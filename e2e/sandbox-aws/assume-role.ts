import { deflateRawSync } from 'node:zlib'
import { authorizeAssume } from './authorize.ts'
import { arnOf, userIdOf } from './callers.ts'
import { AwsError, accessDenied, invalid, notImplemented } from './errors.ts'
import { checkCode } from './mfa.ts'
import { parsePolicy } from './policy.ts'
import { credentialsXml, type Made } from './session-token.ts'
import { addSession, type Caller, type Role, type RoleSession, type World } from './world.ts'

/** What AWS calls PackedPolicySize is secret; here it is the deflated size of policy and tags, and this the limit. */
const PACKED_LIMIT_BYTES = 1024

/** AssumeRole's parameters, checked one by one but not yet against the role. */
export interface AssumeRole {
  readonly roleArn: string
  readonly sessionName: string
  readonly sourceIdentity: string | null
  readonly seconds: number
  readonly policy: string | null
  readonly externalId: string | null
  readonly tags: readonly { readonly key: string; readonly value: string }[]
}

const NAME = /^[\w+=,.@-]{2,64}$/
const EXTERNAL_ID = /^[\w+=,.@:/-]{2,1224}$/
const TAG_KEY = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u
const TAG_VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u
const KNOWN =
  /^(Action|Version|RoleArn|RoleSessionName|SourceIdentity|DurationSeconds|Policy|ExternalId|SerialNumber|TokenCode|Tags\.member\.\d+\.(Key|Value))$/

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
  const externalId = form.get('ExternalId')
  if (externalId !== null && !EXTERNAL_ID.test(externalId))
    throw invalid('externalId', 'Member must satisfy regular expression pattern: [\\w+=,.@:\\/-]*')
  const rest = { externalId, seconds: secondsOf(form), policy: policyOf(form), tags: tagsOf(form) }
  return { roleArn, sessionName, sourceIdentity, ...rest }
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
export function assumeRole(world: World, caller: Caller, form: URLSearchParams, sessionSeconds: number | null): Made {
  const call = parseAssumeRole(form)
  const mfa = checkCode(world, caller, form)
  const role = authorized(world, caller, call, mfa)
  checkSeconds(caller, role, call.seconds)
  const packed = packedPercent(call)
  const sourceIdentity = identityFor(world, caller, call)
  const seconds = Math.min(call.seconds, role.sessionSeconds ?? sessionSeconds ?? call.seconds)
  // Whole seconds, as AWS answers.
  const expires = Math.floor(world.now() / 1000 + seconds) * 1000
  const session: RoleSession = {
    is: 'role-session',
    roleArn: role.arn,
    roleId: role.id,
    sessionName: call.sessionName,
    sourceIdentity,
    tags: call.tags,
    issued: Math.floor(world.now() / 1000) * 1000,
    sessionPolicy: call.policy === null ? null : parsePolicy(call.policy),
    chained: caller.is === 'role-session',
  }
  const key = addSession(world, session, expires)
  const result = {
    Credentials: credentialsXml(key, expires),
    AssumedRoleUser: { AssumedRoleId: userIdOf(session), Arn: arnOf(world, session) },
    SourceIdentity: sourceIdentity ?? undefined,
    PackedPolicySize: String(packed),
  }
  return { result, accessKeyId: key.accessKeyId, expires }
}

function checkSeconds(caller: Caller, role: Role, seconds: number): void {
  if (caller.is === 'role-session' && seconds > 3600)
    throw new AwsError(
      'ValidationError',
      400,
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
    )
  if (seconds > role.maxSessionSeconds)
    throw new AwsError(
      'ValidationError',
      400,
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    )
}

function packedPercent(call: AssumeRole): number {
  if (call.policy === null && call.tags.length === 0) return 0
  const packed = deflateRawSync(JSON.stringify([call.policy, call.tags])).length
  const percent = Math.ceil((100 * packed) / PACKED_LIMIT_BYTES)
  if (packed > PACKED_LIMIT_BYTES)
    throw new AwsError(
      'PackedPolicyTooLarge',
      400,
      `Packed size of session tags and policy consumes ${percent}% of allotted space.`,
    )
  return percent
}

/** A source identity stays over all roles of a chain; another one cannot be set. */
function identityFor(world: World, caller: Caller, call: AssumeRole): string | null {
  const before = caller.is === 'role-session' ? caller.sourceIdentity : null
  if (before !== null && call.sourceIdentity !== null && call.sourceIdentity !== before)
    throw accessDenied(arnOf(world, caller), 'sts:SetSourceIdentity', call.roleArn)
  return before ?? call.sourceIdentity
}

/**
 * The condition keys that AWS lists for each action ("Actions, resources, and condition keys for AWS Security Token Service" of the Service
 * Authorization Reference), in lower case, and what it has for every action. Another one is absent from it.
 */
const LISTED = {
  'sts:AssumeRole': /^(sts:(rolesessionname|sourceidentity|externalid)|aws:(requesttag|multifactorauth).*)$/,
  'sts:TagSession': /^aws:(requesttag|multifactorauth)/,
  'sts:SetSourceIdentity': /^(sts:sourceidentity|aws:multifactorauth.*)$/,
} as const

/** The role, if trust policy, own policies and service control policies allow each action that the call amounts to. */
function authorized(world: World, caller: Caller, call: AssumeRole, mfa: boolean): Role {
  const role = world.roles.get(call.roleArn)
  const carried = caller.is === 'role-session' ? caller.sourceIdentity : null
  const actions: (keyof typeof LISTED)[] = ['sts:AssumeRole']
  if (call.tags.length > 0) actions.push('sts:TagSession')
  if (call.sourceIdentity !== null || carried !== null) actions.push('sts:SetSourceIdentity')
  const all = contextOfCall(call, carried, mfa)
  for (const action of actions) {
    const context = new Map([...all].filter(([key]) => LISTED[action].test(key)))
    authorizeAssume(world, caller, role, { action, resource: call.roleArn, context })
  }
  if (!role) throw new TypeError('there is always one action')
  return role
}

function contextOfCall(call: AssumeRole, carried: string | null, mfa: boolean): Map<string, string> {
  const context = new Map([['sts:rolesessionname', call.sessionName]])
  const identity = call.sourceIdentity ?? carried
  if (identity !== null) context.set('sts:sourceidentity', identity)
  if (call.externalId !== null) context.set('sts:externalid', call.externalId)
  // Of this call alone: the session that comes of it does not carry it.
  if (mfa) context.set('aws:multifactorauthpresent', 'true').set('aws:multifactorauthage', '0')
  for (const { key, value } of call.tags) context.set(`aws:requesttag/${key.toLowerCase()}`, value)
  return context
}
