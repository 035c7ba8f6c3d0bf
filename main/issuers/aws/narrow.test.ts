import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { fromUtf8, utf8 } from '../../../shared/bytes.ts'
import { planFields } from '../../../shared/statements/plan.ts'
import { narrowInputs } from './aftercare.ts'
import { denyOf } from './deny.ts'
import { parseRevoker, parseRotator, revokerBytes, rotatorBytes } from './narrow.ts'

const session = {
  accessKeyId: z.string(),
  expiration: z.int(),
  region: z.string(),
  secretAccessKey: z.string(),
  sessionToken: z.string(),
}
const rotating = z.object({ ...session, user: z.string(), mfaSeed: z.string().exactOptional(), bytes: z.string() })
const { order, now, calls, revoker, rotator, seededRotator, marks, deny } = z
  .object({
    order: z.object({
      access: planFields.access.extend({ regions: z.array(z.never()) }),
      request: z.string(),
      issuer: z.string(),
      attempt: z.int(),
      issued: z.object({ userId: z.string(), expires: z.int(), skewMs: z.int() }),
    }),
    now: z.int(),
    calls: z.unknown(),
    revoker: z.object({ ...session, roleName: z.string(), userId: z.string(), bytes: z.string() }),
    rotator: rotating,
    seededRotator: rotating,
    marks: z.object({ sourceIdentity: z.string(), request: z.string(), attempt: z.int(), issued: z.int() }),
    deny: z.object({ name: z.string(), texts: z.array(z.object({ means: z.string(), document: z.string() })) }),
  })
  .parse(JSON.parse(readFileSync(new URL('./vectors/aftercare.json', import.meta.url), 'utf8')))

describe('docs/formats/aws.md', () => {
  it('says what AssumeRole is asked for beside the access', () => {
    const rest = { credential: new Uint8Array(0), signal: new AbortController().signal }
    expect(narrowInputs({ ...order, ...rest }, now)).toEqual(calls)
  })
  it('says that a revoker of the longest session lives as long as AWS lets it', () => {
    const issued = { ...order.issued, expires: now + 43_200_000 }
    const rest = { credential: new Uint8Array(0), signal: new AbortController().signal, issued }
    expect(narrowInputs({ ...order, ...rest }, now).revoker?.DurationSeconds).toBe(43_200)
  })
  it('says what the box of a revoker holds', () => {
    const { bytes, ...plain } = revoker
    expect(fromUtf8(revokerBytes(plain))).toBe(bytes)
    expect(parseRevoker(utf8(bytes))).toEqual(plain)
  })
  it('says which policy ends the session', () => {
    expect(denyOf(order.issued.userId, marks)).toEqual(deny)
  })
  it('says which ends it where its time of issue is not borne out', () => {
    const { name, texts } = deny
    expect(denyOf(order.issued.userId, { ...marks, issued: null })).toEqual({ name, texts: texts.slice(1) })
  })
  it.each([
    ['without a seed', rotator],
    ['with the seed of an MFA device', seededRotator],
  ])('says what the box of a rotator holds, %s', (_, { bytes, ...plain }) => {
    expect(fromUtf8(rotatorBytes(plain))).toBe(bytes)
    expect(parseRotator(utf8(bytes))).toEqual(plain)
  })
})

describe('what is in a box', () => {
  it.each([
    ['is the other one', rotator.bytes],
    ['is not canonical', ` ${revoker.bytes}`],
    ['names a role by its path', revoker.bytes.replace('"roleName":"', '"roleName":"emergency/')],
    ['singles out no session', revoker.bytes.replace(':lb-', '-lb-')],
    ['has one field more', revoker.bytes.replace('{', '{"a":1,')],
  ])('is no revoker if it %s, and is not quoted', (_, bytes) => {
    expect(() => parseRevoker(utf8(bytes))).toThrow(
      expect.objectContaining({ code: 'invalid', message: 'the box does not hold a session that may revoke' }),
    )
  })
})
