import { NO_SUCH_KEY } from '../iam-keys.ts'
import { roleNameOf } from '../narrow.ts'
import {
  allowedBeyond,
  deniesAllBut,
  deniesElsewhere,
  differences,
  type Narrow,
  statementsOf,
  trusted,
} from './documents.ts'
import { emergencyRoles, identityOf, type SetupFacts, type Told } from './facts.ts'
import { type Line, line } from './line.ts'
import type { Attached, ReadFacts, ReadRole } from './read.ts'
import { SOURCES } from './sources.ts'

const OWN_KEYS = [
  'iam:ListAccessKeys',
  'iam:CreateAccessKey',
  'iam:UpdateAccessKey',
  'iam:DeleteAccessKey',
  'iam:GetAccessKeyLastUsed',
]
const TO_ASSUME = ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity']
/** What AWS asks about nothing in particular. */
const OF_NOTHING = ['sts:GetCallerIdentity', 'sts:GetSessionToken']
/** All that the emergency user needs. */
const OF_USER = [...TO_ASSUME, ...OF_NOTHING, ...OWN_KEYS]
const OF_REVOKER = ['iam:PutRolePolicy', 'iam:GetRolePolicy', 'iam:DeleteRolePolicy']
/** What the template gives beside. */
const ALSO_OF_REVOKER = ['iam:ListRolePolicies']
/** Emergency roles of the template, as its policies name them. */
const OF_TEMPLATE = 'lockbox-emergency-*'

/** What is said of what was read with other credentials. */
export function readLines(facts: SetupFacts, read: ReadFacts): Line[] {
  return [
    ...readerLines(read),
    ...userLines(facts, read),
    ...read.roles.flatMap((role) => [
      trustLine(facts, role),
      ...(role.is === 'role' ? emergencyLines(role) : narrowLines(facts, role)),
    ]),
  ]
}

function readerLines({ reader }: ReadFacts): Line[] {
  if (reader.is === 'done') return [line('reader', 'right', `IAM was read as ${reader.good}.`, SOURCES.least)]
  return [
    line('reader', 'unknown', `It is not known whose credentials of --reader are${whyNot(reader)}.`, SOURCES.least),
  ]
}

function userLines(facts: SetupFacts, { user }: ReadFacts): Line[] {
  if (user === null) return []
  const { groups, password } = user
  const noPassword = password.is === 'refused' && password.name === NO_SUCH_KEY
  return [
    userPolicyLine(facts, user),
    ...beside('user', 'The user', user),
    ...told('user-groups', groups, 'in which groups the user is', SOURCES.least, (names) =>
      names.length > 0
        ? line('user-groups', 'wrong', `The user is in ${names.join(', ')}: take it out of all groups.`, SOURCES.least)
        : line('user-groups', 'right', 'The user is in no group.', SOURCES.least),
    ),
    password.is === 'done'
      ? line(
          'user-password',
          'wrong',
          'The user has a password for the console: delete its login profile.',
          SOURCES.sec,
        )
      : noPassword
        ? line('user-password', 'right', 'The user has no password for the console.', SOURCES.sec)
        : line(
            'user-password',
            'unknown',
            `It is not known whether the user has a password${whyNot(password)}.`,
            SOURCES.sec,
          ),
  ]
}

function userPolicyLine({ setup }: SetupFacts, { arn, inline }: Attached & { readonly arn: string }): Line {
  const say = (says: Line['says'], words: string) => line('user-deny', says, words, SOURCES.least)
  const read = statementsIn(inline)
  if (read.is === 'unread') return say('unknown', `The user’s own policies are not known${read.why}.`)
  const roles = [...emergencyRoles(setup), ...setup.behind.map(({ over }) => over), setup.revoker, setup.rotator]
  const ofLockbox = [...roles.filter((role) => role !== null), ofTemplate(arn)]
  for (const [name, what, denies] of [
    ['NothingElse', 'all that the user does not need', deniesAllBut(read.statements, OF_USER)],
    ['NowhereElse', 'other roles and other keys', deniesElsewhere(read.statements, OF_NOTHING, [...ofLockbox, arn])],
  ] as const)
    if (denies !== 'yes')
      return say(
        'wrong',
        denies === 'under-condition'
          ? `The deny of ${what} has a condition, and is none where that is not met: take it off ${name}.`
          : `No policy of the user denies ${what}: give it ${name} of the template.`,
      )
  const beyond = allowedBeyond(read.statements, [
    { actions: TO_ASSUME, on: ofLockbox },
    { actions: OWN_KEYS, on: [arn] },
  ])
  if (beyond === null)
    return say(
      'unknown',
      'What the user’s policies allow has a condition, or names all but some: compare it with AssumeEmergencyRoles and ManageOwnKeys of the template.',
    )
  return beyond.length > 0
    ? say(
        'wrong',
        `The user is allowed ${beyond.join('; ')}: let it assume the roles of Lockbox, and manage its own keys, and no others.`,
      )
    : say(
        'right',
        'Denies without any condition keep the user from all that it does not need, and from other roles and other keys.',
      )
}

