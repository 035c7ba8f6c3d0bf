import {
  CreateAccessKeyCommand,
  DeleteAccessKeyCommand,
  DeleteRolePolicyCommand,
  GetAccessKeyLastUsedCommand,
  IAMClient,
  ListAccessKeysCommand,
  PutRolePolicyCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam'
import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  GetAccessKeyInfoCommand,
  GetCallerIdentityCommand,
  STSClient,
} from '@aws-sdk/client-sts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { accessKeyBytes } from '../../main/issuers/aws/access-key.ts'
import { awsIssuer } from '../../main/issuers/aws/issuer.ts'
import { parseSession } from '../../main/issuers/aws/session.ts'
import { digest, utf8 } from '../../shared/bytes.ts'
import { PLAN_TEMPLATES } from '../../shared/org/templates.ts'
import { parsePolicy, verdictOf } from '../sandbox-aws/policy.ts'
import { type Sandbox, startSandbox } from '../sandbox-aws/sandbox.ts'
import { accountOf } from './account.ts'
import { matches } from './event-pattern.ts'
import { fromCloudFormation, fromTerraform } from './templates.ts'

type Keys = { accessKeyId: string; secretAccessKey: string; sessionToken?: string }

const meaning = fromCloudFormation()
const USER = meaning.user.name
const ARN = 'arn:aws:iam::111122223333:role/'

let sandbox: Sandbox
afterEach(() => sandbox?.close())

/** An account as the templates make it, with an administrator, an operator and a deployer beside. */
async function start(guarded = true): Promise<void> {
  sandbox = await startSandbox(accountOf(meaning, guarded))
}

const sts = (keys: Keys) => {
  const [at] = sandbox.regions
  if (!at) throw new TypeError('the sandbox has no region')
  return new STSClient({ ...at, credentials: keys, maxAttempts: 1 })
}
const iam = (keys: Keys) => new IAMClient({ ...sandbox.iam, credentials: keys, maxAttempts: 1 })
const admin = () => sandbox.accessKeys.get('admin') ?? sandbox.accessKey

async function assume(role: string, keys: Keys, change: Partial<AssumeRoleCommandInput> = {}): Promise<Keys> {
  const input = { RoleArn: ARN + role, RoleSessionName: 'lb-case-1', SourceIdentity: 'ana', ...change }
  const { Credentials } = await sts(keys).send(new AssumeRoleCommand(input))
  return {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  }
}
const refused = { name: 'AccessDenied' }
const putDeny = (keys: Keys, RoleName: string) => {
  const Condition = { StringLike: { 'aws:userid': '*:lb-case-1' } }
  const Statement = { Effect: 'Deny', Action: '*', Resource: '*', Condition }
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement })
  return iam(keys).send(new PutRolePolicyCommand({ RoleName, PolicyName: 'end', PolicyDocument }))
}
const FIRST = 'lockbox-emergency-identity-provider-down'

