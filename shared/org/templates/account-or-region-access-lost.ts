import { KEEP_RUNNING } from './session-policies.ts'
import { type PlanTemplate, runbook } from './template.ts'

/** A part of AWS that people get in through is gone. */
export const ACCOUNT_OR_REGION_ACCESS_LOST: PlanTemplate = {
  emergency: 'account-or-region-access-lost',
  name: 'Account or region access lost',
  says: 'AWS’s own way in is gone: IAM Identity Center or its region does not answer, or nobody can reach an account.',
  scope:
    'A role that was made and given its permissions long before, in the account that fails over. What it may do must not need IAM, whose control plane lies in one region.',
  sessionPolicy: KEEP_RUNNING,
  // Regional outages last for hours, and who asks anew then needs the same people again.
  durations: [1800, 3600, 14_400],
  need: 3,
  groups: [{ group: 'platform', count: 1 }],
  veto: [],
  requesters: { says: 'Those who lead incidents and know how services move to another region.', group: null },
  regions: ['eu-west-1', 'us-west-2', 'ap-southeast-1'],
  runbook: runbook({
    'When to use this': [
      'AWS IAM Identity Center or the region it lies in does not answer, or every usual way into an account is gone, and services have to be moved or kept running.',
      'Confirm it: the AWS Health Dashboard says so, or two people on different networks get the same error, and the identity provider itself works.',
    ],
    'When not': [
      'Your identity provider does not answer: use “Identity provider down”.',
      'AWS refuses only what the provider says: use “Identity provider configuration broken”.',
      'An account was taken over, or closed by somebody unknown: use “Suspected compromise”, and call AWS Support.',
      'Identity Center works in a second region, or its own emergency access was set up: use that first.',
    ],
    'First steps': [
      '1. Open an incident. Its reference goes into the request. Open a case with AWS Support as well.',
      '2. Say which services move where, and what stays as it is, before you ask.',
      '3. Choose a time that covers the move. A session cannot be made longer, and the outage may outlast it.',
      '4. Approvers: call the requester back on a number you had before tonight. One of you must know the platform.',
      '5. Lockbox asks STS in the next region by itself when one does not answer. With the session, check where you are: aws sts get-caller-identity.',
      '6. Name the region in every command: defaults may point at the one that is gone.',
      '7. Follow the prepared failover. Use what exists: no new users, roles or policies, since IAM may not take changes now.',
    ],
    'What to watch': [
      'Do not build what the failover does not have. What is made in haste here is what breaks tomorrow.',
      'Alarms and logs of the region that is gone may be gone too: write down each change with its time.',
      'Twenty minutes before the end, ask anew if the move is not finished: approvers may be asleep again.',
    ],
    'How to end': [
      '1. Say “I am done” when services run where they should, or when the usual way in is back.',
      '2. Let two people sign in the usual way before you call it over.',
      '3. Moving back is planned work. It needs no break-glass.',
    ],
    'What follows': [
      'The credential is replaced and its new key deposited, within the time that the plan sets; wait until IAM takes changes again.',
      'Somebody who neither asked, approved nor issued reviews the case, and what the failover lacked.',
      'Everybody who was told of the emergency is told of its end.',
    ],
  }),
}
