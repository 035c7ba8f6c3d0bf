import { CONTAIN } from './session-policies.ts'
import { type PlanTemplate, runbook, SHORT } from './template.ts'

/** Somebody else may be in. */
export const SUSPECTED_COMPROMISE: PlanTemplate = {
  emergency: 'suspected-compromise',
  name: 'Suspected compromise',
  says: 'Somebody who should not be there may be in AWS or in the identity provider, and has to be kept from doing more.',
  scope:
    'A role that may isolate, deny and switch off in the accounts that matter, and read the records. It must not hang on the identity provider, which may be what was broken into.',
  sessionPolicy: CONTAIN,
  durations: SHORT,
  need: 3,
  groups: [{ group: 'security', count: 1 }],
  veto: ['security'],
  requesters: { says: 'Those who answer to security incidents.', group: 'security' },
  regions: ['eu-west-1', 'us-east-1'],
  runbook: runbook({
    'When to use this': [
      'There are signs that somebody is in AWS, in the identity provider or in an administrator’s account who should not be, and the usual accounts cannot be trusted to act: ransomware, unknown administrators, alarms switched off.',
      'Confirm it as far as you can in minutes. You need not be sure to contain; you need to be sure whom you talk to.',
    ],
    'When not': [
      'The usual accounts can be trusted and suffice: use them, and keep this for later.',
      'Nothing suspicious, the provider is simply down: use “Identity provider down”.',
      'To look around out of curiosity, or to clean up afterwards: that is planned work.',
    ],
    'First steps': [
      '1. Lead the incident by phone or in person. Whoever broke in may read mail and chat, and may pose as a colleague there.',
      '2. Open the incident on paper if need be; its reference goes into the request. Do not write what you know into systems that may be watched.',
      '3. Approvers: talk to the requester by voice, and recognize them. Security can stop this request with one denial, and should when in doubt.',
      '4. If an approver’s laptop or key may be in wrong hands, say so in the call: that person denies, or is not counted on.',
      '5. With the session, check where you are: aws sts get-caller-identity.',
      '6. Contain before you examine: deny roles their sessions from before now (aws:TokenIssueTime), switch keys to inactive, cut networks off with security groups.',
      '7. Isolate, snapshot and tag; delete nothing. The session refuses to delete what has to be examined.',
      '8. Look in CloudTrail for who else came in, from where, since when, and what was left behind: keys, roles, trust, rules.',
    ],
    'What to watch': [
      'Record each step with its time and who decided. It may go to the police, to customers or to a court.',
      'Whoever is in sees that they are being locked out. Close the ways in together rather than one by one.',
      'If Lockbox itself behaves oddly, or a request comes that nobody made: deny it and tell all approvers by phone.',
    ],
    'How to end': [
      '1. Say “I am done” when the ways in that you know are closed, or hand over to the next shift by a request of their own.',
      '2. Go on with trusted accounts as soon as there are some.',
      '3. Keep the incident open: ending the session ends nothing else.',
    ],
    'What follows': [
      'The credential is replaced and its new key deposited at once, from a computer that is trusted.',
      'Do a custody check and a drill: shares and keys of everybody who may be affected are dealt anew.',
      'Somebody who neither asked, approved nor issued reviews the case against CloudTrail, line by line.',
      'Legal and privacy decide whom to tell, and by when.',
    ],
  }),
}
