import { CreateAccessKeyCommand, IAMClient } from '@aws-sdk/client-iam'
import { afterEach, describe, expect, it } from 'vitest'
import type { RoleSetup, Setup, SetupFacts } from '../../main/issuers/aws/setup/facts.ts'
import { gatherFacts } from '../../main/issuers/aws/setup/gather.ts'
import { linesOf } from '../../main/issuers/aws/setup/lines.ts'
import { readFacts } from '../../main/issuers/aws/setup/read.ts'
import { nameField } from '../../shared/statements/fields.ts'
import { verdictOf } from '../../shared/views/set-up-lines.ts'
import { type Sandbox, type SandboxOptions, startSandbox } from '../sandbox-aws/sandbox.ts'
import { accountOf } from './account.ts'
import { fromCloudFormation } from './templates.ts'

const meaning = fromCloudFormation()
const USER = meaning.user.name
const ARN = 'arn:aws:iam::111122223333:role/'
const ROLE = 'lockbox-emergency-identity-provider-down'
const SEED = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'

let sandbox: Sandbox
afterEach(() => sandbox.close())

type Account = ReturnType<typeof accountOf>

/** The account of the templates, changed once. */
async function start(change: (account: Account) => SandboxOptions = (account) => account): Promise<void> {
  sandbox = await startSandbox(change(accountOf(meaning, true)))
}

type Change = Partial<Setup & Pick<RoleSetup, 'externalId'>> & { readonly sessionPolicy?: string }

function setup({ externalId = null, sessionPolicy, ...change }: Change = {}): Setup {
  const policies = sessionPolicy === undefined ? [] : [sessionPolicy]
  return {
    roles: [{ arn: ARN + ROLE, seconds: 3600, externalId, policies }],
    behind: [],
    regions: sandbox.regions,
    iam: sandbox.iam,
    mfa: null,
    revoker: `${ARN}lockbox-revoker`,
    rotator: `${ARN}lockbox-rotator`,
    user: null,
    sessionToken: false,
    others: [],
    ...change,
  }
}

async function check(change: Change = {}, mfaSeed?: string, reader: string | null = null) {
  const key = { ...sandbox.accessKey, ...(mfaSeed === undefined ? {} : { mfaSeed }) }
  const facts: SetupFacts = await gatherFacts(setup(change), key)
  const keys = reader === null ? null : (sandbox.accessKeys.get(reader) ?? null)
  const lines = linesOf(facts, keys === null ? null : await readFacts(facts, keys))
  const text = JSON.stringify(lines)
  expect(text).not.toContain(sandbox.accessKey.secretAccessKey)
  const by = (kind: string) => lines.filter(({ says }) => says === kind).map((line) => line.check)
  return {
    lines,
    verdict: verdictOf(lines),
    wrong: by('wrong'),
    unknown: by('unknown'),
    right: by('right'),
    byHand: by('by-hand'),
  }
}

/** One role of an account, changed. */
function withRole(name: string, edit: (role: Account['roles'][number]) => Partial<Account['roles'][number]>) {
  return (account: Account): SandboxOptions => ({
    ...account,
    roles: account.roles.map((role) => (role.name === name ? { ...role, ...edit(role) } : role)),
  })
}

/** A policy's text with every statement as `edit` leaves it. */
function edited(policy: string, edit: (statement: Record<string, unknown>) => object | null): string {
  const parsed = JSON.parse(policy) as { Statement: Record<string, unknown>[] }
  return JSON.stringify({ ...parsed, Statement: parsed.Statement.flatMap((one) => edit(one) ?? []) })
}
const withCondition = (change: object) => (role: { trust: string }) => ({
  trust: edited(role.trust, (one) =>
    one['Sid'] === 'EmergencyUserAlone' ? { ...one, Condition: { ...(one['Condition'] as object), ...change } } : one,
  ),
})
const withoutSid = (policy: string, sid: string) => edited(policy, (one) => (one['Sid'] === sid ? null : one))
const withUser = (policy: (before: string) => string) => (account: Account) => ({
  ...account,
  users: account.users.map((user) => (user.name === USER ? { ...user, policy: policy(user.policy) } : user)),
})