describe('the set-up', () => {
  it('means the same in CloudFormation and in Terraform', () => {
    expect(fromTerraform()).toEqual(meaning)
  })
  it('has a role for each template of a plan, with that template’s permissions and its longest duration', () => {
    for (const { emergency, sessionPolicy, durations } of PLAN_TEMPLATES) {
      const role = meaning.roles[`lockbox-emergency-${emergency}`]
      const { Statement } = JSON.parse(sessionPolicy) as { Statement: { Action: string | string[] }[] }
      expect(role?.policy).toMatchObject({ Statement: Statement.map(({ Action }) => ({ Action: [Action].flat() })) })
      expect(role?.seconds).toBeGreaterThanOrEqual(Math.max(...durations))
    }
    expect(Object.keys(meaning.roles)).toHaveLength(PLAN_TEMPLATES.length + 2)
  })
  it('rings for reading calls too, and leaves out no rule', () => {
    expect(Object.values(meaning.alarms).map(({ state }) => state)).toEqual(
      Array.from({ length: 4 }, () => 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS'),
    )
    const patterns = JSON.stringify(meaning.alarms)
    for (const named of [USER, ARN.replace('role/', 'role/lockbox-')]) expect(patterns).toContain(named)
  })
  it('fits into what AWS takes: 2,048 characters of a user’s inline policy, 5,120 of a service control policy', () => {
    expect(JSON.stringify(meaning.user.policy).length).toBeLessThanOrEqual(2048)
    expect(JSON.stringify(meaning.guardRail).length).toBeLessThanOrEqual(5120)
  })
})

describe('the alarms', () => {
  /** The rules that ring for each call that CloudTrail has recorded since, as EventBridge hands it on. */
  const rings = (since = 0) =>
    sandbox.events.slice(since).map(({ name, source, record }) => {
      const detail: unknown = JSON.parse(record)
      const event = {
        source: source.replace(/^(\w+)\.amazonaws\.com$/, 'aws.$1'),
        'detail-type': 'AWS API Call via CloudTrail',
        detail,
      }
      const told = Object.entries(meaning.alarms).filter(([, { pattern }]) => matches(pattern, event))
      return [name, ...told.map(([rule]) => rule.replace('lockbox-emergency-', ''))]
    })

  it('ring for each call of the user, and of its sessions of every kind', async () => {
    await start()
    const session = await assume(FIRST, sandbox.accessKey)
    await sts(session).send(new GetAccessKeyInfoCommand({ AccessKeyId: session.accessKeyId }))
    await putDeny(await assume('lockbox-revoker', sandbox.accessKey), FIRST)
    const rotator = await assume('lockbox-rotator', sandbox.accessKey)
    await iam(rotator).send(new CreateAccessKeyCommand({ UserName: USER }))
    await expect(putDeny(sandbox.accessKey, FIRST)).rejects.toMatchObject(refused)
    expect(rings()).toEqual([
      ['AssumeRole', 'user-acts', 'role-taken'],
      ['GetAccessKeyInfo', 'session-acts'],
      ['AssumeRole', 'user-acts', 'role-taken'],
      ['PutRolePolicy', 'session-acts', 'access-changed'],
      ['AssumeRole', 'user-acts', 'role-taken'],
      ['CreateAccessKey', 'session-acts', 'access-changed'],
      ['PutRolePolicy', 'user-acts', 'access-changed'],
    ])
  })
  it('ring for whoever else takes a role or changes user or roles, also where AWS denies it and records no more of what was asked for', async () => {
    await start()
    await expect(assume(FIRST, admin())).rejects.toMatchObject(refused)
    await expect(putDeny(admin(), FIRST)).rejects.toMatchObject(refused)
    await expect(iam(admin()).send(new CreateAccessKeyCommand({ UserName: USER }))).rejects.toMatchObject(refused)
    expect(sandbox.events.map(({ record }) => JSON.parse(record) as unknown)).toMatchObject(
      Array.from({ length: 3 }, () => ({ requestParameters: null, errorCode: 'AccessDenied' })),
    )
    const deployer = await assume('security-deployer', admin())
    const since = sandbox.events.length
    await putDeny(deployer, FIRST)
    expect([...rings().slice(0, 3), ...rings(since)]).toEqual([
      ['AssumeRole', 'role-taken'],
      ['PutRolePolicy', 'access-changed'],
      ['CreateAccessKey', 'access-changed'],
      ['PutRolePolicy', 'access-changed'],
    ])
  })
  // Of sign-ins AWS's guide to EventBridge spells the kind in another way than its events do.
  it.each([
    'AWS API Call via CloudTrail',
    'AWS Console Action via CloudTrail',
    'AWS Console Sign In via CloudTrail',
    'AWS Console Signin via CloudTrail',
  ])('ring for the user and for a session in the console too: %s', (kind) => {
    const issuer = { type: 'Role', arn: `${ARN}${FIRST}` }
    const session = { type: 'AssumedRole', sessionContext: { sessionIssuer: issuer } }
    // Records of sign-ins may lack the context.
    const bare = {
      type: 'AssumedRole',
      arn: `${ARN.replace('iam', 'sts').replace('role/', 'assumed-role/')}${FIRST}/lb-x-1`,
    }
    for (const [userIdentity, rule] of [
      [{ type: 'IAMUser', userName: USER }, 'lockbox-emergency-user-acts'],
      [session, 'lockbox-emergency-session-acts'],
      [bare, 'lockbox-emergency-session-acts'],
    ] as const)
      expect(matches(meaning.alarms[rule]?.pattern, { 'detail-type': kind, detail: { userIdentity } })).toBe(true)
  })
  it('do not ring for what is nobody’s emergency', async () => {
    await start()
    await assume('security-deployer', admin())
    await putDeny(admin(), 'security-deployer')
    await sts(admin()).send(new GetCallerIdentityCommand({}))
    await iam(admin()).send(new CreateAccessKeyCommand({ UserName: 'admin' }))
    await expect(assume('security-auditor', admin())).rejects.toMatchObject(refused)
    expect(rings()).toEqual([
      ['AssumeRole'],
      ['PutRolePolicy'],
      ['GetCallerIdentity'],
      ['CreateAccessKey'],
      ['AssumeRole'],
    ])
  })
})

describe('the emergency user', () => {
  it('is what Lockbox issues with, for every role', async () => {
    await start()
    for (const { emergency } of PLAN_TEMPLATES) {
      const order = {
        credential: accessKeyBytes(sandbox.accessKey),
        access: {
          kind: 'aws-sts' as const,
          roleArn: `${ARN}lockbox-emergency-${emergency}`,
          sessionPolicy: null,
          regions: [...sandbox.regions],
        },
        request: {
          id: digest(utf8(emergency)),
          requester: 'AAECAwQFBgcICQoLDA0ODw',
          purpose: 'access' as const,
          seconds: 900,
          reference: 'INC-7',
        },
        attempt: 1,
      }
      const issued = await awsIssuer().issue(order)
      const { accessKeyId, secretAccessKey, sessionToken } = parseSession(issued.session)
      const session = { accessKeyId, secretAccessKey, sessionToken }
      expect(await sts(session).send(new GetCallerIdentityCommand({}))).toMatchObject({ Account: sandbox.account })
    }
  })
  it('makes a second key of its own, and none of anybody else', async () => {
    await start()
    await iam(sandbox.accessKey).send(new CreateAccessKeyCommand({}))
    expect(sandbox.activeKeys(USER)).toHaveLength(2)
    await expect(iam(sandbox.accessKey).send(new CreateAccessKeyCommand({ UserName: 'admin' }))).rejects.toMatchObject(
      refused,
    )
  })
  it('may assume nothing else, call nothing else, and change no role', async () => {
    await start()
    await expect(assume('security-deployer', sandbox.accessKey)).rejects.toMatchObject(refused)
    const info = new GetAccessKeyInfoCommand({ AccessKeyId: sandbox.accessKey.accessKeyId })
    await expect(sts(sandbox.accessKey).send(info)).rejects.toMatchObject(refused)
    await expect(putDeny(sandbox.accessKey, FIRST)).rejects.toMatchObject(refused)
  })
})

describe('the emergency user, whatever policy somebody attaches to it', () => {
  const all = { Effect: 'Allow', Action: '*', Resource: '*' }
  beforeEach(async () => {
    const { users, ...account } = accountOf(meaning, false)
    const attached = ({ policy }: { policy: string }) => {
      const { Version, Statement } = JSON.parse(policy) as { Version: string; Statement: unknown[] }
      return JSON.stringify({ Version, Statement: [...Statement, all] })
    }
    sandbox = await startSandbox({
      ...account,
      users: users.map((user) => (user.name === USER ? { ...user, policy: attached(user) } : user)),
    })
  })
  it('assumes no other role, and has no key of anybody else', async () => {
    await expect(assume('security-deployer', sandbox.accessKey)).rejects.toMatchObject(refused)
    const own = iam(sandbox.accessKey)
    await expect(own.send(new CreateAccessKeyCommand({ UserName: 'admin' }))).rejects.toMatchObject(refused)
    await expect(own.send(new ListAccessKeysCommand({ UserName: 'admin' }))).rejects.toMatchObject(refused)
    await expect(putDeny(sandbox.accessKey, FIRST)).rejects.toMatchObject(refused)
  })
  it('still does what it is for', async () => {
    for (const role of Object.keys(meaning.roles)) expect(await assume(role, sandbox.accessKey)).toBeTruthy()
    await iam(sandbox.accessKey).send(new CreateAccessKeyCommand({}))
    expect(await sts(sandbox.accessKey).send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: sandbox.account,
    })
  })
})

