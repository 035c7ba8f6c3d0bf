import type { Case, Grant } from '../case/types.ts'
import { issuersFor } from '../org/plan-rules.ts'
import { memberOf } from '../statements/door.ts'
import { deviceId } from '../statements/member.ts'
import type { CaseContext } from './cases.ts'
import { together } from './lists.ts'

/**
 * What this device said in a case goes to connected devices by itself. Of the others that wait for it next it says how they get
 * it, in words; empty when there are none.
 */
export function toCarry(one: Case, { org, names, me, reach }: CaseContext): string {
  const cutOff = waitingFor(one, me).filter((member) => {
    const person = memberOf(org.head.roster, member)
    const known = person === undefined ? null : reach(deviceId(person))
    // A locked device that is called has it too, and whoever is heard by relay gets it there.
    return known !== null && known.presence === 'gone' && known.relayedAt === null
  })
  if (cutOff.length === 0) return ''
  const whose = together(cutOff.map((member) => `${names(member).name}’s`))
  const are = cutOff.length === 1 ? 'device is' : 'devices are'
  return `${whose} ${are} not connected. What this one said goes there as a code or a file, from the timeline below.`
}

/** The issuing device waits for the order to deny it, and whoever asked for the word that it was denied. */
function endingFor({ requester, issuer, revocations }: Grant, me: string): readonly string[] {
  if (requester === issuer) return []
  if (requester === me) return [issuer]
  return revocations.some(({ payload }) => payload.member === me) ? [requester] : []
}

/** Whoever cannot go on without what this person's device said last, in the plan's order. */
function waitingFor(one: Case, me: string): readonly string[] {
  const { plan, quorum, attempt, grant, state } = one
  if (plan === null || quorum === null) return []
  const requester = one.request.payload.member
  if (state === 'granted') return grant?.issuer === me && requester !== me ? [requester] : []
  if (state === 'ending' && grant !== null) return endingFor(grant, me)
  if (state !== 'asked' && state !== 'approved') return []
  const approved = quorum.approved.includes(me)
  if (attempt !== null) {
    const issuer = attempt.ready.payload.member
    if (issuer !== me) return approved ? [issuer] : []
    const released = attempt.releases.map(({ payload }) => payload.member)
    return quorum.approved.filter((member) => member !== me && !released.includes(member))
  }
  const others = [...new Set([...plan.custodians, ...issuersFor(plan, requester)])].filter(
    (member) => member !== me && member !== requester,
  )
  if (approved) return others
  // Whoever has decided has the request.
  return requester === me && state === 'asked'
    ? others.filter((member) => !quorum.approved.includes(member) && !quorum.denied.includes(member))
    : []
}
