import type { SetUpLine } from '../../shared/views/set-up-lines.ts'

const SEC = 'https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/sec_permissions_emergency_process.html'
const ASSUME = 'https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html'
const REGIONAL = 'https://docs.aws.amazon.com/sdkref/latest/guide/feature-sts-regionalized-endpoints.html'
const ROLE = 'lockbox-emergency-identity-provider-down'

const line = (check: string, says: SetUpLine['says'], words: string, source: string): SetUpLine => ({
  check,
  says,
  words,
  source,
})

/** What a check finds where one role gives too little, one region is down, and the rest is as it should be. */
export function setUpLines(): SetUpLine[] {
  return [
    line(
      'key',
      'right',
      'The long-lived key AKIAQ3EXAMPLE0000003 works; it is of arn:aws:iam::444455556666:user/lockbox-emergency.',
      SEC,
    ),
    line('region', 'right', 'STS in eu-west-1 answered in 84 ms; its clock is 212 ms from this one.', REGIONAL),
    line(
      'region',
      'unknown',
      'STS in us-east-1 gave no answer that counts (timed-out). Check the network, the endpoint, and whether the region is switched on.',
      REGIONAL,
    ),
    line('role-assumed', 'right', `${ROLE} in eu-west-1: assumed, and denied everything at once.`, SEC),
    line(
      'role-duration',
      'wrong',
      `${ROLE} gives no session of 3600 s, as long as is needed: raise its MaxSessionDuration. ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for this role.`,
      ASSUME,
    ),
    line(
      'alarms',
      'by-hand',
      'Whether the alarms ring: this check was a use of the key, so somebody must have been alerted by now. Ask them.',
      SEC,
    ),
    line(
      'alone',
      'by-hand',
      `Whom else the roles trust: “aws iam get-role --role-name NAME” for ${ROLE}, lockbox-revoker, lockbox-rotator; the principal is to be the emergency user alone.`,
      SEC,
    ),
  ]
}