describe('the set-up of the templates', () => {
  it('is right in all that can be seen, and nothing was changed', async () => {
    await start()
    const { verdict, wrong, unknown, byHand, lines } = await check()
    expect({ verdict, wrong, unknown }).toEqual({ verdict: 'right', wrong: [], unknown: [] })
    expect(byHand).toEqual(['least', 'alone', 'writes', 'alarms', 'guard-rail', 'trail'])
    for (const { source } of lines) expect(source).toMatch(/^https:\/\/(docs\.aws\.amazon|learn\.microsoft)\.com\//)
    const asked = new Set(sandbox.log.map(({ action }) => action ?? ''))
    expect([...asked].filter((action) => !/^(Get|List)|^AssumeRole$/.test(action))).toEqual([])
  })
  it('is right where a role is given only for what looks like a case and a member', async () => {
    const StringLike = { 'sts:RoleSessionName': [`lb-${'?'.repeat(16)}-*`], 'sts:SourceIdentity': ['?'.repeat(22)] }
    await start(withRole(ROLE, withCondition({ StringLike })))
    expect((await check()).verdict).toBe('right')
    const named = sandbox.log.map(({ parameters }) => parameters['SourceIdentity']).filter((one) => one !== undefined)
    expect(named.length).toBeGreaterThan(0)
    for (const one of named) expect(nameField.safeParse(one).success).toBe(true)
  })
  it('gives sessions that may do nothing, but for the narrow ones of 15 minutes', async () => {
    await start()
    await check()
    const assumed = sandbox.log.filter(({ action, outcome }) => action === 'AssumeRole' && outcome === 'ok')
    const open = assumed.filter(({ parameters }) => !parameters['Policy']?.includes('"Deny"'))
    expect(open.map(({ parameters }) => [parameters['RoleArn'], parameters['DurationSeconds']])).toEqual([
      [`${ARN}lockbox-revoker`, '900'],
      [`${ARN}lockbox-rotator`, '900'],
    ])
  })
  it('is right with an MFA device and an external id that are asked for', async () => {
    const more = withCondition({
      StringEquals: { 'sts:ExternalId': 'lockbox-1' },
      Bool: { 'aws:MultiFactorAuthPresent': 'true' },
    })
    const mfa = withCondition({ Bool: { 'aws:MultiFactorAuthPresent': 'true' } })
    await start((account) => ({
      ...account,
      users: account.users.map((user) => (user.name === USER ? { ...user, mfaSeed: SEED } : user)),
      roles: account.roles.map((role) =>
        role.name === ROLE
          ? { ...role, ...more(role) }
          : /revoker|rotator/.test(role.name)
            ? { ...role, ...mfa(role) }
            : role,
      ),
    }))
    const { verdict, right } = await check({ externalId: 'lockbox-1', mfa: sandbox.mfa(USER).serial }, SEED)
    expect(verdict).toBe('right')
    expect(right).toEqual(
      expect.arrayContaining(['code', 'least', 'role-external-id', 'role-mfa', 'revoker-mfa', 'rotator-mfa']),
    )
  })
})

describe('one thing that is wrong is named, and nothing else', () => {
  it.each<[string, (account: Account) => SandboxOptions, string[]]>([
    ['no source identity asked for', withRole(ROLE, withCondition({ Null: undefined })), ['role-source-identity']],
    ['any session name', withRole(ROLE, withCondition({ StringLike: undefined })), ['role-session-name']],
    [
      'a revoker of any session name',
      withRole('lockbox-revoker', withCondition({ StringLike: undefined })),
      ['revoker-session-name'],
    ],
    ['a short role', withRole(ROLE, () => ({ maxSessionSeconds: 1800 })), ['role-duration']],
    ['a short rotator', withRole('lockbox-rotator', () => ({ maxSessionSeconds: 3600 })), ['rotator-duration']],
    ['a short revoker', withRole('lockbox-revoker', () => ({ maxSessionSeconds: 3600 })), ['revoker-duration']],
    ['a revoker that may not', withRole('lockbox-revoker', () => ({ policy: DENY_ALL })), ['revoker-reads']],
    ['a rotator that may not', withRole('lockbox-rotator', () => ({ policy: DENY_ALL })), ['rotator-reads']],
    ['a user that may do all', withUser(() => ALLOW_ALL), ['least']],
    ['a user whom nothing denies more', withUser((before) => withoutSid(before, 'NothingElse')), ['least']],
    [
      'a user whom nothing denies the keys of others',
      withUser((before) => withoutSid(before, 'NowhereElse')),
      ['least'],
    ],
    [
      'a user that may manage the keys of others',
      withUser((before) =>
        edited(before, (one) =>
          one['Sid'] === 'NowhereElse' ? { Effect: 'Allow', Action: 'iam:*AccessKey*', Resource: '*' } : one,
        ),
      ),
      ['least'],
    ],
    ['a user that may not list its keys', withUser((before) => withoutSid(before, 'ManageOwnKeys')), ['keys']],
  ])('%s', async (_, change, expected) => {
    await start(change)
    const { verdict, wrong, unknown } = await check()
    expect({ verdict, wrong, unknown }).toEqual({ verdict: 'wrong', wrong: expected, unknown: [] })
  })
  it('a role that trusts another user; what depends on it is left open', async () => {
    await start(withRole(ROLE, ({ trust }) => ({ trust: trust.replace(`user/${USER}`, 'user/admin') })))
    const { wrong, unknown } = await check()
    expect(wrong).toEqual(['role-assumed', 'role-assumed'])
    expect(unknown).toEqual(['role-source-identity', 'role-session-name', 'role-duration'])
  })
  it('conditions that stand over what AWS knows nothing of but the tags or the identity', async () => {
    const together = (trust: string) => {
      const all = ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity']
      return edited(withoutSid(trust, 'WhatItsSessionsCarry'), (one) => ({ ...one, Action: all }))
    }
    await start(withRole(ROLE, ({ trust }) => ({ trust: together(trust) })))
    const { wrong, lines } = await check()
    expect(wrong).toEqual(['role-assumed', 'role-assumed'])
    expect(lines.find((one) => one.check === 'role-assumed')?.words).toMatch(
      /conditions on session name.* belong to sts:AssumeRole alone.*not authorized to perform: sts:/,
    )
  })
  it('an external id, and an MFA device, that nobody asks for', async () => {
    await start((account) => ({
      ...account,
      users: account.users.map((user) => (user.name === USER ? { ...user, mfaSeed: SEED } : user)),
    }))
    const { wrong } = await check({ externalId: 'lockbox-1', mfa: sandbox.mfa(USER).serial }, SEED)
    expect(wrong).toEqual(['role-external-id', 'role-mfa', 'revoker-mfa', 'rotator-mfa'])
  })
  it.each([
    ['any', { StringLike: { 'sts:RoleSessionName': 'lb-*', 'sts:ExternalId': '*' } }],
    ['one alone that is another, if there is one', { StringNotEqualsIfExists: { 'sts:ExternalId': 'other' } }],
  ])('an external id of which %s will do', async (_, condition) => {
    await start(withRole(ROLE, withCondition(condition)))
    expect((await check({ externalId: 'lockbox-1' })).wrong).toEqual(['role-external-id'])
  })
  it('a user that may do all with a code; by its key alone that is left to be read', async () => {
    const isAbsent = { Null: { 'aws:MultiFactorAuthPresent': 'true' } }
    const loose = withUser((before) =>
      edited(before, (one) =>
        one['Effect'] === 'Deny' ? { ...one, Condition: isAbsent } : { ...one, Action: '*', Resource: '*' },
      ),
    )
    await start((account) => {
      const { users, ...rest } = { ...account, ...loose(account) }
      return { ...rest, users: users.map((user) => (user.name === USER ? { ...user, mfaSeed: SEED } : user)) }
    })
    expect(await check()).toMatchObject({ wrong: [], byHand: expect.arrayContaining(['least']) as string[] })
    expect((await check({ mfa: sandbox.mfa(USER).serial }, SEED)).wrong).toContain('least')
  })
  it('a seed of another device', async () => {
    await start((account) => ({
      ...account,
      users: account.users.map((user) => (user.name === USER ? { ...user, mfaSeed: SEED } : user)),
    }))
    const { wrong } = await check({ mfa: sandbox.mfa(USER).serial }, SEED.replaceAll('G', 'A'))
    expect(wrong).toEqual(['code'])
  })
  it('a key that is turned off', async () => {
    await start()
    sandbox.setActive(sandbox.accessKey.accessKeyId, false)
    const { verdict, right, wrong } = await check()
    expect([verdict, wrong.includes('key'), right]).toEqual(['wrong', true, ['regions']])
  })
  it('a second key', async () => {
    await start()
    const client = new IAMClient({ ...sandbox.iam, credentials: sandbox.accessKey, maxAttempts: 1 })
    await client.send(new CreateAccessKeyCommand({}))
    expect((await check()).wrong).toEqual(['keys'])
  })
  it('a clock that is off', async () => {
    await start()
    sandbox.setClockSkew(120_000)
    expect((await check()).wrong).toEqual(['clock', 'clock'])
  })
  it('one region alone, and a revoker of another account', async () => {
    await start()
    expect((await check({ regions: sandbox.regions.slice(0, 1) })).wrong).toEqual(['regions'])
    const { wrong } = await check({ revoker: `${ARN}lockbox-revoker`.replace('111122223333', '444455556666') })
    expect(wrong).toEqual(['account', 'revoker-assumed', 'revoker-assumed'])
  })
  it('a session policy with no room, or too long', async () => {
    await start()
    const long = (count: number) =>
      JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Action: Array.from({ length: count }, (_, at) => `s3:${hash(at)}`), Resource: '*' },
        ],
      })
    expect((await check({ sessionPolicy: long(1) })).verdict).toBe('right')
    const tried = sandbox.log.filter(({ parameters }) => parameters['Policy']?.includes('s3:'))
    expect(tried.map(({ parameters }) => parameters['Policy']?.includes('"Deny"'))).toEqual([true])
    expect((await check({ sessionPolicy: long(200) })).wrong).toEqual(['role-policy'])
  })
})

