import { describe, expect, it } from 'vitest'
import { verdictOf } from '../../../../shared/views/set-up-lines.ts'
import type { RoleFact, SetupFacts, Told } from './facts.ts'
import { linesOf } from './lines.ts'
import { deniedPolicy, isPolicy } from './policy.ts'

const done = { is: 'done', good: null } as const
const denied = { is: 'refused', code: 'denied', name: 'AccessDenied', rule: 'own-deny', words: '' } as const
const byOrganization = { ...denied, code: 'denied-by-organization', rule: null } as const
const throttled = { is: 'unreached', code: 'throttled' } as const
const unasked = { is: 'unasked' } as const
const NOW = Date.UTC(2026, 5, 1)
const DAY = 86_400_000
const ID = 'AKIAIOSFODNN7EXAMPLE'
const arn = 'arn:aws:iam::123456789012:role/lockbox'

const region = {
  region: 'eu-west-1',
  told: { is: 'done', good: 'arn:aws:iam::123456789012:user/lockbox-emergency' },
  tookMs: 80,
  skewMs: 400,
} as const
const role: RoleFact = {
  is: 'role',
  arn: `${arn}-emergency-down`,
  assumed: [{ region: 'eu-west-1', told: done }],
  without: { sourceIdentity: denied, sessionName: denied, externalId: null, mfa: null },
  duration: { seconds: 3600, told: done },
  policies: [{ policy: '{"Statement":[]}', told: done }],
  reads: [],
}
const missing: Told = { is: 'refused', code: 'invalid', name: 'NoSuchEntityException', rule: null, words: '' }
const revoker: RoleFact = {
  ...role,
  is: 'revoker',
  arn: `${arn}-revoker`,
  policies: [],
  reads: [{ what: 'a', told: missing }],
}
const rotator: RoleFact = {
  ...role,
  is: 'rotator',
  arn: `${arn}-rotator`,
  policies: [],
  reads: [{ what: 'b', told: done }],
}
const asked = { arn: role.arn, seconds: 3600, externalId: null, policies: ['{"Statement":[]}'] }
const facts: SetupFacts = {
  setup: {
    roles: [asked],
    behind: [],
    regions: ['eu-west-1', 'us-east-1'].map((name) => ({
      region: name,
      endpoint: `https://sts.${name}.amazonaws.com`,
    })),
    iam: { region: 'us-east-1', endpoint: 'https://iam.amazonaws.com' },
    mfa: null,
    revoker: revoker.arn,
    rotator: rotator.arn,
    user: null,
    sessionToken: false,
    others: [],
  },
  now: NOW,
  accessKeyId: ID,
  regions: [region, { ...region, region: 'us-east-1' }],
  code: done,
  keys: { is: 'done', good: [{ accessKeyId: ID, created: NOW - 90 * DAY }] },
  more: [{ what: 'iam:GetUser', told: denied }],
  roles: [role, revoker, rotator],
}

const not = (one: SetupFacts) =>
  linesOf(one).flatMap(({ check, says }) => (says === 'wrong' || says === 'unknown' ? [`${says} ${check}`] : []))
const change = (part: Partial<SetupFacts>): SetupFacts => ({ ...facts, ...part })
const withRole = (part: Partial<RoleFact>) => change({ roles: [{ ...role, ...part }, revoker, rotator] })
const withPolicy = (part: object) => withRole({ policies: [{ policy: '{}', told: done, ...part }] })
const withSetup = (part: Partial<SetupFacts['setup']>) => change({ setup: { ...facts.setup, ...part } })
const at = (part: Partial<SetupFacts['regions'][number]>) => change({ regions: [region, { ...region, ...part }] })

const more = (rule: 'no-allow' | null) => ({ what: 'x', told: { ...denied, rule } })

