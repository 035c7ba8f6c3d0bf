import { OPERATE } from './session-policies.ts'
import { type PlanTemplate, runbook, SHORT } from './template.ts'

/** The system that hands out elevated access is gone. */
export const PRIVILEGED_ACCESS_SYSTEM_DOWN: PlanTemplate = {
  emergency: 'privileged-access-system-down',
  name: 'Privileged access system down',
  says: 'People can sign in, but the system that gives elevated access for a time does not.',
  scope:
    'A role with what your operators get through that system on a bad night, and no more. It need not change permissions: sign-in works.',
  sessionPolicy: OPERATE,
  durations: SHORT,
  need: 3,
  groups: [{ group: 'security', count: 1 }],
  veto: [],
  requesters: { says: 'Those who lead incidents, and operators on call.', group: null },
  regions: ['eu-west-1', 'us-east-1'],
  runbook: runbook({
    'When to use this': [
      'The system that hands out elevated access does not answer or lets nobody through, people can otherwise sign in, and something that needs elevated access cannot wait.',
      'Confirm it: two people are refused or get no answer, and those who run the system know that it is down.',
    ],
    'When not': [
      'It works and refuses you: you lack an approval there, or the right. Ask there.',
      'It is slow, or its approver is asleep: wake them. That is not an outage.',
      'Nobody can sign in at all: use “Identity provider down”.',
      'It was switched off by nobody you can find: use “Suspected compromise”.',
    ],
    'First steps': [
      '1. Open an incident. Its reference goes into the request.',
      '2. Say in the request what you will do and on which systems, as you would have said it there.',
      '3. Ask for the shortest time that is enough. You can ask again.',
      '4. Approvers: call the requester back on a number you had before tonight, and ask why this cannot wait.',
      '5. With the session, check where you are: aws sts get-caller-identity.',
      '6. Do what you said. If it turns out to be something else, say so in the incident, or ask anew.',
    ],
    'What to watch': [
      'That system would have recorded what you do: here CloudTrail and your notes are the record.',
      'The session does not change permissions. If you need that, you need another plan, and other approvers.',
      'The alarm for this role should ring within minutes. If it does not, write that down.',
    ],
    'How to end': [
      '1. Say “I am done” when the work is done or the system is back.',
      '2. Go on there as soon as it works, also if time is left here.',
    ],
    'What follows': [
      'The credential is replaced and its new key deposited, within the time that the plan sets.',
      'Somebody who neither asked, approved nor issued reviews the case, and enters it in that system’s own records.',
      'If this happens more than once in a quarter, the system is the problem to solve.',
    ],
  }),
}
