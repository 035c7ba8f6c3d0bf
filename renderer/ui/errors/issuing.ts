import { NOTHING_CHANGED, OWN_FAULT, say } from './say.ts'

const ISSUER_KEY = say(
  'AWS did not accept the credential.',
  'No session was issued.',
  'Check in AWS that the key is active, then deposit the current one.',
)

/** Words for issuing at AWS. */
export const ISSUING = {
  'wrong-key': ISSUER_KEY,
  'expired-key': ISSUER_KEY,
  denied: say(
    'AWS refused to issue the session.',
    'No session was issued.',
    'Check the role’s trust policy; the plan names the role.',
  ),
  'denied-by-organization': say(
    'A policy of the AWS organization forbids the session.',
    'No session was issued.',
    'Have the emergency roles excepted from it, or use a plan over another account.',
  ),
  'wrong-code': say(
    'AWS did not take the MFA code.',
    'No session was issued.',
    'Issue again in a minute. If it fails again, deposit key and seed anew.',
  ),
  throttled: say('AWS asks to slow down.', 'No session was issued yet.', 'Wait a moment, then try again.'),
  'clock-skew': say(
    'This device’s clock and AWS’s differ too much.',
    'No session was issued.',
    'Set this device’s clock.',
  ),
  'policy-too-large': say(
    'The plan’s session policy is too large for AWS.',
    'No session was issued.',
    'An admin has to shorten the policy in the plan.',
  ),
  invalid: say(
    'AWS’s answer could not be understood.',
    'A session may exist; the case says so.',
    'Try another device that may issue.',
  ),
  'console-refused': say(
    'AWS gives no sign-in to the console for this session.',
    'The session itself goes on, and nothing was copied.',
    'Use the environment lines or the AWS CLI profile. AWS refuses this where the plan goes over another role or GetSessionToken.',
  ),
  'console-unreachable': say(
    'No sign-in endpoint of AWS answered.',
    'The session itself goes on, and nothing was copied.',
    'Try again, or use the environment lines or the AWS CLI profile.',
  ),
  'not-aws': say(
    'This session is of a server whose console Lockbox does not know.',
    'The session itself goes on, and nothing was copied.',
    'Use the environment lines or the AWS CLI profile.',
  ),
  gone: OWN_FAULT,
  confused: OWN_FAULT,
  refused: say('That was refused.', NOTHING_CHANGED, 'Correct what is named, then try again.'),
  'record-unreadable': say(
    'What this device kept for ending a session and replacing its key cannot be read.',
    'Nobody can be given it. Everything else goes on.',
    'The session dies by itself; if it has to end before, deny it by hand in IAM. If its key has to be replaced and nobody has what may, ask for a rotation in the case.',
  ),
}