describe('an emergency role', () => {
  it.each([
    ['without the name of a case', { RoleSessionName: 'ana' }],
    ['without saying for whom', { SourceIdentity: undefined }],
  ])('is not to be had %s', async (_, change) => {
    await start()
    await expect(assume(FIRST, sandbox.accessKey, change)).rejects.toMatchObject(refused)
  })
  it('trusts nobody else, not even an administrator', async () => {
    await start()
    await expect(assume(FIRST, admin())).rejects.toMatchObject(refused)
  })
  it('opens no door that outlasts the session', async () => {
    await start(false)
    const session = await assume(FIRST, sandbox.accessKey)
    await expect(iam(session).send(new CreateAccessKeyCommand({ UserName: 'admin' }))).rejects.toMatchObject(refused)
  })
})

describe('the revoker', () => {
  it('ends a session of an emergency role, and of no other role', async () => {
    await start()
    const session = await assume(FIRST, sandbox.accessKey)
    const mayAct = () => sts(session).send(new GetAccessKeyInfoCommand({ AccessKeyId: session.accessKeyId }))
    expect(await mayAct()).toMatchObject({ Account: sandbox.account })
    const revoker = await assume('lockbox-revoker', sandbox.accessKey)
    await putDeny(revoker, FIRST)
    await expect(mayAct()).rejects.toMatchObject(refused)
    await expect(putDeny(revoker, 'security-deployer')).rejects.toMatchObject(refused)
    await expect(assume(FIRST, revoker)).rejects.toMatchObject(refused)
  })
})

