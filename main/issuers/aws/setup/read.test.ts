import { createServer } from 'node:http'
import { describe, expect, it, onTestFinished } from 'vitest'
import { EXAMPLE_KEY } from '../rehearsal.ts'
import type { SetupFacts } from './facts.ts'
import { linesOf } from './lines.ts'
import { type ReadFacts, readFacts } from './read.ts'
import { readLines } from './read-lines.ts'

const USER = 'arn:aws:iam::123456789012:user/lockbox-emergency'
const ROLE = 'arn:aws:iam::123456789012:role/lockbox-'
const trust = JSON.stringify({ Statement: { Effect: 'Allow', Principal: { AWS: USER }, Action: 'sts:AssumeRole' } })
const of = (Action: string[], Resource: string) => ({
  name: 'lockbox',
  text: JSON.stringify({ Statement: { Effect: 'Allow', Action, Resource } }),
})
const OWN_KEYS = ['List', 'Create', 'Update', 'Delete'].map(
  (verb) => `iam:${verb}AccessKey${verb === 'List' ? 's' : ''}`,
)
const NOTHING_ELSE = { Effect: 'Deny', NotAction: ['sts:AssumeRole', 'iam:ListAccessKeys'], Resource: '*' }
const NOWHERE_ELSE = {
  Effect: 'Deny',
  NotAction: 'sts:GetCallerIdentity',
  NotResource: [`${ROLE}emergency-*`, `${ROLE}entry`, USER],
}
const done = <Good>(good: Good) => ({ is: 'done', good }) as const
const absent = { is: 'refused', code: 'invalid', name: 'NoSuchEntityException', rule: null, words: '' } as const
const denied = { is: 'refused', code: 'denied', name: 'AccessDenied', rule: 'no-allow', words: '' } as const
const late = { is: 'unreached', code: 'timed-out' } as const

