import { createHash, timingSafeEqual } from 'node:crypto'
import { Sha256 } from '@aws-crypto/sha256-js'
import { SignatureV4 } from '@smithy/signature-v4'
import { AwsError } from './errors.ts'

/** A request as it came over the wire. */
export interface WireRequest {
  readonly method: string
  /** Path and query exactly as sent. */
  readonly target: string
  /** Names in any case; a name may come more than once. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Uint8Array
}

/** What the Authorization header says; nothing of it is proved yet. */
export interface Claim {
  readonly accessKeyId: string
  readonly shortDate: string
  readonly region: string
  readonly service: string
  readonly signedHeaders: readonly string[]
  readonly signature: string
  /** From `X-Amz-Date`, milliseconds. */
  readonly signedAt: number
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 +Credential=([^/\s,]+)\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request, *SignedHeaders=([a-z0-9;_-]+), *Signature=([0-9a-f]{64})$/
const LONG_DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/

/**
 * Reads the claim of a request signed with Signature Version 4 in its headers.
 *
 * @throws {AwsError} MissingAuthenticationToken without one, IncompleteSignature if it is not whole.
 */
export function parseClaim(request: WireRequest): Claim {
  const authorization = headerOf(request, 'authorization')
  if (authorization === null)
    throw new AwsError('MissingAuthenticationToken', 403, 'Request is missing Authentication Token')
  const match = AUTHORIZATION.exec(authorization)
  const [, accessKeyId = '', shortDate = '', region = '', service = '', names = '', signature = ''] = match ?? []
  const longDate = headerOf(request, 'x-amz-date') ?? ''
  const signedAt = parseLongDate(longDate)
  if (match === null || signedAt === null || !longDate.startsWith(shortDate))
    throw new AwsError('IncompleteSignature', 400, 'Authorization header or X-Amz-Date is malformed or they differ')
  return { accessKeyId, shortDate, region, service, signedHeaders: names.split(';'), signature, signedAt }
}

/**
 * Recomputes the signature with AWS's own signer and compares.
 *
 * @throws {AwsError} SignatureDoesNotMatch, also if a header that must be signed is not, or the body is not the signed one.
 */
export async function verifySignature(request: WireRequest, claim: Claim, secretAccessKey: string): Promise<void> {
  const signed = new Set(claim.signedHeaders)
  if (!signed.has('host') || !signed.has('x-amz-date')) throw mismatch('host and x-amz-date must be signed')
  checkPayloadHash(request)
  const { path, query } = splitTarget(request.target)
  const signer = new SignatureV4({
    credentials: { accessKeyId: claim.accessKeyId, secretAccessKey },
    region: claim.region,
    service: claim.service,
    sha256: Sha256,
    applyChecksum: false,
  })
  const expected = await signer.sign(
    {
      method: request.method,
      protocol: 'http:',
      hostname: headerOf(request, 'host') ?? '',
      path,
      query,
      headers: Object.fromEntries(claim.signedHeaders.map((name) => [name, headerOf(request, name) ?? ''])),
      body: request.body,
    },
    { signingDate: new Date(claim.signedAt), signableHeaders: signed },
  )
  const wanted = /Signature=([0-9a-f]{64})$/.exec(expected.headers['authorization'] ?? '')?.[1] ?? ''
  if (wanted.length !== 64 || !timingSafeEqual(Buffer.from(wanted), Buffer.from(claim.signature)))
    throw mismatch('The request signature we calculated does not match the signature you provided.')
}

/** The header's values joined as SigV4 wants them, or null. */
export function headerOf(request: WireRequest, name: string): string | null {
  const values = request.headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value.trim())
  return values.length === 0 ? null : values.join(',')
}

// The signer believes this header; the one who checks must not.
function checkPayloadHash(request: WireRequest): void {
  const claimed = headerOf(request, 'x-amz-content-sha256')
  if (claimed !== null && claimed !== createHash('sha256').update(request.body).digest('hex'))
    throw mismatch('x-amz-content-sha256 is not the hash of the body')
}

function parseLongDate(text: string): number | null {
  const [, year, month, day, hour, minute, second] = LONG_DATE.exec(text) ?? []
  if (second === undefined) return null
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return Number.isNaN(time) ? null : time
}

function splitTarget(target: string): { path: string; query: Record<string, string[]> } {
  const [path = '/', search = ''] = target.split('?', 2)
  const query: Record<string, string[]> = {}
  for (const pair of search.split('&').filter((text) => text !== '')) {
    const [key = '', value = ''] = pair.split('=', 2).map((text) => decodeURIComponent(text))
    query[key] = [...(query[key] ?? []), value]
  }
  return { path, query }
}

function mismatch(message: string): AwsError {
  return new AwsError('SignatureDoesNotMatch', 403, message)
}
