import { KEEP_RUNNING } from './session-policies.ts'
import { type PlanTemplate, runbook, SHORT } from './template.ts'

/** Nobody can sign in since the identity provider is gone. */
export const IDENTITY_PROVIDER_DOWN: PlanTemplate = {
  emergency: 'identity-provider-down',
  name: 'Identity provider down',
  says: 'Nobody can sign in to AWS because the identity provider does not answer.',
  scope:
    'A role in the account that runs what must not stop, with the permissions of your operators on call. Nothing on the way to it may need the identity provider.',
  sessionPolicy: KEEP_RUNNING,
  durations: SHORT,
  need: 3,
  groups: [{ group: 'security', count: 1 }],
  veto: [],
  requesters: { says: 'Those who lead incidents, day and night; not everybody who works with AWS.', group: null },
  regions: ['eu-west-1', 'us-east-1'],
  runbook: runbook({
    'When to use this': [
      'The identity provider does not answer, and something in AWS cannot wait until it does.',
      'Confirm it: two people on different networks cannot sign in, and the provider’s status page or support says so.',
    ],
    'When not': [
      'Only you cannot sign in: have your account or key mended.',
      'The provider lets you in and AWS then refuses: use “Identity provider configuration broken”.',
      'AWS IAM Identity Center or a region does not answer: use “Account or region access lost”.',
      'Somebody may have broken in, or switched the provider off on purpose: use “Suspected compromise”.',
      'The work can wait, or was planned.',
    ],
    'First steps': [
      '1. Open an incident. Its reference goes into the request.',
      '2. Tell security on call that break-glass is in use, by phone: a chat that signs in through the same provider is down too.',
      '3. Ask for the shortest time that is enough. You can ask again.',
      '4. Approvers: call the requester back on a number you had before tonight. Ask what is down and what will be done.',
      '5. With the session, check where you are before you change anything: aws sts get-caller-identity.',
      '6. Do what keeps services running, and what restores sign-in. Write down each change with its time.',
    ],
    'What to watch': [
      'The alarm for this role should ring within minutes. If it does not, write that down: the review needs it.',
      'The time left. Ten minutes before the end, either finish or ask anew; an outage may outlast any session.',
      'Do not change the emergency role, its policies or the record of what is done. The session refuses most of that.',
    ],
    'How to end': [
      '1. Say “I am done” as soon as the work is done or sign-in is back.',
      '2. Let two people sign in the usual way before you call it over.',
      '3. Undo what was meant for tonight only.',
    ],
    'What follows': [
      'The credential is replaced and its new key deposited, within the time that the plan sets.',
      'Somebody who neither asked, approved nor issued reviews the case: was it an emergency, did CloudTrail show only what was agreed, did the alarm ring.',
      'Everybody who was told of the emergency is told of its end.',
    ],
  }),
}
