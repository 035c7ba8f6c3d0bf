import { DeleteRolePolicyCommand, IAMClient, ListRolePoliciesCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam'
import { describe, expect, it } from 'vitest'
import { FAULT_TABLE, type Fault } from '../../../e2e/sandbox-aws/faults.ts'
import { EMERGENCY_ROLE, EMERGENCY_USER, REVOKER_ROLE, ROLE_NAME } from '../../../e2e/sandbox-aws/sandbox.ts'
import { digest, utf8 } from '../../../shared/bytes.ts'
import type { RequestFacts } from '../issuer.ts'
import { awsIssuer } from './issuer.ts'
import { denialOf } from './refused.ts'
import { deleteDeny, denyOf, lookForDeny, putDeny } from './revoking.ts'
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
  return {
    revoker: made.revoker?.session ?? new Uint8Array(0),
    userId: issued.userId ?? '',
    denial: async () => (await denialOf(session, issued.endpoint)).is,
  }
}
const other = { id: digest(utf8('another case')) }
const put = (revoker: Uint8Array, timeoutMs = 10_000) => putDeny(revoker, sandbox.iam, timeoutMs)

describe('a session', () => {
  it('is ended by the deny, and no other is', async () => {
    await start({ users })
    const [one, two] = [await running(), await running(other)]
    expect([await one.denial(), await two.denial()]).toEqual(['not-denied', 'not-denied'])
    expect(await put(one.revoker)).toEqual({ is: 'done', policy: denyOf(one.userId).name })
    expect([await one.denial(), await two.denial()]).toEqual(['denied', 'not-denied'])
    expect(await put(two.revoker)).toMatchObject({ is: 'done' })
    expect([await one.denial(), await two.denial()]).toEqual(['denied', 'denied'])
    expect(await policies()).toEqual(['inline', denyOf(one.userId).name, denyOf(two.userId).name])
  })
  it('is ended once, however often and by however many that is asked', async () => {
    await start({ users })
    const { revoker, userId, denial } = await running()
    await Promise.all([put(revoker), put(revoker)])
    expect(await put(revoker)).toMatchObject({ is: 'done' })
    expect(await policies()).toEqual(['inline', denyOf(userId).name])
    expect(await denial()).toBe('denied')
  })
  it('is said to go on as long as AWS lets it', async () => {
    let now = Date.now()
    await start({ users, propagationMs: 8000, clock: () => now })
    const { revoker, denial } = await running()
    expect(await put(revoker)).toMatchObject({ is: 'done' })
    expect(await denial()).toBe('not-denied')
    now += 8000
    expect(await denial()).toBe('denied')
  })
  it('is said to go on at a server that has the policy and does not heed its condition', async () => {
    await start({ users, withoutKeys: ['aws:userid'] })
    const { revoker, denial } = await running()
    expect(await put(revoker)).toMatchObject({ is: 'done' })
    expect(await denial()).toBe('not-denied')
  })
  it('goes on when the deny is taken away, which may be asked for twice', async () => {
    await start({ users })
    const { revoker, userId, denial } = await running()
    await put(revoker)
    expect(await deleteDeny(revoker, sandbox.iam)).toEqual({ is: 'done', policy: denyOf(userId).name })
    expect(await deleteDeny(revoker, sandbox.iam)).toMatchObject({ is: 'done' })
    expect(await policies()).toEqual(['inline'])
    expect(await denial()).toBe('not-denied')
  })
  it('is seen to lack its deny when somebody changed it or took it away', async () => {
    await start({ users })
    const { revoker, userId } = await running()
    const look = async () => (await lookForDeny(revoker, sandbox.iam)).is
    expect(await look()).toBe('gone')
    await put(revoker)
    expect(await look()).toBe('there')
    const named = { RoleName: ROLE_NAME, PolicyName: denyOf(userId).name }
    const weaker = denyOf(userId).document.replace('"Action":"*"', '"Action":"s3:*"')
    await iam().send(new PutRolePolicyCommand({ ...named, PolicyDocument: weaker }))
    expect(await look()).toBe('gone')
    await put(revoker)
    expect(await look()).toBe('there')
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
    const { revoker, denial } = await running()
    expect(await denial()).toBe('not-denied')
    await put(revoker)
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
    const { revoker, denial } = await running()
    sandbox.fault(fault, { action })
    expect(await put(revoker, fault.kind === 'silent' ? 400 : 10_000)).toMatchObject({ is: 'unreached' })
    expect(await put(revoker)).toMatchObject({ is: 'done' })
    expect(await denial()).toBe('denied')
  })
  it.each(FAULT_TABLE)(
    'is not said to be gone when DeleteRolePolicy fails $when it took effect ($fault.kind), and is taken away again',
    async ({ when, fault }) => {
      await start({ users })
      const { revoker, userId, denial } = await running()
      await put(revoker)
      sandbox.fault(fault, { action: 'DeleteRolePolicy' })
      const timeoutMs = fault.kind === 'silent' ? 400 : 10_000
      // Half an answer says enough: AWS carried it out.
      const is = fault.kind === 'garbled' ? 'done' : 'unreached'
      expect(await deleteDeny(revoker, sandbox.iam, timeoutMs)).toMatchObject({ is })
      expect(await policies()).toEqual(when === 'before' ? ['inline', denyOf(userId).name] : ['inline'])
      expect(await denial()).toBe(when === 'before' ? 'denied' : 'not-denied')
      expect(await deleteDeny(revoker, sandbox.iam)).toEqual({ is: 'done', policy: denyOf(userId).name })
      expect(await policies()).toEqual(['inline'])
    },
  )
  it.each([
    ['another policy', encodeURIComponent(denyOf('AROA0000000000000000:lb-other-1').document)],
    ['what cannot be decoded', '%'],
  ])('is not said to be there when AWS gives back %s', async (_, document) => {
    await start({ users })
    const { revoker } = await running()
    const at = await answering('GetRolePolicy', `<PolicyDocument>${document}</PolicyDocument>`)
    expect(await putDeny(revoker, at)).toMatchObject({
      is: 'unreached',
      words: expect.stringContaining('give it back') as unknown,
    })
  })
  it('is refused in AWS’s words where the revoker may not put it', async () => {
    const policy = (REVOKER_ROLE.policy ?? '').replace('"iam:PutRolePolicy",', '')
    await start({ users, roles: [EMERGENCY_ROLE, { ...REVOKER_ROLE, policy }] })
    expect(await put((await running()).revoker)).toMatchObject({
      is: 'refused',
      code: 'denied',
      words: expect.stringMatching(/^AWS refused to deny the session\. AccessDenied: .*iam:PutRolePolicy/) as unknown,
    })
  })
  it('is refused to a revoker that is over', async () => {
    let now = Date.now()
    const roles = [EMERGENCY_ROLE, { ...REVOKER_ROLE, sessionSeconds: 3 }]
    await start({ users, roles, clock: () => now })
    const { revoker } = await running()
    now += 3000
    expect(await put(revoker)).toMatchObject({
      is: 'refused',
      code: 'expired-key',
      words: 'The narrow session that was to deny the session is over.',
    })
  })
  it('says what to do where the role has no room for it', async () => {
    await start({ users })
    const { revoker } = await running()
    const Action = Array.from({ length: 840 }, (_, at) => `s3:Get${at}`)
    const Statement = [{ Effect: 'Allow', Action, Resource: '*' }]
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement })
    await iam().send(new PutRolePolicyCommand({ RoleName: ROLE_NAME, PolicyName: 'wide', PolicyDocument }))
    expect(await put(revoker)).toMatchObject({ is: 'refused', words: expect.stringContaining('10,240') as unknown })
  })
})
