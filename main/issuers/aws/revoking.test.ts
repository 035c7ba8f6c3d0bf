import {
  DeleteRolePolicyCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam'
import { describe, expect, it } from 'vitest'
import { FAULT_TABLE, type Fault } from '../../../e2e/sandbox-aws/faults.ts'
import { EMERGENCY_ROLE, EMERGENCY_USER, REVOKER_ROLE, ROLE_NAME } from '../../../e2e/sandbox-aws/sandbox.ts'
import { digest, utf8 } from '../../../shared/bytes.ts'
import type { DenyMeans } from '../../../shared/statements/aftercare.ts'
import type { RequestFacts } from '../issuer.ts'
import { denyName, denyOf } from './deny.ts'
import { awsIssuer } from './issuer.ts'
import { denialOf } from './refused.ts'
import { deleteDeny, lookForDeny, putDeny } from './revoking.ts'
import { parseSession } from './session.ts'
import { answering } from './testing/answering.ts'
import { aftercareOf, order, sandbox, start } from './testing/scene.ts'

const admin = {
  name: 'admin',
  policy: JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: 'iam:*', Resource: '*' } }),
}
const users = [EMERGENCY_USER, admin]
const iam = () => {
  const credentials = sandbox.accessKeys.get('admin') ?? sandbox.accessKey
  return new IAMClient({ ...sandbox.iam, credentials, maxAttempts: 1 })
}
const policies = async () => (await iam().send(new ListRolePoliciesCommand({ RoleName: ROLE_NAME }))).PolicyNames

/** A running session of a case, and what ends it. */
async function running(change: Partial<RequestFacts> = {}) {
  const one = order(change, { aftercare: sandbox.aftercare })
  const issued = await awsIssuer().issue(one)
  const made = await aftercareOf(one, issued)
  const session = parseSession(issued.session)
  const { id, requester, seconds } = one.request
  const marks = {
    sourceIdentity: requester,
    request: id,
    attempt: one.attempt,
    issued: issued.expires - seconds * 1000,
  }
  const revoker = made.revoker?.session ?? new Uint8Array(0)
  return {
    revoker,
    userId: issued.userId ?? '',
    marks,
    put: (timeoutMs = 10_000) => putDeny(revoker, marks, sandbox.iam, timeoutMs),
    look: async (means: DenyMeans = 'userid-or-issued') => (await lookForDeny(revoker, marks, means, sandbox.iam)).is,
    denial: async () => (await denialOf(session, issued.endpoint)).is,
  }
}
const OTHERS = { sourceIdentity: 'eve', request: 'other', attempt: 1, issued: null }
const other = { id: digest(utf8('another case')) }
const issuer = 'EBESExQVFhcYGRobHB0eHw'
/** Takes the role's room with a policy of so many actions. */
async function fill(length: number) {
  const Action = Array.from({ length }, (_, at) => `s3:Get${at}`)
  const Statement = [{ Effect: 'Allow', Action, Resource: '*' }]
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement })
  await iam().send(new PutRolePolicyCommand({ RoleName: ROLE_NAME, PolicyName: 'wide', PolicyDocument }))
}
/** The text of a deny that the role has. */
async function document(userId: string) {
  const named = { RoleName: ROLE_NAME, PolicyName: denyName(userId) }
  return decodeURIComponent((await iam().send(new GetRolePolicyCommand(named))).PolicyDocument ?? '')
}

