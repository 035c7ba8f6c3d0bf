import { describe, expect, it } from 'vitest'
import {
  allowedBeyond,
  deniesAllBut,
  deniesElsewhere,
  differences,
  type Narrow,
  statementsOf,
  trusted,
} from './documents.ts'

const of = (...Statement: object[]) => {
  const read = statementsOf(JSON.stringify({ Version: '2012-10-17', Statement }))
  if (read === null) throw new TypeError('a test’s policy cannot be read')
  return read
}
const user = 'arn:aws:iam::123456789012:user/lockbox-emergency'
const role = 'arn:aws:iam::123456789012:role/lockbox-emergency-down'
const trust = { Effect: 'Allow', Principal: { AWS: user }, Action: 'sts:AssumeRole' }
const condition = { Condition: { Null: { 'aws:MultiFactorAuthPresent': 'true' } } }

describe('whom a trust policy lets in', () => {
  it.each<[string, object, string[]]>([
    ['one', {}, [user]],
    ['one in a list', { Principal: { AWS: [user] } }, [user]],
    [
      'several',
      { Principal: { AWS: [user, '*'], Service: 'ec2.amazonaws.com' } },
      [user, '*', 'Service ec2.amazonaws.com'],
    ],
    ['anybody', { Principal: '*' }, ['everybody']],
    ['all but one', { Principal: undefined, NotPrincipal: { AWS: user } }, ['everybody but some']],
    ['nobody', { Effect: 'Deny' }, []],
  ])('%s', (_, change, expected) => {
    expect(trusted(of({ ...trust, ...change }))).toEqual(expected)
  })
  it.each(['', '{}', '[]', '{"Statement":1}', '{"Statement":[{"Effect":"Maybe"}]}'])('cannot be read in %j', (text) => {
    expect(statementsOf(text)).toBeNull()
  })
})

describe('a deny of all but some', () => {
  const deny = { Effect: 'Deny', NotAction: ['sts:AssumeRole'], Resource: '*' }
  it.each<[string, object, string]>([
    ['is one', {}, 'yes'],
    ['is one in other letters', { NotAction: ['STS:assumerole'] }, 'yes'],
    ['is one that spares less', { NotAction: [] }, 'yes'],
    ['is none that spares more', { NotAction: ['sts:AssumeRole', 's3:*'] }, 'no'],
    ['is none of some actions', { NotAction: undefined, Action: 's3:*' }, 'no'],
    ['is none on some resources', { Resource: role }, 'no'],
    ['is none that allows', { Effect: 'Allow' }, 'no'],
    ['is another under a condition', condition, 'under-condition'],
  ])('%s', (_, change, expected) => {
    expect(deniesAllBut(of({ ...deny, ...change }), ['sts:AssumeRole', 'sts:TagSession'])).toBe(expected)
  })
})

describe('a deny on all but some', () => {
  const deny = { Effect: 'Deny', NotAction: ['sts:GetCallerIdentity'], NotResource: [role] }
  it.each<[string, object, string]>([
    ['is one', {}, 'yes'],
    ['is none that spares another resource', { NotResource: [role, user] }, 'no'],
    ['is none that spares another action', { NotAction: ['sts:GetCallerIdentity', 'sts:AssumeRole'] }, 'no'],
    ['is none of some actions', { NotAction: undefined, Action: 'iam:*' }, 'no'],
    ['is none that names its resources', { NotResource: undefined, Resource: role }, 'no'],
    ['is another under a condition', condition, 'under-condition'],
  ])('%s', (_, change, expected) => {
    expect(deniesElsewhere(of({ ...deny, ...change }), ['sts:GetCallerIdentity'], [role])).toBe(expected)
  })
})

