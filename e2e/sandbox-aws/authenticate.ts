import { AwsError } from './errors.ts'
import { type Claim, headerOf, verifySignature, type WireRequest } from './sigv4.ts'
import { type Key, keyOf, type World } from './world.ts'

const MAX_SKEW_MS = 15 * 60 * 1000

/** Which service of which region is asked; a signature is scoped to both. */
export interface Scope {
  readonly service: 'sts' | 'iam' | 'cloudtrail'
  readonly region: string
}

/**
 * Who signed a request, in the order in which AWS gives its answers: key, scope, time, signature, and then whether the
 * session is over.
 *
 * @throws {AwsError} InvalidClientTokenId, SignatureDoesNotMatch, ExpiredToken.
 */
export async function authenticate(world: World, scope: Scope, request: WireRequest, claim: Claim): Promise<Key> {
  const token = headerOf(request, 'x-amz-security-token')
  const key = keyOf(world, claim.accessKeyId, token)
  if (claim.service !== scope.service)
    throw mismatch(`Credential should be scoped to correct service: '${scope.service}'.`)
  if (claim.region !== scope.region) throw mismatch('Credential should be scoped to a valid region. ')
  checkTime(claim.signedAt, world.now())
  if (token !== null && !claim.signedHeaders.includes('x-amz-security-token'))
    throw mismatch('x-amz-security-token must be signed')
  await verifySignature(request, claim, key.secretAccessKey)
  if (world.now() >= key.expires)
    throw new AwsError('ExpiredToken', 403, 'The security token included in the request is expired')
  key.lastUsed = { at: Math.floor(world.now() / 60_000) * 60_000, service: scope.service, region: scope.region }
  return key
}

function checkTime(signedAt: number, now: number): void {
  const [signed, here] = [longDate(signedAt), longDate(now)]
  if (signedAt < now - MAX_SKEW_MS)
    throw mismatch(
      `Signature expired: ${signed} is now earlier than ${longDate(now - MAX_SKEW_MS)} (${here} - 15 min.)`,
    )
  if (signedAt > now + MAX_SKEW_MS)
    throw mismatch(
      `Signature not yet current: ${signed} is still later than ${longDate(now + MAX_SKEW_MS)} (${here} + 15 min.)`,
    )
}

function longDate(time: number): string {
  return new Date(time).toISOString().replace(/[-:]|\.\d+/g, '')
}

function mismatch(message: string): AwsError {
  return new AwsError('SignatureDoesNotMatch', 403, message)
}
