import type { Case } from '../case/types.ts'
import { type Missing, stuckOn } from '../case/withheld.ts'
import { newestHeld } from '../org/generations.ts'
import { memberOf } from '../statements/door.ts'
import { deviceId } from '../statements/member.ts'
import type { CaseView } from './case-views.ts'
import type { CaseContext } from './cases.ts'
import { together } from './lists.ts'

/** What is missing of a rule: "1 more, of them 1 from security". */
export function missingWords({ count, groups }: Missing): string {
  const from = groups.map(({ group, count: some }) => `${some} from ${group}`)
  if (from.length === 0) return `${count} more`
  return count > 0 ? `${count} more, of them ${from.join(' and ')}` : from.join(' and ')
}

/** Of an approved request: how far the shares are, and whoever has to do something so that they come. */
export function approvedSentences(one: Case, at: string, context: CaseContext): Pick<CaseView, 'headline' | 'next'> {
  const need = one.plan?.quorum.count ?? 0
  const failed = one.attempts[0]?.failed
  const called = [...stuckWords(one, context), ...lockedWords(one, context)].join(' ')
  if (one.attempt !== null)
    return {
      headline: `Approved: ${one.attempt.releases.length} of ${need} shares have reached ${at}`,
      next:
        called === ''
          ? 'Custodians’ apps release their shares by themselves. Whoever approved should keep the app open.'
          : called,
    }
  if (failed)
    return {
      headline: 'Approved, but issuing failed',
      next: [failed.payload.message, 'Another attempt follows.', ...stuckWords(one, context)].join(' '),
    }
  if (one.plan !== null && newestHeld(context.org.generations, one.plan) === undefined)
    return {
      headline: 'Approved, but no key of its plan is held',
      next: 'No device can issue before one is. Credentials says what is missing.',
    }
  return {
    headline: 'Approved: waiting for an issuing device',
    next: ['One of the devices that may issue has to be open and unlocked.', ...stuckWords(one, context)].join(' '),
  }
}

/** Who has to accept something before shares come, a sentence each; none where enough come as it is. */
function stuckWords(one: Case, { org, names }: CaseContext): string[] {
  const stuck = stuckOn(org, one)
  if (stuck === null) return []
  const called = (members: readonly string[]) => together(members.map((member) => names(member).name))
  const [who, without] = [called(stuck.notAccepted), called(stuck.noShare)]
  const isOne = stuck.noShare.length === 1
  return [
    ...(stuck.noShare.length === 0
      ? []
      : [
          `${without} approved and ${isOne ? 'holds' : 'hold'} no proven share of this key, so nobody’s app releases yet.`,
          `Still needed: ${missingWords(stuck.missing)}. Or call ${without}, who can accept ${isOne ? 'the share' : 'their shares'} under Credentials.`,
        ]),
    ...(stuck.notAccepted.length === 0
      ? []
      : [
          `${who} approved and ${stuck.notAccepted.length === 1 ? 'has' : 'have'} not accepted this version of the plan: no share comes from there before.`,
          `Call ${who}: it is accepted under Credentials.`,
        ]),
  ]
}

/** Who approved and has to unlock, since a locked app releases nothing. */
function lockedWords({ attempt, quorum }: Case, { org, names, reach }: CaseContext): string[] {
  const released = new Set(attempt?.releases.map(({ payload }) => payload.member))
  const locked = (quorum?.approved ?? []).filter((member) => {
    const person = memberOf(org.head.roster, member)
    return !released.has(member) && person !== undefined && reach(deviceId(person))?.presence === 'locked'
  })
  if (locked.length === 0) return []
  const who = together(locked.map((member) => names(member).name))
  return [
    `A locked Lockbox releases no share. ${who} approved and ${locked.length === 1 ? 'has' : 'have'} to unlock: call them.`,
  ]
}