describe('a session', () => {
  it('is ended by the deny, and no other is', async () => {
    await start({ users })
    const [one, two] = [await running(), await running(other)]
    expect([await one.denial(), await two.denial()]).toEqual(['not-denied', 'not-denied'])
    expect(await one.put()).toEqual({ is: 'done', policy: denyName(one.userId), means: 'userid-or-issued' })
    expect([await one.denial(), await two.denial()]).toEqual(['denied', 'not-denied'])
    expect(await two.put()).toMatchObject({ is: 'done' })
    expect([await one.denial(), await two.denial()]).toEqual(['denied', 'denied'])
    expect(await policies()).toEqual(['inline', denyName(one.userId), denyName(two.userId)])
  })
  it('is ended once, however often and by however many that is asked', async () => {
    await start({ users })
    const { userId, denial, put } = await running()
    await Promise.all([put(), put()])
    expect(await put()).toMatchObject({ is: 'done' })
    expect(await policies()).toEqual(['inline', denyName(userId)])
    expect(await denial()).toBe('denied')
  })
  it('is said to go on as long as AWS lets it', async () => {
    let now = Date.now()
    await start({ users, propagationMs: 8000, clock: () => now })
    const { denial, put } = await running()
    expect(await put()).toMatchObject({ is: 'done' })
    expect(await denial()).toBe('not-denied')
    now += 8000
    expect(await denial()).toBe('denied')
  })
  it('is ended at a server that does not heed its user id, and no other of the same person is', async () => {
    await start({ users, withoutKeys: ['aws:userid'] })
    const [one, two] = [await running(), await running(other)]
    expect(await one.put()).toMatchObject({ is: 'done', means: 'userid-or-issued' })
    expect([await one.denial(), await two.denial()]).toEqual(['denied', 'not-denied'])
  })
  it.each(['aws:SourceIdentity', 'aws:TokenIssueTime', 'aws:PrincipalTag'])(
    'is ended at a server that does not know %s, and no other of the same second is',
    async (key) => {
      await start({ users, withoutKeys: [key] })
      const [one, two] = [await running(), await running({ ...other, requester: issuer })]
      expect(await one.put()).toMatchObject({ is: 'done' })
      expect([await one.denial(), await two.denial()]).toEqual(['denied', 'not-denied'])
    },
  )
  it('is ended at a server that heeds neither user id nor tags, and none of another second is', async () => {
    let now = Date.now()
    await start({ users, withoutKeys: ['aws:userid', 'aws:PrincipalTag'], clock: () => now })
    const before = await running(other)
    now += 3000
    const one = await running()
    now += 3000
    const after = await running(other)
    expect(await one.put()).toMatchObject({ is: 'done' })
    expect([await before.denial(), await one.denial(), await after.denial()]).toEqual([
      'not-denied',
      'denied',
      'not-denied',
    ])
  })
  it('is ended by its user id alone at a server that refuses times in conditions', async () => {
    await start({ users, withoutOperators: ['DateGreaterThanEquals', 'DateLessThanEquals'] })
    const { userId, marks, revoker, put, look, denial } = await running()
    expect(await put()).toEqual({ is: 'done', policy: denyName(userId), means: 'userid' })
    expect(await denial()).toBe('denied')
    expect(sandbox.log.filter(({ action }) => action === 'PutRolePolicy').map(({ outcome }) => outcome)).toEqual([
      'MalformedPolicyDocument',
      'ok',
    ])
    expect([await look('userid'), await look()]).toEqual(['there', 'gone'])
    expect(await document(userId)).toBe(denyOf(userId, marks).texts[1]?.document)
    expect(await deleteDeny(revoker, sandbox.iam)).toMatchObject({ is: 'done' })
    expect([await look('userid'), await policies()]).toEqual(['gone', ['inline']])
  })
  it('is ended by its user id alone at a server that keeps no more of the text than that', async () => {
    await start({ users })
    const { revoker, userId, marks } = await running()
    const kept = encodeURIComponent(denyOf(userId, marks).texts[1]?.document ?? '')
    const at = await answering('GetRolePolicy', `<PolicyDocument>${kept}</PolicyDocument>`)
    expect(await putDeny(revoker, marks, at)).toEqual({ is: 'done', policy: denyName(userId), means: 'userid' })
  })
  it('is not said to be ended by any means at a server that refuses every condition', async () => {
    await start({ users, withoutOperators: ['StringEquals'] })
    const { put } = await running()
    expect(await put()).toMatchObject({ is: 'refused', code: 'invalid' })
    expect(await policies()).toEqual(['inline'])
  })
  it('is ended by its user id alone where the role has no room for more', async () => {
    await start({ users })
    const { userId, put, denial } = await running()
    await fill(815)
    expect(await put()).toEqual({ is: 'done', policy: denyName(userId), means: 'userid' })
    expect(await denial()).toBe('denied')
  })
  it('is said to go on at a server that has the policy and heeds nothing of it', async () => {
    await start({ users, withoutKeys: ['aws:userid', 'aws:TokenIssueTime'] })
    const { denial, put } = await running()
    expect(await put()).toMatchObject({ is: 'done' })
    expect(await denial()).toBe('not-denied')
  })
  it('goes on when the deny is taken away, which may be asked for twice', async () => {
    await start({ users })
    const { revoker, userId, denial, put } = await running()
    await put()
    expect(await deleteDeny(revoker, sandbox.iam)).toEqual({ is: 'done', policy: denyName(userId) })
    expect(await deleteDeny(revoker, sandbox.iam)).toMatchObject({ is: 'done' })
    expect(await policies()).toEqual(['inline'])
    expect(await denial()).toBe('not-denied')
  })
  it('is seen to lack its deny when somebody changed it or took it away', async () => {
    await start({ users })
    const { userId, marks, put, look } = await running()
    expect(await look()).toBe('gone')
    await put()
    expect(await look()).toBe('there')
    const named = { RoleName: ROLE_NAME, PolicyName: denyName(userId) }
    const weaker = denyOf(userId, marks).texts[0].document.replace('"Action":"*"', '"Action":"s3:*"')
    await iam().send(new PutRolePolicyCommand({ ...named, PolicyDocument: weaker }))
    expect(await look()).toBe('gone')
    await put()
    expect(await look()).toBe('there')
    const [both, alone] = denyOf(userId, marks).texts.map(({ document: PolicyDocument }) => PolicyDocument)
    await iam().send(new PutRolePolicyCommand({ ...named, PolicyDocument: alone }))
    expect([await look(), await look('userid')]).toEqual(['gone', 'there'])
    await iam().send(new PutRolePolicyCommand({ ...named, PolicyDocument: both }))
    expect([await look(), await look('userid')]).toEqual(['there', 'there'])
    // That of another device's session of an attempt with the same number.
    const twin = denyOf(userId, { ...marks, issued: marks.issued + 60_000 }).texts[0].document
    expect(twin).not.toBe(both)
    await iam().send(new PutRolePolicyCommand({ ...named, PolicyDocument: twin }))
    expect(await look()).toBe('there')
    const another = denyOf(userId, { ...marks, sourceIdentity: 'eve' }).texts[0].document
    await iam().send(new PutRolePolicyCommand({ ...named, PolicyDocument: another }))
    expect(await look()).toBe('gone')
    await iam().send(new DeleteRolePolicyCommand(named))
    expect(await look()).toBe('gone')
    sandbox.fault({ kind: 'throttled' })
    expect(await look()).toBe('unreached')
  })
  it('of a drill, which is denied everything from the start, is not seen to end', async () => {
    await start({ users })
    const { denial } = await running({ purpose: 'drill' })
    expect(await denial()).toBe('unknown')
  })
  it('whose role allows it nothing is not taken for one that was ended', async () => {
    await start({ users, roles: [{ ...EMERGENCY_ROLE, policy: REVOKER_ROLE.policy ?? '' }, REVOKER_ROLE] })
    const { denial, put } = await running()
    expect(await denial()).toBe('not-denied')
    await put()
    expect(await denial()).toBe('denied')
  })
  it('that is over, or cannot ask, is neither denied nor not', async () => {
    let now = Date.now()
    await start({ users, sessionSeconds: 3, clock: () => now })
    const { denial } = await running()
    sandbox.fault({ kind: 'throttled' })
    expect(await denial()).toBe('unknown')
    now += 3000
    expect(await denial()).toBe('expired')
  })
})