describe('the rotator', () => {
  it('replaces the key of the emergency user, under the guard-rail, and of nobody else', async () => {
    await start()
    const rotator = iam(await assume('lockbox-rotator', sandbox.accessKey))
    const { AccessKey: made } = await rotator.send(new CreateAccessKeyCommand({ UserName: USER }))
    const { AccessKeyMetadata: listed } = await rotator.send(new ListAccessKeysCommand({ UserName: USER }))
    expect(listed).toHaveLength(2)
    const old = { UserName: USER, AccessKeyId: sandbox.accessKey.accessKeyId }
    await rotator.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: old.AccessKeyId }))
    await rotator.send(new UpdateAccessKeyCommand({ ...old, Status: 'Inactive' }))
    await rotator.send(new DeleteAccessKeyCommand(old))
    expect(sandbox.activeKeys(USER)).toEqual([made?.AccessKeyId])
    await expect(rotator.send(new CreateAccessKeyCommand({ UserName: 'admin' }))).rejects.toMatchObject(refused)
  })
  it('is to be had by the emergency user alone, and does nothing else', async () => {
    await start()
    await expect(assume('lockbox-rotator', admin())).rejects.toMatchObject(refused)
    const rotator = await assume('lockbox-rotator', sandbox.accessKey)
    await expect(putDeny(rotator, FIRST)).rejects.toMatchObject(refused)
    await expect(assume(FIRST, rotator)).rejects.toMatchObject(refused)
  })
})

