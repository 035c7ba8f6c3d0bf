import { roleNameOf } from '../narrow.ts'
import { CHECKER, emergencyRoles, type SetupFacts } from './facts.ts'
import { type Line, line } from './line.ts'
import type { ReadFacts } from './read.ts'
import { readLines } from './read-lines.ts'
import { roleLines } from './role-lines.ts'
import { SOURCES } from './sources.ts'
import { userLines } from './user-lines.ts'

/** What is said of a key that will be gone in an emergency, without trying it. */
export const TEMPORARY: Line = line(
  'key',
  'wrong',
  'The key is temporary and will be gone in an emergency. Make a long-lived one.',
  SOURCES.fault,
)

/**
 * The report on a set-up, in the order in which it is built.
 *
 * @param read - what was read with other credentials than the key; null if there were none.
 */
export function linesOf(facts: SetupFacts, read: ReadFacts | null = null): readonly Line[] {
  const more = read === null ? [] : readLines(facts, read)
  const isDenied = more.some(({ check, says }) => check === 'user-deny' && says === 'right')
  return [
    // What the user's policy says of it needs nobody to read it by hand.
    ...userLines(facts).filter(({ check, says }) => !(isDenied && check === 'least' && says === 'by-hand')),
    ...facts.roles.flatMap((role) => roleLines(role)),
    ...absentLines(facts),
    ...untriedLines(facts),
    ...more,
    ...byHand(facts).filter(({ check }) => read === null || check !== 'alone'),
  ]
}

function absentLines({ setup }: SetupFacts): Line[] {
  return [
    ...(setup.revoker === null
      ? [
          line(
            'revoker',
            'unknown',
            'No revoker was named, so nothing is known of it: name it in the plan, or as --revoker. Without one no session can be ended early.',
            SOURCES.revoke,
          ),
        ]
      : []),
    ...(setup.rotator === null
      ? [
          line(
            'rotator',
            'unknown',
            'No rotator was named, so nothing is known of it: name it in the plan, or as --rotator. Without one a used key stays.',
            SOURCES.sec,
          ),
        ]
      : []),
  ]
}

/** What plans do with the key that this check does not. */
function untriedLines({ setup }: SetupFacts): Line[] {
  return [
    ...setup.behind.map(({ arn, over }) =>
      line(
        'role-behind',
        'unknown',
        `${roleNameOf(arn)} is reached over ${roleNameOf(over)}, and neither was tried: only a drill does that.`,
        SOURCES.assume,
      ),
    ),
    ...(setup.sessionToken && setup.mfa === null
      ? [
          line(
            'session-token',
            'unknown',
            'The way begins with GetSessionToken, which was not tried: only a drill does that.',
            SOURCES.sec,
          ),
        ]
      : []),
    ...setup.others.map((name) =>
      line(
        'plan',
        'unknown',
        `“${name}” uses this key too, with other regions, MFA device, revoker or rotator, so nothing is known of it: check the key under that plan as well.`,
        SOURCES.sec,
      ),
    ),
  ]
}

function byHand({ setup }: SetupFacts): Line[] {
  const names = [...emergencyRoles(setup), setup.revoker, setup.rotator].flatMap((arn) =>
    arn === null ? [] : [roleNameOf(arn)],
  )
  return [
    line(
      'alone',
      'by-hand',
      `Whom else the roles trust: “aws iam get-role --role-name NAME” for ${names.join(', ')}; the principal is to be the emergency user alone.`,
      SOURCES.sec,
    ),
    line(
      'writes',
      'by-hand',
      'Whether revoker and rotator may also change what they read: only a drill tries it. Their policies are EndSessions and ReplaceKeys of the template.',
      SOURCES.sec,
    ),
    line(
      'alarms',
      'by-hand',
      'Whether the alarms ring: this check was a use of the key, so somebody must have been alerted by now. Ask them.',
      SOURCES.sec,
    ),
    line(
      'guard-rail',
      'by-hand',
      'Whether a service control policy keeps roles and alarms: “aws organizations list-policies-for-target --filter SERVICE_CONTROL_POLICY --target-id ACCOUNT” in the management account.',
      SOURCES.org,
    ),
    line(
      'trail',
      'by-hand',
      `Whether CloudTrail records all this where nobody can end it: look for the source identity ${CHECKER} in the central bucket.`,
      SOURCES.sec,
    ),
  ]
}
