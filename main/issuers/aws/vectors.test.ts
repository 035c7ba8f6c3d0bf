import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { fromUtf8, utf8 } from '../../../shared/bytes.ts'
import { accessKeyBytes, parseAccessKey } from './access-key.ts'
import { assumeRoleInput } from './role-session.ts'
import { parseSession, sessionBytes } from './session.ts'

const key = z.object({ accessKeyId: z.string(), secretAccessKey: z.string() })
const { credential, order, assumeRole, session } = z
  .object({
    credential: z.object({ ...key.shape, bytes: z.string() }),
    order: z.object({
      roleArn: z.string(),
      request: z.string(),
      requester: z.string(),
      purpose: z.enum(['access', 'drill']),
      seconds: z.int(),
      reference: z.string(),
      attempt: z.int(),
    }),
    assumeRole: z.record(z.string(), z.unknown()),
    session: z.object({
      ...key.shape,
      expiration: z.int(),
      region: z.string(),
      sessionToken: z.string(),
      bytes: z.string(),
    }),
  })
  .parse(JSON.parse(readFileSync(new URL('./vectors/issue.json', import.meta.url), 'utf8')))

describe('docs/formats/aws.md', () => {
  it('says what a deposited credential is', () => {
    const { bytes, ...plain } = credential
    expect(fromUtf8(accessKeyBytes(plain))).toBe(bytes)
    expect(parseAccessKey(utf8(bytes))).toEqual(plain)
  })
  it('says what AssumeRole is asked for', () => {
    const { roleArn, request, requester, purpose, seconds, reference, attempt } = order
    const access = { kind: 'aws-sts' as const, roleArn, sessionPolicy: null, regions: [] }
    const facts = { id: request, requester, purpose, seconds, reference }
    expect(assumeRoleInput({ credential: new Uint8Array(0), access, request: facts, attempt })).toEqual(assumeRole)
  })
  it('says what a handover holds', () => {
    const { bytes, ...plain } = session
    expect(fromUtf8(sessionBytes(plain))).toBe(bytes)
    expect(parseSession(utf8(bytes))).toEqual(plain)
  })
  it('refuses a session that is not canonical', () => {
    expect(() => parseSession(utf8(` ${session.bytes}`))).toThrow(expect.objectContaining({ code: 'invalid' }))
  })
})
