import { NO_SUCH_KEY } from '../iam-keys.ts'
import { roleNameOf } from '../narrow.ts'
import type { RoleFact, Told } from './facts.ts'
import { type Line, line } from './line.ts'
import { SOURCES } from './sources.ts'

/** What is said of one role. */
export function roleLines(fact: RoleFact): Line[] {
  const { is, arn, without, duration } = fact
  const name = roleNameOf(arn)
  const said = (check: string) => `${is}-${check}`
  return [
    ...fact.assumed.map(({ region, told }) => assumedLine(said('assumed'), `${name} in ${region}`, told)),
    refusedLine(said('source-identity'), without.sourceIdentity, SOURCES.sid, {
      right: `${name} refuses a session without a source identity, by which CloudTrail shows who it was for.`,
      wrong: `${name} gives a session without a source identity: its trust policy lacks the condition Null of EmergencyUserAlone.`,
    }),
    refusedLine(said('session-name'), without.sessionName, SOURCES.sid, {
      right: `${name} refuses a session whose name does not begin with lb-.`,
      wrong: `${name} gives a session of any name: its trust policy lacks the condition sts:RoleSessionName of EmergencyUserAlone.`,
    }),
    ...(without.externalId === null
      ? []
      : [
          refusedLine(said('external-id'), without.externalId, SOURCES.ext, {
            right: `${name} refuses a session without the external id, and one with another id.`,
            wrong: `${name} gives a session without the external id, or with another: its trust policy lacks the condition StringEquals with sts:ExternalId.`,
          }),
        ]),
    ...(without.mfa === null
      ? []
      : [
          refusedLine(said('mfa'), without.mfa, SOURCES.mfa, {
            right: `${name} asks for a code of the MFA device.`,
            wrong: `${name} does not ask for a code: its trust policy lacks the condition aws:MultiFactorAuthPresent.`,
          }),
        ]),
    durationLine(said('duration'), name, duration),
    ...fact.policies.map(({ policy, told }) => policyLine(said('policy'), name, policy, told)),
    ...fact.reads.map(({ what, told }) => readLine(said('reads'), name, what, told)),
  ]
}

function assumedLine(check: string, where: string, told: Told): Line {
  if (told.is === 'done') return line(check, 'right', `${where}: assumed, and denied everything at once.`, SOURCES.sec)
  if (told.is === 'refused')
    return line(
      check,
      'wrong',
      `${where}: refused (${told.name}). Its trust policy and the user's policy must allow sts:AssumeRole, sts:TagSession and sts:SetSourceIdentity; conditions on session name, source identity or external id belong to sts:AssumeRole alone; an external id or MFA device that it asks for must be given. ${told.words}`.trim(),
      SOURCES.sec,
    )
  const why = told.is === 'unreached' ? `no answer that counts (${told.code})` : 'not asked, since no code was taken'
  return line(check, 'unknown', `${where}: ${why}.`, SOURCES.sec)
}

/** Of a call that has to be refused: only a refusal by a policy of the account shows that it is. */
function refusedLine(
  check: string,
  told: Told,
  source: string,
  words: { readonly right: string; readonly wrong: string },
): Line {
  if (told.is === 'done') return line(check, 'wrong', words.wrong, source)
  if (told.is === 'refused' && told.code === 'denied') return line(check, 'right', words.right, source)
  return line(check, 'unknown', `Not settled whether it is so: ${words.right}`, source)
}

function durationLine(check: string, name: string, { seconds, told }: RoleFact['duration']): Line {
  if (told.is === 'done')
    return line(check, 'right', `${name} gives sessions of ${seconds} s, as long as is needed.`, SOURCES.assume)
  if (told.is === 'refused')
    return line(
      check,
      'wrong',
      `${name} gives no session of ${seconds} s, as long as is needed: raise its MaxSessionDuration. ${told.words}`.trim(),
      SOURCES.assume,
    )
  return line(check, 'unknown', `Not settled whether ${name} gives sessions of ${seconds} s.`, SOURCES.assume)
}

/** AWS's limit of a session policy, characters. */
const MOST_CHARACTERS = 2048

function policyLine(check: string, name: string, policy: string, told: Told): Line {
  if (policy.length > MOST_CHARACTERS)
    return line(
      check,
      'wrong',
      `The session policy has ${policy.length} characters, AWS takes ${MOST_CHARACTERS}. Shorten it.`,
      SOURCES.assume,
    )
  if (told.is === 'done')
    return line(check, 'right', `${name} takes the session policy, with tags and source identity.`, SOURCES.assume)
  if (told.is === 'refused' && told.name !== 'ValidationError')
    return line(
      check,
      'wrong',
      `${name} does not take the session policy (${told.name}), or takes it with no room to spare. ${told.words}`.trim(),
      SOURCES.assume,
    )
  return line(
    check,
    'unknown',
    `Not settled whether ${name} takes the session policy; it may be close to AWS's limit.`,
    SOURCES.assume,
  )
}

function readLine(check: string, name: string, what: string, told: Told): Line {
  const source = check.startsWith('revoker') ? SOURCES.revoke : SOURCES.sec
  // The policy that the revoker is asked for is not there: whoever may not read does not hear so much.
  const isRead =
    told.is === 'done' || (told.is === 'refused' && told.name === NO_SUCH_KEY && check.startsWith('revoker'))
  if (isRead) return line(check, 'right', `${name} may read ${what}, with the narrow policy that it will have.`, source)
  if (told.is === 'refused')
    return line(
      check,
      'wrong',
      `${name} may not read ${what} (${told.name}). See its policy in the template. ${told.words}`.trim(),
      source,
    )
  return line(check, 'unknown', `Not settled whether ${name} may read ${what}.`, source)
}