describe('the deny', () => {
  /** Half an answer to the put says enough: what is read back counts. */
  const isHarmless = ({ action, fault }: { action: string; fault: Fault }) =>
    action === 'PutRolePolicy' && fault.kind === 'garbled'

  it.each(
    ['PutRolePolicy', 'GetRolePolicy'].flatMap((action) =>
      FAULT_TABLE.map((row) => ({ action, ...row })).filter((row) => !isHarmless(row)),
    ),
  )('is not said to be there when $action fails $when it took effect ($fault.kind), and is put again', async (row) => {
    const { action, fault } = row
    await start({ users })
    const { denial, put } = await running()
    sandbox.fault(fault, { action })
    expect(await put(fault.kind === 'silent' ? 400 : 10_000)).toMatchObject({ is: 'unreached' })
    expect(await put()).toMatchObject({ is: 'done' })
    expect(await denial()).toBe('denied')
  })
  it.each(FAULT_TABLE)(
    'is not said to be gone when DeleteRolePolicy fails $when it took effect ($fault.kind), and is taken away again',
    async ({ when, fault }) => {
      await start({ users })
      const { revoker, userId, denial, put } = await running()
      await put()
      sandbox.fault(fault, { action: 'DeleteRolePolicy' })
      const timeoutMs = fault.kind === 'silent' ? 400 : 10_000
      // Half an answer says enough: AWS carried it out.
      const is = fault.kind === 'garbled' ? 'done' : 'unreached'
      expect(await deleteDeny(revoker, sandbox.iam, timeoutMs)).toMatchObject({ is })
      expect(await policies()).toEqual(when === 'before' ? ['inline', denyName(userId)] : ['inline'])
      expect(await denial()).toBe(when === 'before' ? 'denied' : 'not-denied')
      expect(await deleteDeny(revoker, sandbox.iam)).toEqual({ is: 'done', policy: denyName(userId) })
      expect(await policies()).toEqual(['inline'])
    },
  )
  it.each([
    ['another policy', encodeURIComponent(denyOf('AROA0000000000000000:lb-other-1', OTHERS).texts[0].document)],
    ['what cannot be decoded', '%'],
  ])('is not said to be there when AWS gives back %s', async (_, document) => {
    await start({ users })
    const { revoker, marks } = await running()
    const at = await answering('GetRolePolicy', `<PolicyDocument>${document}</PolicyDocument>`)
    expect(await putDeny(revoker, marks, at)).toMatchObject({
      is: 'unreached',
      words: expect.stringContaining('give it back') as unknown,
    })
  })
  it('is refused in AWS’s words where the revoker may not put it', async () => {
    const policy = (REVOKER_ROLE.policy ?? '').replace('"iam:PutRolePolicy",', '')
    await start({ users, roles: [EMERGENCY_ROLE, { ...REVOKER_ROLE, policy }] })
    expect(await (await running()).put()).toMatchObject({
      is: 'refused',
      code: 'denied',
      words: expect.stringMatching(/^AWS refused to deny the session\. AccessDenied: .*iam:PutRolePolicy/) as unknown,
    })
  })
  it('is refused to a revoker that is over', async () => {
    let now = Date.now()
    const roles = [EMERGENCY_ROLE, { ...REVOKER_ROLE, sessionSeconds: 3 }]
    await start({ users, roles, clock: () => now })
    const { put } = await running()
    now += 3000
    expect(await put()).toMatchObject({
      is: 'refused',
      code: 'expired-key',
      words: 'The narrow session that was to deny the session is over.',
    })
  })
  it('says what to do where the role has no room for it', async () => {
    await start({ users })
    const { put } = await running()
    await fill(840)
    expect(await put()).toMatchObject({ is: 'refused', words: expect.stringContaining('10,240') as unknown })
  })
})