/** Policies that were attached to somebody who is to have the template's alone. */
function beside(check: string, name: string, { policies }: Attached): Line[] {
  return told(`${check}-attached`, policies, `which policies are attached to ${name}`, SOURCES.least, (names) =>
    names.length > 0
      ? line(
          `${check}-attached`,
          'wrong',
          `${name} has attached policies beside that of the template: ${names.join(', ')}. Detach them.`,
          SOURCES.least,
        )
      : line(`${check}-attached`, 'right', `${name} has no attached policies.`, SOURCES.least),
  )
}

function trustLine(facts: SetupFacts, { arn, is, trust }: ReadRole): Line {
  const name = roleNameOf(arn)
  const say = (says: Line['says'], words: string) => line(`${is}-trust`, says, words, SOURCES.sec)
  if (trust.is !== 'done') return say('unknown', `It is not known whom ${name} trusts${whyNot(trust)}.`)
  const over = facts.setup.behind.find((one) => one.arn === arn)?.over
  const expected = over ?? identityOf(facts)
  const statements = statementsOf(trust.good)
  if (statements === null || expected === null)
    return say('unknown', `It is not known whether ${name} trusts whom it should.`)
  const all = [...new Set(trusted(statements))]
  const others = all.filter((one) => one !== expected)
  const whom = over === undefined ? 'the emergency user' : roleNameOf(over)
  if (others.length > 0)
    return say('wrong', `${name} trusts ${others.join(', ')}; its trust policy is to let in ${whom} alone.`)
  return all.length === 0
    ? say('wrong', `${name} trusts nobody; its trust policy is to let in ${whom}.`)
    : say('right', `${name} trusts ${whom} alone.`)
}

function emergencyLines({ arn, policies, inline }: ReadRole): Line[] {
  const name = roleNameOf(arn)
  if (policies.is !== 'done' || inline.is !== 'done') {
    const failed = policies.is === 'done' ? inline : policies
    return [line('role-policies', 'unknown', `The policies of ${name} are not known${whyNot(failed)}.`, SOURCES.sec)]
  }
  const all = [...inline.good.map((one) => one.name), ...policies.good]
  return [
    line(
      'role-policies',
      'by-hand',
      `Whether ${name} may do what its emergency needs, and no more: read its policies, ${all.join(', ') || 'of which it has none'}.`,
      SOURCES.sec,
    ),
  ]
}

function narrowLines(facts: SetupFacts, role: ReadRole): Line[] {
  const name = roleNameOf(role.arn)
  const say = (says: Line['says'], words: string) =>
    line(`${role.is}-policy`, says, words, role.is === 'revoker' ? SOURCES.revoke : SOURCES.rotate)
  return [policyLine(facts, role, name, say), ...beside(role.is, name, role)]
}

function policyLine(
  { setup, ...facts }: SetupFacts,
  role: ReadRole,
  name: string,
  say: (says: Line['says'], words: string) => Line,
): Line {
  const read = statementsIn(role.inline)
  if (read.is === 'unread') return say('unknown', `The policy of ${name} is not known${read.why}.`)
  const user = identityOf(facts)
  if (role.is === 'rotator' && user === null) return say('unknown', `It is not known whose keys ${name} is to replace.`)
  const template = role.is === 'revoker' ? 'EndSessions' : 'ReplaceKeys'
  const narrow: Narrow =
    role.is === 'revoker'
      ? {
          actions: OF_REVOKER,
          also: ALSO_OF_REVOKER,
          targets: emergencyRoles(setup),
          patterns: [ofTemplate(role.arn)],
          strangers: [setup.revoker, setup.rotator].filter((arn) => arn !== null),
        }
      : { actions: OWN_KEYS, also: [], targets: [user ?? ''], patterns: [], strangers: [] }
  const found = differences(read.statements, narrow)
  if (found === null)
    return say(
      'unknown',
      `The policy of ${name} has a deny or a condition: compare it with ${template} of the template.`,
    )
  return found.length > 0
    ? say('wrong', `The policy of ${name} is not ${template} of the template: ${found.join('; ')}.`)
    : say('right', `The policy of ${name} allows what it is for, and nothing else.`)
}

/** The template’s emergency roles in the account of an ARN. */
function ofTemplate(arn: string): string {
  return `${arn.split(':').slice(0, 5).join(':')}:role/${OF_TEMPLATE}`
}

type Read =
  | { readonly is: 'read'; readonly statements: NonNullable<ReturnType<typeof statementsOf>> }
  | { readonly is: 'unread'; readonly why: string }

function statementsIn(inline: Attached['inline']): Read {
  if (inline.is !== 'done') return { is: 'unread', why: whyNot(inline) }
  const all = inline.good.map(({ text }) => statementsOf(text))
  if (all.includes(null)) return { is: 'unread', why: ': it could not be read' }
  return { is: 'read', statements: all.flatMap((one) => one ?? []) }
}

function told<Good>(
  check: string,
  answer: Told<Good>,
  what: string,
  source: string,
  say: (good: Good) => Line,
): Line[] {
  return [
    answer.is === 'done'
      ? say(answer.good)
      : line(check, 'unknown', `It is not known ${what}${whyNot(answer)}.`, source),
  ]
}

/** Why something was not read, and what helps. */
function whyNot(answer: Told): string {
  if (answer.is === 'refused' && answer.code === 'denied')
    return ': --reader may not read it. Let it have AWS’s policy SecurityAudit'
  if (answer.is === 'refused') return `: AWS refused (${answer.name})`
  return answer.is === 'unreached' ? `: no answer that counts (${answer.code})` : ''
}