describe('the guard-rail', () => {
  /** What it says to a principal of the account. @param name - of the thing, behind its partition. */
  const saysOf = (principal: string, action: string, name: string) => {
    const context = new Map([['aws:principalarn', `arn:aws:iam::111122223333:${principal}`]])
    const guardRail = parsePolicy(JSON.stringify(meaning.guardRail))
    return verdictOf(guardRail, { action, resource: `arn:aws:${name}`, principals: [], context })
  }

  it('keeps an administrator from the roles and from the user’s keys; without it that would be allowed', async () => {
    await start()
    await expect(putDeny(admin(), FIRST)).rejects.toMatchObject(refused)
    await expect(iam(admin()).send(new CreateAccessKeyCommand({ UserName: USER }))).rejects.toMatchObject(refused)
    sandbox.setScps([])
    await putDeny(admin(), FIRST)
    await iam(admin()).send(new CreateAccessKeyCommand({ UserName: USER }))
  })
  // Whoever makes a role of the deployer's name, or has its trust, is the deployer.
  it.each([
    ['iam:CreateRole', 'security-deployer'],
    ['iam:UpdateAssumeRolePolicy', 'security-deployer'],
    ['iam:CreateRole', 'lockbox-emergency-new'],
  ])('lets nobody become what it spares: %s of %s is the deployer’s alone', (action, role) => {
    expect(saysOf('user/admin', action, `iam::111122223333:role/${role}`)).toBe('deny')
    expect(saysOf(`role/${FIRST}`, action, `iam::111122223333:role/${role}`)).toBe('deny')
    expect(saysOf('role/security-deployer', action, `iam::111122223333:role/${role}`)).toBe('silent')
    expect(saysOf('user/admin', action, 'iam::111122223333:role/other')).toBe('silent')
  })
  // EventBridge and SNS, which the sandbox does not have, would ask the policy this.
  it.each([
    ['events:DisableRule', 'events:eu-west-1:111122223333:rule/lockbox-emergency-role-taken'],
    ['events:PutTargets', 'events:eu-west-1:111122223333:rule/lockbox-emergency-role-taken'],
    ['sns:DeleteTopic', 'sns:eu-west-1:111122223333:lockbox-alarms'],
    ['sns:SetTopicAttributes', 'sns:eu-west-1:111122223333:lockbox-alarms'],
  ])('keeps the alarms: %s is the deployer’s alone', (action, name) => {
    expect([saysOf('user/admin', action, name), saysOf(`role/${FIRST}`, action, name)]).toEqual(['deny', 'deny'])
    expect(saysOf('role/security-deployer', action, name)).toBe('silent')
    expect(saysOf('user/admin', action, name.replace('lockbox-', 'other-'))).toBe('silent')
  })
  // AWS asks about each call as about one kind of thing (Service Authorization Reference): a deny of it on another kind denies nothing.
  it('names each call with a thing that AWS asks about', () => {
    const { Statement } = z
      .object({ Statement: z.array(z.object({ Action: z.array(z.string()), Resource: z.array(z.string()) })) })
      .parse(meaning.guardRail)
    for (const { Action, Resource } of Statement)
      for (const action of Action) {
        const kind = kindOf(action)
        expect([action, Resource.some((one) => one === '*' || one.includes(kind))]).toEqual([action, true])
      }
  })
  it('leaves the deployer, and other roles, alone', async () => {
    await start()
    const deployer = await assume('security-deployer', admin())
    await putDeny(deployer, FIRST)
    await iam(deployer).send(new DeleteRolePolicyCommand({ RoleName: FIRST, PolicyName: 'end' }))
    await putDeny(admin(), 'security-deployer')
    const changes = sandbox.log.filter(({ action }) => action?.endsWith('RolePolicy'))
    expect(changes.map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok'])
  })
})

const USERS = /^iam:\w+(AccessKey|LoginProfile|MFADevice|User|UserPolicy|UserPermissionsBoundary)$/
/** What stands in the ARN of the thing that a call is about. */
function kindOf(action: string): string {
  if (/^iam:\w+Group$/.test(action)) return ':group/'
  if (USERS.test(action)) return ':user/'
  if (/^iam:\w*(Role|AssumeRolePolicy)/.test(action)) return ':role/'
  return action.startsWith('iam:') ? 'unknown' : `:${action.split(':')[0] ?? ''}:`
}
