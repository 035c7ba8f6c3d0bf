import type { CaseView } from '../../shared/views/case-views.ts'
import { askedCase, MAY_DECIDE } from './cases.ts'
import { digestId, ref } from './people.ts'
import { endedCase } from './stories-cases.ts'
import { caseRoute, raj, type Story } from './story.ts'

const MINUTE = 60_000

/** A case whose session is over, and whose key is replaced by touches. */
export function replacingCase(now: number, changes: Partial<NonNullable<CaseView['rotation']>> = {}): CaseView {
  const one = endedCase(now)
  return {
    ...one,
    mine: { ...one.mine, mayReview: false },
    obligations: [
      ...one.obligations.filter(({ code }) => code === 'rotate'),
      {
        code: 'retire',
        says: 'Delete the key that was used at AWS: until then it may still work',
        since: now - 40 * MINUTE,
        due: now + 23 * 60 * MINUTE,
        by: changes.by ?? [ref('raj'), ref('ruth')],
      },
      ...one.obligations.filter(({ code }) => code === 'review'),
    ],
    rotation: {
      accessKeyId: 'AKIAQ3EXAMPLEUSED001',
      at: 'begin',
      may: 'begin',
      says: 'The key that was used still works.',
      todo: 'Touch your key to go on.',
      trouble: '',
      begun: null,
      also: null,
      by: [ref('raj'), ref('ruth')],
      asks: null,
      custody: null,
      offAt: null,
      deletesAt: null,
      ends: null,
      alarms: [],
      ...changes,
    },
  }
}

/** Nobody has what may replace it any more, and this person may ask for it. */
export const NOBODY: Partial<NonNullable<CaseView['rotation']>> = {
  may: null,
  todo: '',
  by: [],
  asks: { may: true, why: null, who: [ref('raj'), ref('ana')], onItsWay: null, asked: null },
}

/** A request for what may replace the key of that case. */
export function rotationCase(now: number, changes: Partial<CaseView> = {}): CaseView {
  const { id, requester, askedAt, reference } = replacingCase(now)
  return askedCase(now, {
    id: digestId('case rotation'),
    purpose: 'rotation',
    forNobody: true,
    replaces: [{ id, requester, askedAt, reference }],
    what: 'Nobody has what may replace the key used in Ana Costa’s case of 2026-11-23 13:44:00 UTC.',
    seconds: 900,
    ...changes,
  })
}

const rajs = (changes: (now: number) => Partial<NonNullable<CaseView['rotation']>>): Story => ({
  snapshot: () => raj({ cases: [replacingCase(Date.now(), changes(Date.now()))] }),
  route: caseRoute,
})

/** How a used key is replaced, from an admin's window. */
export const replacingStories: Readonly<Record<string, Story>> = {
  'replace-begin': rajs(() => ({})),
  'replace-deposit': rajs((now) => ({
    at: 'deposit',
    may: 'deposit',
    says: 'The new key works. It is not deposited yet.',
    todo: 'Touch your key once more: the new key is dealt to the custodians.',
    begun: { person: ref('raj'), at: now - MINUTE },
    ends: now + 11 * 60 * MINUTE,
  })),
  'replace-delete': rajs((now) => ({
    at: 'delete',
    may: null,
    says: 'The key that was used is switched off.',
    todo: 'It is deleted by itself while this app is unlocked.',
    begun: { person: ref('raj'), at: now - 12 * MINUTE },
    ends: now + 11 * 60 * MINUTE,
    custody: { have: 4, of: 5 },
    offAt: now - 2 * MINUTE,
    deletesAt: now + 58 * MINUTE,
    alarms: ['AKIAQ3EXAMPLEALIEN01'],
  })),
  'replace-also': rajs((now) => ({
    at: 'make',
    may: null,
    says: 'This app and Ruth Díaz’s device have both begun to make a new key, and AWS lets one of them.',
    todo: '',
    trouble:
      'Ruth Díaz’s device began to replace this key as well, and may have made the second of the two keys that AWS lets a user have: let it go on there. If that app was locked by hand or closed since, Ruth Díaz begins there once more, and it deletes what it made. If that cannot be, delete in the AWS console the key that no deposit names.',
    begun: { person: ref('raj'), at: now - MINUTE },
    also: { person: ref('ruth'), at: now - 2 * MINUTE, until: now + 11 * 60 * MINUTE, key: 'none' },
    ends: now + 11 * 60 * MINUTE,
    alarms: ['AKIAQ3EXAMPLERUTHS01'],
  })),
  'replace-ask': rajs(() => NOBODY),
  'replace-ask-now': {
    snapshot: () => raj({ cases: [replacingCase(Date.now(), NOBODY)] }),
    route: { screen: 'now' },
  },
  'rotation-decide': {
    snapshot: () => raj({ cases: [rotationCase(Date.now(), { mine: MAY_DECIDE }), replacingCase(Date.now(), NOBODY)] }),
    route: { screen: 'case', id: digestId('case rotation') },
  },
  'replace-now': {
    snapshot: () => raj({ cases: [replacingCase(Date.now())] }),
    route: { screen: 'now' },
  },
}
