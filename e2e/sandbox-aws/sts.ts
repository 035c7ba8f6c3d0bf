import { assumeRole, parseAssumeRole } from './assume-role.ts'
import { AwsError, notImplemented } from './errors.ts'
import { type Claim, headerOf, parseClaim, verifySignature, type WireRequest } from './sigv4.ts'
import { type Caller, keyOf, type World } from './world.ts'
import { resultXml, type Xml } from './xml.ts'

const VERSION = '2011-06-15'
const FORM = 'application/x-www-form-urlencoded'
const MAX_SKEW_MS = 15 * 60 * 1000
/** Actions of STS that AWS knows and the sandbox does not. */
const BEYOND = [
  'AssumeRoleWithSAML',
  'AssumeRoleWithWebIdentity',
  'AssumeRoot',
  'DecodeAuthorizationMessage',
  'GetAccessKeyInfo',
  'GetFederationToken',
  'GetSessionToken',
]

/** What is known of a call, filled in as it is handled, so that the log of a refused call says how far it came. */
export interface CallFacts {
  action: string | null
  accessKeyId: string | null
  /** Public parameters of AssumeRole, as sent. */
  parameters: Readonly<Record<string, string>>
  /** Public id of the session's key, if one was made. */
  issued: string | null
}

/**
 * Answers one request to the STS endpoint of a region.
 *
 * @returns the XML of the answer.
 * @throws {AwsError} whatever AWS would refuse, and SandboxNotImplemented.
 */
export async function answer(
  world: World,
  region: string,
  sessionSeconds: number | null,
  request: WireRequest,
  facts: CallFacts,
  requestId: string,
): Promise<string> {
  const form = formOf(request)
  facts.action = form.get('Action')
  if (facts.action === null || facts.action === '')
    throw new AwsError('MissingAction', 400, 'Could not find operation: no Action given')
  if (facts.action === 'AssumeRole') facts.parameters = parametersOf(form)
  const claim = parseClaim(request)
  facts.accessKeyId = claim.accessKeyId
  const caller = await authenticate(world, region, request, claim)
  if (form.get('Version') !== VERSION) throw unknown(facts.action, form.get('Version'))
  switch (facts.action) {
    case 'GetCallerIdentity':
      return resultXml(facts.action, identityOf(world, caller), requestId)
    case 'AssumeRole': {
      const issued = assumeRole(world, caller, parseAssumeRole(form), sessionSeconds)
      facts.issued = issued.accessKeyId
      return resultXml(facts.action, issued.result, requestId)
    }
    default:
      throw BEYOND.includes(facts.action) ? notImplemented(facts.action) : unknown(facts.action, VERSION)
  }
}

function formOf(request: WireRequest): URLSearchParams {
  const type = headerOf(request, 'content-type') ?? ''
  if (request.method !== 'POST' || !type.startsWith(FORM)) throw notImplemented('anything but a POSTed form')
  return new URLSearchParams(Buffer.from(request.body).toString('utf8'))
}

// In the order in which AWS gives its answers: key, scope, time, signature, and then whether the session is over.
async function authenticate(world: World, region: string, request: WireRequest, claim: Claim): Promise<Caller> {
  const token = headerOf(request, 'x-amz-security-token')
  const key = keyOf(world, claim, token)
  if (claim.service !== 'sts')
    throw new AwsError('SignatureDoesNotMatch', 403, `Credential should be scoped to correct service: 'sts'.`)
  if (claim.region !== region)
    throw new AwsError('SignatureDoesNotMatch', 403, `Credential should be scoped to a valid region. `)
  checkTime(claim.signedAt, world.now())
  if (token !== null && !claim.signedHeaders.includes('x-amz-security-token'))
    throw new AwsError('SignatureDoesNotMatch', 403, 'x-amz-security-token must be signed')
  await verifySignature(request, claim, key.secretAccessKey)
  if (world.now() >= key.expires)
    throw new AwsError('ExpiredToken', 403, 'The security token included in the request is expired')
  return key.caller
}

function checkTime(signedAt: number, now: number): void {
  const [signed, here] = [longDate(signedAt), longDate(now)]
  if (signedAt < now - MAX_SKEW_MS)
    throw new AwsError(
      'SignatureDoesNotMatch',
      403,
      `Signature expired: ${signed} is now earlier than ${longDate(now - MAX_SKEW_MS)} (${here} - 15 min.)`,
    )
  if (signedAt > now + MAX_SKEW_MS)
    throw new AwsError(
      'SignatureDoesNotMatch',
      403,
      `Signature not yet current: ${signed} is still later than ${longDate(now + MAX_SKEW_MS)} (${here} + 15 min.)`,
    )
}

function longDate(time: number): string {
  return new Date(time).toISOString().replace(/[-:]|\.\d+/g, '')
}

// Needs no permission in AWS: an explicit deny of everything does not stop it.
function identityOf(world: World, caller: Caller): Xml {
  return { Arn: caller.arn, UserId: caller.id, Account: world.account }
}

function parametersOf(form: URLSearchParams): Readonly<Record<string, string>> {
  return Object.fromEntries([...form].filter(([name]) => name !== 'Action' && name !== 'Version'))
}

function unknown(action: string, version: string | null): AwsError {
  return new AwsError(
    'InvalidAction',
    400,
    `Could not find operation ${action} for version ${version ?? 'NO_VERSION_SPECIFIED'}`,
  )
}
