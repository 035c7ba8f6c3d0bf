import type { NotNow } from '../case/duties.ts'

const NOT_NOW: Record<NotNow, string> = {
  'case-closed': 'This case takes no more decisions.',
  'not-active': 'This device is not the one that the organization knows as yours.',
  'not-custodian': 'You hold no share for this plan.',
  'own-request': 'You asked; others decide.',
  'already-decided': 'You denied this request; that stands.',
  'rule-not-met': 'More approvals are needed first.',
  'no-own-approval': 'You have not approved.',
  'plan-not-accepted': 'You have not accepted this version of the plan.',
  'share-not-proven': 'You have not accepted your share of this key.',
  'no-attempt': 'No device is ready to issue yet.',
  'already-released': 'Your share is released.',
  'not-issuer': 'This device does not issue for this plan.',
  'attempt-runs': 'A device is already on it.',
  'no-generation': 'No credential is held for this plan.',
  'releases-missing': 'Shares are still on their way.',
  'already-issuing': 'It is already being issued.',
  'not-over': 'It can be reviewed once access is over.',
  'session-over': 'That session is over.',
  'not-admin': 'Only an admin may do that.',
  'nothing-to-replace': 'The key that was used is deleted, or the plan names no role that may replace it.',
  'can-be-replaced': 'Somebody has what may replace the key: it is replaced with that.',
  'on-its-way': 'Another case is about to make what may replace the key.',
  'already-asked': 'You asked for a rotation, and it is not approved yet.',
  'no-plan-rotates':
    'No plan in effect names a role that may replace the key. The admins endorse a plan that names one. Do not delete the key by hand: the case could not be closed. Switch it off at most.',
  'not-requester': 'No plan under which it is made lets you ask. A commander who may ask does it.',
  'no-other-admin':
    'What may replace the key never goes to whoever asks, and you are the only admin. Another commander asks.',
  'took-part': 'You took part in this case; somebody else reviews it.',
  'protocol-unsupported': 'Your organization uses rules that this version does not know. Update Lockbox.',
}

/** Why something may not be done now, in words. */
export function notNowWords(why: NotNow): string {
  return NOT_NOW[why]
}