describe('what could not be seen is no good news', () => {
  it('a region that is down, and a revoker that was not named', async () => {
    await start()
    await sandbox.setDown(sandbox.regions[1]?.region ?? '', true)
    const { verdict, wrong, unknown } = await check({ revoker: null })
    expect({ verdict, wrong, unknown }).toEqual({ verdict: 'unknown', wrong: [], unknown: ['region', 'revoker'] })
  })
  it('everything down', async () => {
    await start()
    for (const { region } of sandbox.regions) await sandbox.setDown(region, true)
    expect(await check()).toMatchObject({ verdict: 'unknown', wrong: [], right: ['regions'] })
  })
  it('a refusal that is only throttling', async () => {
    await start()
    sandbox.fault({ kind: 'throttled' }, { action: 'ListUserPolicies' })
    expect(await check()).toMatchObject({ verdict: 'unknown', wrong: [], unknown: ['least'] })
  })
})

describe('with credentials that may read', () => {
  const read = () => check({}, undefined, 'admin')
  const trusting = (arn: string) => (account: Account) =>
    withRole(ROLE, ({ trust }) => ({
      trust: edited(trust, (one) => ({ ...one, Principal: { AWS: [`arn:aws:iam::111122223333:user/${USER}`, arn] } })),
    }))(account)

  it('the account of the templates is right in more, of which nobody has to look by hand', async () => {
    await start()
    const { verdict, wrong, unknown, right, byHand } = await read()
    expect({ verdict, wrong, unknown }).toEqual({ verdict: 'right', wrong: [], unknown: [] })
    expect(byHand).toEqual(['role-policies', 'writes', 'alarms', 'guard-rail', 'trail'])
    const more = ['reader', 'user-deny', 'user-attached', 'user-groups', 'user-password']
    const ofRoles = ['role-trust', 'revoker-trust', 'rotator-trust', 'revoker-policy', 'rotator-policy']
    expect(right).toEqual(expect.arrayContaining([...more, ...ofRoles, 'revoker-attached', 'rotator-attached']))
    const asked = new Set(sandbox.log.map(({ action }) => action ?? ''))
    expect([...asked].filter((action) => !/^(Get|List)|^AssumeRole$/.test(action))).toEqual([])
  })
  it.each<[string, (account: Account) => SandboxOptions, string[]]>([
    ['a role that trusts another too', trusting('arn:aws:iam::111122223333:user/admin'), ['role-trust']],
    ['a role that trusts the whole account', trusting('arn:aws:iam::111122223333:root'), ['role-trust']],
    [
      'a revoker that may end sessions of every role',
      withRole('lockbox-revoker', ({ policy }) => ({ policy: edited(policy, (one) => ({ ...one, Resource: '*' })) })),
      ['revoker-policy'],
    ],
    [
      'a rotator that may not delete',
      withRole('lockbox-rotator', ({ policy }) => ({
        policy: edited(policy, (one) => ({
          ...one,
          Action: (one['Action'] as string[]).filter((action) => action !== 'iam:DeleteAccessKey'),
        })),
      })),
      ['rotator-policy'],
    ],
    [
      'a deny that heeds a condition',
      withUser((before) =>
        edited(before, (one) =>
          one['Effect'] === 'Deny' ? { ...one, Condition: { Null: { 'aws:MultiFactorAuthPresent': 'true' } } } : one,
        ),
      ),
      ['user-deny'],
    ],
  ])('names %s, which the key cannot see', async (_, change, expected) => {
    await start(change)
    expect((await check()).wrong).toEqual([])
    const { verdict, wrong, unknown } = await read()
    expect({ verdict, wrong, unknown }).toEqual({ verdict: 'wrong', wrong: expected, unknown: [] })
  })
  it('that may not read, nothing of it is known', async () => {
    await start((account) => ({
      ...account,
      users: [...account.users, { name: 'nobody', policy: DENY_ALL }],
    }))
    const { verdict, wrong, unknown, byHand } = await check({}, undefined, 'nobody')
    expect({ verdict, wrong }).toEqual({ verdict: 'unknown', wrong: [] })
    const ofUser = ['user-deny', 'user-attached', 'user-groups', 'user-password']
    const ofRoles = ['role-trust', 'role-policies', 'revoker-trust', 'revoker-policy', 'revoker-attached']
    expect(unknown).toEqual([...ofUser, ...ofRoles, 'rotator-trust', 'rotator-policy', 'rotator-attached'])
    expect(byHand).toContain('least')
  })
  it('of another account, nothing is taken for what has the same name there', async () => {
    await start()
    const other = await startSandbox({ ...accountOf(meaning, true), partition: 'aws-us-gov' })
    try {
      const facts = await gatherFacts(setup(), sandbox.accessKey, 2000)
      const keys = other.accessKeys.get('admin') ?? other.accessKey
      const there = { ...facts, setup: { ...facts.setup, iam: other.iam, regions: other.regions } }
      const more = linesOf(facts, await readFacts(there, keys, 2000))
      const says = more.filter(({ check: what }) => /^user-|-(trust|policy|policies|attached)$/.test(what))
      expect(new Set(says.map((one) => one.says))).toEqual(new Set(['unknown']))
    } finally {
      await other.close()
    }
  })
})

const hash = (at: number) => (at * 2_654_435_761).toString(36)
const DENY_ALL = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: '*', Resource: '*' }] })
const ALLOW_ALL = DENY_ALL.replace('Deny', 'Allow')