describe('a set-up', () => {
  it('is right if each line is right or by hand', () => {
    expect([not(facts), verdictOf(linesOf(facts))]).toEqual([[], 'right'])
  })
  it.each<[string, SetupFacts, string[]]>([
    [
      'a key of root',
      change({ regions: [{ ...region, told: { is: 'done', good: 'arn:aws:iam::123456789012:root' } }] }),
      ['wrong key'],
    ],
    ['a key of another user', withSetup({ user: 'somebody' }), ['wrong key']],
    ['a slow region', at({ tookMs: 1801 }), ['wrong region']],
    ['a region that does not know the key', at({ told: { ...denied, code: 'wrong-key' } }), ['wrong region']],
    ['a region without an answer', at({ told: throttled, skewMs: null }), ['unknown region']],
    ['a clock that is behind', at({ skewMs: 60_001 }), ['wrong clock']],
    ['a clock that is ahead', at({ skewMs: -60_001 }), ['wrong clock']],
    [
      'a role of another partition',
      withSetup({ roles: [{ ...asked, arn: 'arn:aws-cn:iam::123456789012:role/x' }] }),
      ['wrong partition'],
    ],
    [
      'a region of another partition',
      withSetup({ regions: [...facts.setup.regions, { region: 'cn-north-1', endpoint: 'x' }] }),
      ['wrong partition'],
    ],
    [
      'one region twice',
      withSetup({ regions: [...facts.setup.regions.slice(0, 1), ...facts.setup.regions.slice(0, 1)] }),
      ['wrong regions'],
    ],
    ['a rotator of another account', withSetup({ rotator: 'arn:aws:iam::444455556666:role/x' }), ['wrong account']],
    [
      'an old key',
      change({ keys: { is: 'done', good: [{ accessKeyId: ID, created: NOW - 91 * DAY }] } }),
      ['wrong age'],
    ],
    ['a key that is not listed', change({ keys: { is: 'done', good: [] } }), ['unknown keys']],
    ['keys that were not listed', change({ keys: throttled }), ['unknown keys']],
    ['a code without an answer', change({ code: throttled }), ['unknown code']],
    ['nothing tried that is to be refused', change({ more: [] }), ['unknown least']],
    [
      'a call that failed otherwise',
      change({ more: [...facts.more, { what: 'x', told: missing }] }),
      ['unknown least'],
    ],
    ['a call that is only not allowed', change({ more: [...facts.more, more('no-allow')] }), ['wrong least']],
    ['a call that was denied without a word why', change({ more: [...facts.more, more(null)] }), ['unknown least']],
    [
      'a call that the organization denies',
      change({ more: [...facts.more, { what: 'x', told: byOrganization }] }),
      ['unknown least'],
    ],
    [
      'a call that was not tried with a code',
      change({ code: throttled, more: [...facts.more, { what: 'x', told: unasked }] }),
      ['unknown code', 'unknown least'],
    ],
    ['a role without an answer', withRole({ assumed: [{ region: 'x', told: throttled }] }), ['unknown role-assumed']],
    [
      'a trust policy that was not asked',
      withRole({ without: { ...role.without, sourceIdentity: unasked } }),
      ['unknown role-source-identity'],
    ],
    [
      'a refusal by the organization alone',
      withRole({ without: { ...role.without, sessionName: byOrganization } }),
      ['unknown role-session-name'],
    ],
    [
      'a trust policy that fails otherwise',
      withRole({ without: { ...role.without, mfa: { ...missing } } }),
      ['unknown role-mfa'],
    ],
    [
      'a duration without an answer',
      withRole({ duration: { seconds: 3600, told: throttled } }),
      ['unknown role-duration'],
    ],
    [
      'a policy that is too large',
      withPolicy({ told: { ...missing, name: 'PackedPolicyTooLargeException' } }),
      ['wrong role-policy'],
    ],
    [
      'a policy that is too long with the deny',
      withPolicy({ told: { ...missing, name: 'ValidationError' } }),
      ['unknown role-policy'],
    ],
    ['a policy that is too long', withPolicy({ policy: ' '.repeat(2049) }), ['wrong role-policy']],
    [
      'a revoker that may not',
      change({ roles: [role, { ...revoker, reads: [{ what: 'a', told: denied }] }, rotator] }),
      ['wrong revoker-reads'],
    ],
    [
      'a rotator whose user is not there',
      change({ roles: [role, revoker, { ...rotator, reads: [{ what: 'b', told: missing }] }] }),
      ['wrong rotator-reads'],
    ],
    ['no rotator', withSetup({ rotator: null }), ['unknown rotator']],
    [
      'a role that is reached over another',
      withSetup({ behind: [{ arn: `${arn}-behind`, over: `${arn}-entry` }] }),
      ['unknown role-behind'],
    ],
    [
      'a role behind another, of another account than the revoker',
      withSetup({ behind: [{ arn: 'arn:aws:iam::444455556666:role/x', over: arn }] }),
      ['wrong account', 'unknown role-behind'],
    ],
    ['a way that begins with GetSessionToken', withSetup({ sessionToken: true }), ['unknown session-token']],
    ['a plan that uses the key otherwise', withSetup({ others: ['Suspected compromise'] }), ['unknown plan']],
  ])('with %s', (_, one, expected) => {
    expect(not(one)).toEqual(expected)
    expect(verdictOf(linesOf(one))).toBe(expected[0]?.split(' ')[0])
  })
  it.each([
    ['with a code', done, 'right'],
    ['by its key alone', null, 'by-hand'],
  ] as const)('whose user was denied all else %s', (_, code, says) => {
    const least = linesOf(change({ code })).find(({ check }) => check === 'least')
    expect(least).toMatchObject({ says, words: expect.stringContaining('An explicit deny') as string })
  })
  it('is not right because nothing was seen', () => {
    expect([verdictOf([]), verdictOf(linesOf(facts).filter(({ check }) => check !== 'key'))]).toEqual([
      'unknown',
      'unknown',
    ])
  })
})

describe('a session policy as it is tried', () => {
  it.each(['[]', '{}', 'x', '{"Statement":1}'])('is none: %s', (text) => {
    expect(isPolicy(text)).toBe(false)
  })
  it('denies everything, with one statement or several, and is not shorter', () => {
    for (const text of [
      '{"Statement": {"Effect": "Allow"}}',
      `{"Statement": [{"Effect":"Allow"}]${' '.repeat(200)}}`,
    ]) {
      const tried = deniedPolicy(text)
      expect(JSON.parse(tried)).toEqual({
        Statement: [{ Effect: 'Allow' }, { Effect: 'Deny', Action: '*', Resource: '*' }],
      })
      expect(tried.length).toBeGreaterThanOrEqual(text.length)
    }
  })
})
