import { toBase64Url, utf8 } from '../../shared/bytes.ts'
import type { PersonRef } from '../../shared/views/fields.ts'
import type { PersonView } from '../../shared/views/people-views.ts'

/** 16 bytes of a name, as ids of members, plans and credentials are. */
export const nameId = (name: string) => toBase64Url(utf8(name.padEnd(16, '.').slice(0, 16)))

/** 32 bytes of a name, as ids of statements and devices are. */
export const digestId = (name: string) => toBase64Url(utf8(name.padEnd(32, '.').slice(0, 32)))

const NAMES = {
  ana: 'Ana Costa',
  raj: 'Raj Patel',
  ruth: 'Ruth Díaz',
  kim: 'Kim Sørensen',
  omar: 'Omar Haddad',
  eve: 'Eve Lindqvist',
} as const
export type Who = keyof typeof NAMES

/** A person as they are mentioned. */
export const ref = (who: Who): PersonRef => ({ member: nameId(who), name: NAMES[who] })

/** A member with all that the roster says of them; `me` is the owner of this app. */
export function person(who: Who, me: Who, changes: Partial<PersonView> = {}): PersonView {
  return {
    ...ref(who),
    contact: `+44 20 7946 0${100 + who.length * 37}`,
    roles: ['approver'],
    groups: ['platform'],
    deviceName: `${NAMES[who].split(' ')[0]}’s laptop`,
    keys: [
      { name: 'blue key', model: 'attested model ee882879-721c-4913-9775-3dfcce97072a', attested: true },
      { name: 'safe', model: 'did not prove its model', attested: false },
    ],
    me: who === me,
    reach:
      who === me
        ? null
        : {
            connected: true,
            presence: 'unlocked',
            since: Date.now() - 3_600_000,
            via: '10.0.4.22:47625, found by itself',
            why: null,
            relayedAt: null,
            clockDifferenceMs: 120,
          },
    ...changes,
  }
}

/** The six people of the stories. */
export function everybody(me: Who): PersonView[] {
  const away = {
    connected: false,
    presence: 'gone' as const,
    since: Date.now() - 43 * 60_000,
    via: '',
    why: 'its Lockbox was locked or closed, or the connection broke',
    relayedAt: null,
    clockDifferenceMs: null,
  }
  const locked = { ...away, presence: 'locked' as const, why: null, via: '10.0.4.31:47625, found by itself' }
  return [
    person('ana', me, { roles: ['admin', 'approver', 'commander'] }),
    person('raj', me, { roles: ['admin', 'approver', 'commander'] }),
    person('ruth', me, { roles: ['admin', 'approver'], groups: ['security'] }),
    person('kim', me, { roles: ['approver'], groups: ['security'] }),
    person('omar', me, { roles: ['approver'], reach: me === 'omar' ? null : away }),
    person('eve', me, { roles: ['auditor'], groups: [], reach: me === 'eve' ? null : locked }),
  ]
}
