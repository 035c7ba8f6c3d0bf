import { randomUUID } from 'node:crypto'
import { authenticate, type Scope } from './authenticate.ts'
import { type Allowance, LOOKUP_TARGET, lookupEvents, takeLookup } from './cloudtrail.ts'
import { AwsError, notImplemented } from './errors.ts'
import { iamAction } from './iam.ts'
import { headerOf, parseClaim, type WireRequest } from './sigv4.ts'
import { type Done, stsAction } from './sts.ts'
import { type TrailEvent, trailEvent } from './trail.ts'
import type { Key, World } from './world.ts'
import { errorXml, resultXml } from './xml.ts'

const FORM = 'application/x-www-form-urlencoded'
const API = { sts: '2011-06-15', iam: '2010-05-08' }
/** Never written down: what would be a secret, or half of one. */
const UNLOGGED = /^(Action|Version|TokenCode)$/
/** CloudTrail's JSON protocol has names of its own for what the query protocol says. */
const JSON_CODES: Readonly<Record<string, string>> = {
  InvalidClientTokenId: 'UnrecognizedClientException',
  SignatureDoesNotMatch: 'InvalidSignatureException',
  ExpiredToken: 'ExpiredTokenException',
  Throttling: 'ThrottlingException',
  MissingAuthenticationToken: 'MissingAuthenticationTokenException',
  IncompleteSignature: 'IncompleteSignatureException',
}

/** What all endpoints share. */
export interface Shared {
  readonly world: World
  readonly sessionSeconds: number | null
  /** Events as recorded, over all regions. */
  readonly events: TrailEvent[]
  /** How long after a call CloudTrail shows it, milliseconds. */
  readonly trailDelayMs: number
  /** How fast CloudTrail is asked, by region. */
  readonly lookups: Map<string, Allowance>
}

/** What is known of a call, filled in as it is handled, so that the log of a refused call says how far it came. */
export interface CallFacts {
  action: string | null
  accessKeyId: string | null
  /** Public parameters, as sent. */
  parameters: Readonly<Record<string, string>>
  /** Public id of a key, if one was made. */
  issued: string | null
}

/** The answer to one call. */
export interface Answer {
  readonly status: number
  /** `ok`, or the error's code as it went over the wire. */
  readonly outcome: string
  readonly type: string
  readonly body: string
}

/** Answers one call; refusals are answers too. */
export async function answer(shared: Shared, scope: Scope, request: WireRequest, facts: CallFacts): Promise<Answer> {
  try {
    return await carriedOut(shared, scope, request, facts)
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    return refusal(scope, error)
  }
}

/** An error as the scope's service spells it. */
export function refusal({ service }: Scope, error: AwsError): Answer {
  const { status, code, message } = error
  if (service !== 'cloudtrail')
    return { status, outcome: code, type: 'text/xml', body: errorXml(namespace(service), error, randomUUID()) }
  const outcome = JSON_CODES[code] ?? code
  const body = JSON.stringify({ __type: outcome, message })
  return { status: status < 500 ? 400 : status, outcome, type: 'application/x-amz-json-1.1', body }
}

async function carriedOut(shared: Shared, scope: Scope, request: WireRequest, facts: CallFacts): Promise<Answer> {
  if (request.method !== 'POST') throw notImplemented('anything but POST')
  const call = scope.service === 'cloudtrail' ? jsonCall(request) : formCall(request, scope.service)
  facts.action = call.action
  facts.parameters = call.parameters
  const claim = parseClaim(request)
  facts.accessKeyId = claim.accessKeyId
  const key = await authenticate(shared.world, scope, request, claim)
  try {
    const done = call.run(shared, scope, key)
    facts.issued = done.issued ?? null
    record(shared, scope, key, facts, null)
    return { status: 200, outcome: 'ok', type: call.type, body: done.body }
  } catch (error) {
    if (error instanceof AwsError) record(shared, scope, key, facts, error)
    throw error
  }
}

function record({ world, events }: Shared, scope: Scope, key: Key, facts: CallFacts, error: AwsError | null): void {
  const { accessKeyId, caller } = key
  const { action, parameters, issued } = facts
  const call = { ...scope, caller, accessKeyId, action: action ?? '', parameters, issued, error }
  events.push(trailEvent(world, call))
}

interface Call {
  readonly action: string
  readonly parameters: Readonly<Record<string, string>>
  readonly type: string
  readonly run: (shared: Shared, scope: Scope, key: Key) => { readonly body: string; readonly issued?: string }
}

function formCall(request: WireRequest, service: 'sts' | 'iam'): Call {
  const type = headerOf(request, 'content-type') ?? ''
  if (!type.startsWith(FORM)) throw notImplemented('anything but a POSTed form')
  const form = new URLSearchParams(Buffer.from(request.body).toString('utf8'))
  const action = form.get('Action') ?? ''
  if (action === '') throw new AwsError('MissingAction', 400, 'Could not find operation: no Action given')
  const version = form.get('Version')
  const run = ({ world, sessionSeconds }: Shared, _: Scope, key: Key) => {
    if (version !== API[service]) throw unknown(action, version)
    const done: Done | null =
      service === 'iam' ? iamAction(world, key, form) : stsAction(world, key.caller, form, sessionSeconds)
    if (done === null) throw service === 'iam' ? notImplemented(`${action} of IAM`) : unknown(action, version)
    const body = resultXml(namespace(service), action, done.result, randomUUID())
    return done.issued === undefined ? { body } : { body, issued: done.issued }
  }
  const parameters = Object.fromEntries([...form].filter(([name]) => !UNLOGGED.test(name)))
  return { action, parameters, type: 'text/xml', run }
}

function jsonCall(request: WireRequest): Call {
  const action = LOOKUP_TARGET.exec(headerOf(request, 'x-amz-target') ?? '')?.[1] ?? ''
  const body: unknown = JSON.parse(Buffer.from(request.body).toString('utf8') || '{}')
  const run = ({ world, events, trailDelayMs, lookups }: Shared, { region }: Scope, key: Key) => {
    if (action !== 'LookupEvents') throw notImplemented(`${action} of CloudTrail`)
    takeLookup(lookups, region, world.now())
    const shown = events.filter((event) => event.region === region && event.at + trailDelayMs <= world.now())
    return { body: JSON.stringify(lookupEvents(world, key.caller, shown, body)) }
  }
  return { action, parameters: {}, type: 'application/x-amz-json-1.1', run }
}

function namespace(service: 'sts' | 'iam'): string {
  return `https://${service}.amazonaws.com/doc/${API[service]}/`
}

function unknown(action: string, version: string | null): AwsError {
  return new AwsError(
    'InvalidAction',
    400,
    `Could not find operation ${action} for version ${version ?? 'NO_VERSION_SPECIFIED'}`,
  )
}
