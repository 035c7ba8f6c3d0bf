import { readFileSync } from 'node:fs'
import { STSClient } from '@aws-sdk/client-sts'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { fromUtf8, utf8 } from '../../../shared/bytes.ts'
import { planFields } from '../../../shared/statements/plan.ts'
import { accessKeyBytes, parseAccessKey } from './access-key.ts'
import { assumeRoleInput } from './role-session.ts'
import { parseSession, sessionBytes } from './session.ts'
import { stepsOf } from './steps.ts'
import { codeAt, seedBytes } from './totp.ts'

const key = z.object({ accessKeyId: z.string(), secretAccessKey: z.string() })
const { credential, order, assumeRole, session, seededCredential, way } = z
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
    seededCredential: z.object({ ...key.shape, mfaSeed: z.string(), bytes: z.string() }),
    way: z.object({ access: planFields.access.extend({ regions: z.array(z.never()) }), calls: z.array(z.unknown()) }),
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
  it('says what a credential with the seed of an MFA device is', () => {
    const { bytes, ...plain } = seededCredential
    expect(fromUtf8(accessKeyBytes(plain))).toBe(bytes)
    expect(parseAccessKey(utf8(bytes))).toEqual(plain)
  })
  it('says which calls lead to the session over a role on the way', async () => {
    const { request, requester, purpose, seconds, reference, attempt } = order
    const facts = { id: request, requester, purpose, seconds, reference }
    const steps = stepsOf({ credential: new Uint8Array(0), access: way.access, request: facts, attempt })
    const calls: unknown[] = []
    const client = new STSClient({ region: 'eu-central-1', credentials: credential })
    client.middlewareStack.add(
      (_, { commandName }) =>
        ({ input }) => {
          calls.push({ call: commandName, ...input })
          return Promise.resolve({ output: { $metadata: {} }, response: {} })
        },
      { step: 'initialize', priority: 'high' },
    )
    // The time step 1, as in RFC 6238 appendix B.
    const TokenCode = codeAt(seedBytes(seededCredential.mfaSeed), 1)
    for (const { mfa, send } of steps)
      await send(client, mfa === null ? null : { SerialNumber: mfa, TokenCode }, AbortSignal.timeout(1000))
    expect(calls).toEqual(way.calls)
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
