interface Part {
  readonly Sid: string
  readonly Effect: 'Allow' | 'Deny'
  readonly Action: string | readonly string[]
  readonly Resource: '*'
}

const part = (Sid: string, Effect: Part['Effect'], Action: Part['Action']): Part => ({
  Sid,
  Effect,
  Action,
  Resource: '*',
})

/** A session policy as text: people read it before they sign it. AWS takes at most 2,048 characters, so one line a part. */
function policy(parts: readonly Part[]): string {
  const lines = parts.map((one) => `    ${JSON.stringify(one)}`)
  return `{\n  "Version": "2012-10-17",\n  "Statement": [\n${lines.join(',\n')}\n  ]\n}`
}

const ALL = part('WhatTheRoleMay', 'Allow', '*')

// An emergency must leave its own record behind.
const RECORD = part('KeepTheRecord', 'Deny', [
  'cloudtrail:DeleteTrail',
  'cloudtrail:PutEventSelectors',
  'cloudtrail:StopLogging',
  'cloudtrail:UpdateTrail',
  'config:DeleteConfigurationRecorder',
  'config:StopConfigurationRecorder',
  'guardduty:DeleteDetector',
  'guardduty:UpdateDetector',
])

// What could be used after the session is over, when nobody has approved it any more.
const DOORS = part('OpenNoLastingDoor', 'Deny', [
  'iam:CreateAccessKey',
  'iam:CreateLoginProfile',
  'iam:CreateOpenIDConnectProvider',
  'iam:CreateRole',
  'iam:CreateSAMLProvider',
  'iam:CreateUser',
  'iam:UpdateAssumeRolePolicy',
  'iam:UpdateLoginProfile',
])

const ORGANIZATION = part('KeepTheAccount', 'Deny', [
  'account:CloseAccount',
  'organizations:CloseAccount',
  'organizations:LeaveOrganization',
])

// Contain by isolating: what is deleted cannot be examined.
const EVIDENCE = part('KeepTheEvidence', 'Deny', [
  'backup:DeleteRecoveryPoint',
  'ec2:DeleteSnapshot',
  'ec2:DeleteVolume',
  'ec2:TerminateInstances',
  'kms:ScheduleKeyDeletion',
  'logs:DeleteLogGroup',
  'logs:DeleteLogStream',
  'rds:DeleteDB*',
  's3:DeleteBucket',
  's3:DeleteObject*',
])

const PERMISSIONS = part('ChangeNoPermissions', 'Deny', [
  'iam:Add*',
  'iam:Attach*',
  'iam:Create*',
  'iam:Delete*',
  'iam:Detach*',
  'iam:Put*',
  'iam:Remove*',
  'iam:Set*',
  'iam:Update*',
  'identitystore:*',
  'organizations:*',
  'sso:*',
  'sso-directory:*',
])

const SIGN_IN = part('SignInAlone', 'Allow', [
  'cloudtrail:LookupEvents',
  'iam:GetSAMLProvider',
  'iam:ListSAMLProviders',
  'iam:UpdateSAMLProvider',
  'identitystore:Describe*',
  'identitystore:List*',
  'organizations:Describe*',
  'organizations:List*',
  'sso:*',
  'sso-directory:*',
])

// Who may sign in stays who could before, and may what they might.
const PEOPLE = part('AddNobody', 'Deny', [
  'sso-directory:AddMemberToGroup',
  'sso-directory:CreateBearerToken',
  'sso-directory:CreateUser',
  'sso-directory:UpdatePassword',
  'sso:AssociateProfile',
  'sso:Attach*',
  'sso:Create*Assignment',
  'sso:PutInlinePolicyToPermissionSet',
  'sso:PutPermissionsPolicy',
])

/** All that the role may do but end the record, or open a door that outlasts the session. */
export const KEEP_RUNNING = policy([ALL, RECORD, DOORS, ORGANIZATION])
/** How people sign in, and nothing else; not who. */
export const MEND_SIGN_IN = policy([SIGN_IN, PEOPLE])
/** To contain, and keep what has to be examined. */
export const CONTAIN = policy([ALL, RECORD, DOORS, ORGANIZATION, EVIDENCE])
/** To operate, with the permissions that there are. */
export const OPERATE = policy([ALL, RECORD, PERMISSIONS, part('KeepTheAccount', 'Deny', ['account:CloseAccount'])])