function factsAt(endpoint: string): SetupFacts {
  const at = { region: 'us-east-1', endpoint }
  const told = done(USER)
  return {
    setup: {
      roles: [{ arn: `${ROLE}emergency-down`, seconds: 900, externalId: null, policies: [] }],
      behind: [{ arn: `${ROLE}emergency-far`, over: `${ROLE}entry` }],
      regions: [at],
      iam: at,
      mfa: null,
      revoker: `${ROLE}revoker`,
      rotator: `${ROLE}rotator`,
      user: null,
      sessionToken: false,
      others: [],
    },
    now: 0,
    accessKeyId: EXAMPLE_KEY.accessKeyId,
    regions: [{ region: at.region, told, tookMs: 1, skewMs: 0 }],
    code: null,
    keys: done([]),
    more: [{ what: 'iam:GetUser', told: { ...denied, rule: 'own-deny' } }],
    roles: [],
  }
}
const facts = factsAt('https://iam.amazonaws.com')
const none = { policies: done([]), inline: done([of([], '*')]) }
const toAssume = (...Resource: string[]) => ({
  name: 'roles',
  text: JSON.stringify({
    Statement: { Effect: 'Allow', Action: ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'], Resource },
  }),
})
const denying = (...Statement: object[]) => ({ name: 'x', text: JSON.stringify({ Statement }) })
const denyElse = denying(NOTHING_ELSE, NOWHERE_ELSE)
const ownRoles = toAssume(`${ROLE}emergency-*`, `${ROLE}entry`, `${ROLE}revoker`, `${ROLE}rotator`)
const user = {
  ...none,
  arn: USER,
  inline: done([ownRoles, of(OWN_KEYS, USER), denyElse]),
  groups: done([]),
  password: absent,
}
const role = { ...none, is: 'role', arn: `${ROLE}emergency-down`, trust: done(trust) } as const
const far = { ...role, arn: `${ROLE}emergency-far`, trust: done(trust.replace(USER, `${ROLE}entry`)) }
const onRoles = of(['iam:PutRolePolicy', 'iam:GetRolePolicy', 'iam:DeleteRolePolicy'], `${ROLE}emergency-*`)
const revoker = { ...role, is: 'revoker', arn: `${ROLE}revoker`, inline: done([onRoles]) } as const
const onKeys = of([...OWN_KEYS, 'iam:GetAccessKeyLastUsed'], USER)
const rotator = { ...role, is: 'rotator', arn: `${ROLE}rotator`, inline: done([onKeys]) } as const
const read: ReadFacts = {
  reader: done('arn:aws:iam::123456789012:user/auditor'),
  user,
  roles: [role, far, revoker, rotator],
}

const not = (one: ReadFacts) =>
  readLines(facts, one).flatMap(({ check, says }) =>
    says === 'wrong' || says === 'unknown' ? [`${says} ${check}`] : [],
  )
const withUser = (change: Partial<NonNullable<ReadFacts['user']>>) => ({ ...read, user: { ...user, ...change } })
const withRoles = (...roles: ReadFacts['roles']) => ({ ...read, roles })

describe('what was read with other credentials', () => {
  it('is right as the templates make it; what the policies of an emergency role mean is read by hand', () => {
    const lines = readLines(facts, read)
    expect(not(read)).toEqual([])
    expect(lines.filter(({ says }) => says === 'by-hand').map(({ check }) => check)).toEqual([
      'role-policies',
      'role-policies',
    ])
  })
  it.each<[string, ReadFacts, string[]]>([
    ['whose it is was not said', { ...read, reader: late }, ['unknown reader']],
    ['a user without a deny', withUser({ inline: done([]) }), ['wrong user-deny']],
    [
      'a user whom nothing denies other roles and keys',
      withUser({ inline: done([ownRoles, of(OWN_KEYS, USER), denying(NOTHING_ELSE)]) }),
      ['wrong user-deny'],
    ],
    [
      'a user whom nothing denies one more role',
      withUser({
        inline: done([
          ownRoles,
          denying(NOTHING_ELSE, { ...NOWHERE_ELSE, NotResource: [...NOWHERE_ELSE.NotResource, `${ROLE}admin`] }),
        ]),
      }),
      ['wrong user-deny'],
    ],
    [
      'a user who is denied other roles under a condition',
      withUser({ inline: done([ownRoles, denying(NOTHING_ELSE, { ...NOWHERE_ELSE, Condition: {} })]) }),
      ['wrong user-deny'],
    ],
    [
      'a user that may assume any role',
      withUser({ inline: done([ownRoles, toAssume('*'), denyElse]) }),
      ['wrong user-deny'],
    ],
    [
      'a user that may assume one more role',
      withUser({ inline: done([toAssume(`${ROLE}emergency-*`, `${ROLE}admin`), denyElse]) }),
      ['wrong user-deny'],
    ],
    [
      'a user that may make keys of others',
      withUser({ inline: done([of(['iam:CreateAccessKey'], '*'), denyElse]) }),
      ['wrong user-deny'],
    ],
    [
      'a user that may make keys of others under a condition',
      withUser({
        inline: done([{ name: 'y', text: of(['iam:*'], '*').text.replace('}', ',"Condition":{}}') }, denyElse]),
      }),
      ['unknown user-deny'],
    ],
    [
      'a user whose policy nobody can read',
      withUser({ inline: done([{ name: 'x', text: '{' }]) }),
      ['unknown user-deny'],
    ],
    ['a user with an attached policy', withUser({ policies: done(['AdministratorAccess']) }), ['wrong user-attached']],
    ['a user in a group', withUser({ groups: done(['admins']) }), ['wrong user-groups']],
    ['a user with a password', withUser({ password: done(null) }), ['wrong user-password']],
    ['a password that may not be asked for', withUser({ password: denied }), ['unknown user-password']],
    ['a password without an answer', withUser({ password: late }), ['unknown user-password']],
    [
      'a role that trusts nobody',
      withRoles({ ...role, trust: done(trust.replace('Allow', 'Deny')) }),
      ['wrong role-trust'],
    ],
    ['a role whose trust nobody can read', withRoles({ ...role, trust: done('') }), ['unknown role-trust']],
    ['a role behind another that trusts the user', withRoles({ ...far, trust: done(trust) }), ['wrong role-trust']],
    ['a role whose policies are not known', withRoles({ ...role, policies: denied }), ['unknown role-policies']],
    [
      'a revoker that may change itself',
      withRoles({
        ...revoker,
        inline: done([of(['iam:PutRolePolicy', 'iam:GetRolePolicy', 'iam:DeleteRolePolicy'], `${ROLE}*`)]),
      }),
      ['wrong revoker-policy'],
    ],
    [
      'a revoker that may end no session of one role',
      withRoles({
        ...revoker,
        inline: done([of(['iam:PutRolePolicy', 'iam:GetRolePolicy', 'iam:DeleteRolePolicy'], `${ROLE}emergency-down`)]),
      }),
      ['wrong revoker-policy'],
    ],
    ['a revoker with an attached policy', withRoles({ ...revoker, policies: done(['x']) }), ['wrong revoker-attached']],
    [
      'a rotator of every user',
      withRoles({ ...rotator, inline: done([of([...OWN_KEYS, 'iam:GetAccessKeyLastUsed'], '*')]) }),
      ['wrong rotator-policy'],
    ],
    [
      'a rotator of one more user',
      withRoles({ ...rotator, inline: done([onKeys, of(OWN_KEYS, USER.replace('lockbox-emergency', 'alice'))]) }),
      ['wrong rotator-policy'],
    ],
    [
      'a revoker of roles that are not Lockbox’s',
      withRoles({ ...revoker, inline: done([onRoles, of(['iam:PutRolePolicy'], `${ROLE.slice(0, -8)}prod-*`)]) }),
      ['wrong revoker-policy'],
    ],
    ['a rotator whose policy is not known', withRoles({ ...rotator, inline: late }), ['unknown rotator-policy']],
  ])('%s', (_, one, expected) => {
    expect(not(one)).toEqual(expected)
  })
  it('leaves by hand whether a code opens more, unless the deny was read', () => {
    const least = (one: ReadFacts | null) => linesOf(facts, one).filter(({ check }) => check === 'least').length
    const wide = withUser({ inline: done([toAssume('*'), denyElse]) })
    expect([null, withUser({ inline: done([]) }), wide, read].map(least)).toEqual([1, 1, 1, 0])
  })
  it('tells what helps where it may not read', () => {
    const line = readLines(facts, withUser({ groups: denied })).find(({ check }) => check === 'user-groups')
    expect(line?.words).toContain('--reader may not read it. Let it have AWS’s policy SecurityAudit')
  })
})

/** An IAM that answers each action with a result, and refuses others. */
async function answeringWith(results: Readonly<Record<string, string>>): Promise<string> {
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const action = new URLSearchParams(body).get('Action') ?? ''
      const result = results[action]
      const head = { 'content-type': 'text/xml' }
      if (result === undefined)
        response.writeHead(403, head).end('<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>')
      else
        response
          .writeHead(200, head)
          .end(`<${action}Response><${action}Result>${result}</${action}Result></${action}Response>`)
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(() => void server.close())
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
}

describe('an answer of IAM', () => {
  const User = (arn: string) => `<User><UserName>lockbox-emergency</UserName><Arn>${arn}</Arn></User>`
  const groups = (more: string) => `<Groups/><IsTruncated>${more}</IsTruncated>`
  it.each<[string, Readonly<Record<string, string>>, string]>([
    ['that is whole counts', { GetUser: User(USER), ListGroupsForUser: groups('false') }, 'done'],
    ['that goes on elsewhere does not', { GetUser: User(USER), ListGroupsForUser: groups('true') }, 'unreached'],
    [
      'of a user of that name in another account does not',
      { GetUser: User(USER.replace('1234', '4321')), ListGroupsForUser: groups('false') },
      'unreached',
    ],
    ['that is a refusal is one', { GetUser: User(USER) }, 'refused'],
  ])('%s', async (_, results, expected) => {
    const one = await readFacts(factsAt(await answeringWith(results)), EXAMPLE_KEY, 2000)
    expect(one.user?.groups.is).toBe(expected)
  })
})
