import { randomUUID } from 'node:crypto'
import { arnOf, userIdOf } from './callers.ts'
import type { Caller, World } from './world.ts'

/** One event as CloudTrail records it. */
export interface TrailEvent {
  readonly id: string
  readonly at: number
  readonly region: string
  readonly name: string
  readonly source: string
  readonly accessKeyId: string
  readonly username: string
  readonly readOnly: boolean
  /** The record itself, JSON text. */
  readonly record: string
}

/** What is recorded of a call whose caller was known. */
export interface Recorded {
  readonly caller: Caller
  readonly accessKeyId: string
  readonly service: string
  readonly region: string
  readonly action: string
  readonly parameters: Readonly<Record<string, string>>
  readonly issued: string | null
  /** Of a refused call. */
  readonly error: { readonly code: string; readonly message: string } | null
}

/** The event of a call. Secrets, and the code of an MFA device, are not in it. */
export function trailEvent(world: World, call: Recorded): TrailEvent {
  const at = Math.floor(world.now() / 1000) * 1000
  const [id, source] = [randomUUID(), `${call.service}.amazonaws.com`]
  const record = {
    eventVersion: '1.10',
    userIdentity: identityOf(world, call),
    eventTime: new Date(at).toISOString().replace('.000Z', 'Z'),
    eventSource: source,
    eventName: call.action,
    awsRegion: call.region,
    sourceIPAddress: '127.0.0.1',
    // Of a call that AWS denied its record leaves out what was asked for.
    requestParameters: call.error?.code.startsWith('AccessDenied') ? null : parametersOf(call),
    responseElements: call.issued === null ? null : { credentials: { accessKeyId: call.issued } },
    ...(call.error === null ? {} : { errorCode: call.error.code, errorMessage: call.error.message }),
    eventID: id,
    readOnly: isReading(call.action),
    eventType: 'AwsApiCall',
    recipientAccountId: world.account,
  }
  return {
    id,
    at,
    region: call.region,
    name: call.action,
    source,
    accessKeyId: call.accessKeyId,
    username: call.caller.is === 'role-session' ? call.caller.sessionName : call.caller.user.name,
    readOnly: isReading(call.action),
    record: JSON.stringify(record),
  }
}

/** As CloudTrail writes them: each name with a small first letter, numbers as numbers, lists left out here. */
function parametersOf({ parameters }: Recorded): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(parameters)
      .filter(([name]) => !name.includes('.'))
      .map(([name, value]) => [
        `${name.charAt(0).toLowerCase()}${name.slice(1)}`,
        name === 'DurationSeconds' ? Number(value) : value,
      ]),
  )
}

function identityOf(world: World, { caller, accessKeyId }: Recorded): object {
  const common = { principalId: userIdOf(caller), arn: arnOf(world, caller), accountId: world.account, accessKeyId }
  if (caller.is === 'user') return { type: 'IAMUser', ...common, userName: caller.user.name }
  const attributes = {
    creationDate: new Date(caller.issued).toISOString().replace('.000Z', 'Z'),
    mfaAuthenticated: String(caller.is === 'user-session' && caller.mfaAt !== null),
  }
  if (caller.is === 'user-session')
    return { type: 'IAMUser', ...common, userName: caller.user.name, sessionContext: { attributes } }
  const sessionIssuer = { type: 'Role', principalId: caller.roleId, arn: caller.roleArn, accountId: world.account }
  const sourced = caller.sourceIdentity === null ? {} : { sourceIdentity: caller.sourceIdentity }
  return { type: 'AssumedRole', ...common, sessionContext: { sessionIssuer, attributes, ...sourced } }
}

function isReading(action: string): boolean {
  return /^(Get|List|Lookup|Assume)/.test(action)
}