describe('what is allowed beyond', () => {
  const allow = { Effect: 'Allow', Action: ['sts:AssumeRole', 'sts:GetCallerIdentity'], Resource: [role] }
  it.each<[string, object, string[] | null]>([
    ['is nothing on its own', {}, []],
    ['is nothing on its own under a condition', condition, []],
    ['is nothing of what is not weighed', { Action: 's3:*', Resource: '*' }, []],
    ['is nothing of a deny', { Effect: 'Deny', Resource: '*' }, []],
    ['is all', { Resource: '*' }, ['sts:AssumeRole on *']],
    ['is another beside', { Resource: [role, `${role}-not`] }, [`sts:AssumeRole on ${role}-not`]],
    ['is another, by a pattern in other letters', { Action: 'STS:*', Resource: user }, [`sts:AssumeRole on ${user}`]],
    [
      'is each allowance',
      { Action: '*', Resource: [role, user] },
      [`sts:AssumeRole on ${user}`, `iam:Create on ${role}`],
    ],
    ['is hidden by a condition', { ...condition, Resource: '*' }, null],
    ['is hidden by all actions but some', { Action: undefined, NotAction: 's3:*' }, null],
    ['is hidden by all resources but some', { Resource: undefined, NotResource: user }, null],
    ['is hidden without a resource', { Resource: undefined }, null],
  ])('%s', (_, change, expected) => {
    const allowances = [
      { actions: ['sts:AssumeRole'], on: [role] },
      { actions: ['iam:Create'], on: [user] },
    ]
    expect(allowedBeyond(of(allow, { ...allow, ...change }), allowances)).toEqual(expected)
  })
})

describe('a narrow policy', () => {
  const narrow: Narrow = {
    actions: ['iam:PutRolePolicy', 'iam:GetRolePolicy'],
    also: ['iam:ListRolePolicies'],
    targets: [role],
    patterns: [`${role.slice(0, -4)}*`],
    strangers: [`${role.slice(0, -4)}revoker`, 'arn:aws:iam::123456789012:role/rotator'],
  }
  const allow = { Effect: 'Allow', Action: narrow.actions, Resource: role }
  it.each<[string, object, string[] | null]>([
    ['is what it is for', {}, []],
    ['is so with what it may have beside', { Action: [...narrow.actions, 'iam:ListRolePolicies'] }, []],
    ['is not, if it allows more', { Action: [...narrow.actions, 'iam:PassRole'] }, ['it allows iam:PassRole']],
    ['is not, if it allows all of a service', { Action: 'iam:*' }, ['it allows iam:*']],
    [
      'is not, if it names what it does not allow',
      { Action: undefined, NotAction: 'iam:PassRole' },
      ['it allows everything but iam:PassRole', `it lacks iam:PutRolePolicy, iam:GetRolePolicy on ${role}`],
    ],
    ['is not, if it covers others too', { Resource: '*' }, ['what it allows covers * too']],
    [
      'is not, if it names others beside',
      { Resource: [role, 'arn:aws:iam::123456789012:role/prod-*'] },
      ['what it allows covers arn:aws:iam::123456789012:role/prod-* too'],
    ],
    [
      'is not, if its pattern covers who must not be',
      { Resource: narrow.patterns },
      [`what it allows covers ${role.slice(0, -4)}revoker too`],
    ],
    [
      'is not, if it names no resource',
      { Resource: undefined },
      ['it allows what it does on everything but some', `it lacks iam:PutRolePolicy, iam:GetRolePolicy on ${role}`],
    ],
    ['is not, if an action lacks', { Action: 'iam:GetRolePolicy' }, [`it lacks iam:PutRolePolicy on ${role}`]],
    [
      'is not, if it is on another role',
      { Resource: `${role}-not` },
      [`what it allows covers ${role}-not too`, `it lacks iam:PutRolePolicy, iam:GetRolePolicy on ${role}`],
    ],
    ['is not judged under a condition', condition, null],
    ['is not judged with a deny', { Effect: 'Deny' }, null],
  ])('%s', (_, change, expected) => {
    expect(differences(of({ ...allow, ...change }), narrow)).toEqual(expected)
  })
})
