import { authorize } from './authorize.ts'
import { operatorsIn } from './conditions.ts'
import { AwsError, invalid, limitExceeded, noSuchEntity } from './errors.ts'
import type { IamAction } from './iam.ts'
import { isoSecond } from './iam-keys.ts'
import { parsePolicy } from './policy.ts'
import { changePolicy, type Key, policiesOf, type Role, roleNamed, userNamed, type World } from './world.ts'

const POLICY_NAME = /^[\w+=,.@-]{1,128}$/
/** IAM's limit for all inline policies of a role together, white space not counted. */
const MAX_ROLE_POLICIES = 10_240

/** Roles and their inline policies; inline policies of users to read. */
export const iamPolicyAction: IamAction = (world, key, form) => {
  const action = form.get('Action') ?? ''
  switch (action) {
    case 'PutRolePolicy': {
      const role = roleOf(world, key, form, action)
      put(world, role, policyName(form), form.get('PolicyDocument') ?? '')
      return { result: '' }
    }
    case 'GetRolePolicy': {
      const role = roleOf(world, key, form, action)
      const PolicyDocument = encodeURIComponent(documentOf(role, policyName(form)))
      return { result: { RoleName: role.name, PolicyName: policyName(form), PolicyDocument } }
    }
    case 'DeleteRolePolicy': {
      const role = roleOf(world, key, form, action)
      documentOf(role, policyName(form))
      changePolicy(world, role, policyName(form), null)
      return { result: '' }
    }
    case 'ListRolePolicies':
      return { result: names([...policiesOf(roleOf(world, key, form, action)).keys()]) }
    case 'ListAttachedRolePolicies':
      roleOf(world, key, form, action)
      return { result: { AttachedPolicies: [], IsTruncated: 'false' } }
    case 'GetRole': {
      const { arn, id, name, trust, maxSessionSeconds } = roleOf(world, key, form, action)
      const described = { Path: '/', RoleName: name, RoleId: id, Arn: arn, CreateDate: isoSecond(0) }
      const AssumeRolePolicyDocument = encodeURIComponent(trust)
      const MaxSessionDuration = String(maxSessionSeconds)
      return { result: { Role: { ...described, AssumeRolePolicyDocument, MaxSessionDuration } } }
    }
    default:
      return userPolicyAction(world, key, form)
  }
}

const userPolicyAction: IamAction = (world, key, form) => {
  const action = form.get('Action') ?? ''
  const name = form.get('UserName') ?? ''
  const user = () => {
    const resource = `arn:${world.partition.name}:iam::${world.account}:user/${name}`
    authorize(world, key.caller, { action: `iam:${action}`, resource })
    return userNamed(world, name)
  }
  switch (action) {
    case 'ListUserPolicies':
      return { result: names([...user().policies.keys()]) }
    case 'GetUserPolicy': {
      const text = user().policies.get(policyName(form))
      if (text === undefined) throw noSuchEntity(`user policy with name ${policyName(form)}`)
      const PolicyDocument = encodeURIComponent(text)
      return { result: { UserName: name, PolicyName: policyName(form), PolicyDocument } }
    }
    case 'ListAttachedUserPolicies':
      user()
      return { result: { AttachedPolicies: [], IsTruncated: 'false' } }
    case 'ListGroupsForUser':
      user()
      return { result: { Groups: [], IsTruncated: 'false' } }
    case 'GetLoginProfile':
      throw noSuchEntity(`Login Profile for User ${user().name}`)
    default:
      return null
  }
}

function roleOf(world: World, { caller }: Key, form: URLSearchParams, action: string): Role {
  const name = form.get('RoleName') ?? ''
  const found = [...world.roles.values()].find((one) => one.name === name)
  const resource = found?.arn ?? `arn:${world.partition.name}:iam::${world.account}:role/${name}`
  authorize(world, caller, { action: `iam:${action}`, resource })
  return roleNamed(world, name)
}

function put(world: World, role: Role, name: string, text: string): void {
  if (text.length < 1 || text.length > 131_072)
    throw invalid('policyDocument', 'Member must have length less than or equal to 131072')
  const policy = parsePolicy(text)
  if (policy.Statement.some(({ Principal }) => Principal !== undefined))
    throw new AwsError('MalformedPolicyDocument', 400, 'Policy document should not specify a principal.')
  if (policy.Statement.some(({ Resource, NotResource }) => !Resource && !NotResource))
    throw new AwsError('MalformedPolicyDocument', 400, 'Policy statement must contain resources.')
  const used = policy.Statement.flatMap(({ Condition }) => operatorsIn(Condition))
  if (used.some((operator) => world.withoutOperators.has(operator)))
    throw new AwsError('MalformedPolicyDocument', 400, 'Syntax errors in policy.')
  const others = [...policiesOf(role)].filter(([other]) => other !== name).map(([, document]) => document)
  const size = [...others, text].join('').replace(/\s/g, '').length
  if (size > MAX_ROLE_POLICIES) throw limitExceeded(`roleNumberOfPolicyBytes`, MAX_ROLE_POLICIES)
  changePolicy(world, role, name, text)
}

function documentOf(role: Role, name: string): string {
  const text = policiesOf(role).get(name)
  if (text === undefined) throw noSuchEntity(`role policy with name ${name}`)
  return text
}

function policyName(form: URLSearchParams): string {
  const name = form.get('PolicyName') ?? ''
  if (!POLICY_NAME.test(name))
    throw invalid('policyName', 'Member must satisfy regular expression pattern: [\\w+=,.@-]+')
  return name
}

function names(PolicyNames: readonly string[]) {
  return { PolicyNames, IsTruncated: 'false' }
}
