import { issuersFor } from '../../shared/org/plan-rules.ts'
import type { PersonRef } from '../../shared/views/fields.ts'
import { either, together } from '../../shared/views/lists.ts'
import type { PersonView } from '../../shared/views/people-views.ts'
import type { PlanView } from '../../shared/views/plan-views.ts'
import type { Snapshot } from '../../shared/views/views.ts'

/** What it takes to see who can be reached. */
type Seen = Pick<Snapshot, 'people' | 'me' | 'generations'>

/** Whether another person's app can be reached now; this very app always can. */
export function isReachable(person: PersonView | undefined): boolean {
  return person?.me === true || person?.reach?.connected === true
}

/** Who can be reached now of those who decide under a plan, against what its rule needs. */
export interface ReachNow {
  /** Those who can be reached, and whose approval brings a share. */
  readonly have: number
  /** All who decide. */
  readonly of: number
  readonly need: number
  /** Groups of which too few can be reached. */
  readonly lacking: readonly { readonly group: string; readonly have: number; readonly count: number }[]
  /** Whether enough are there to approve and release; whether a device is there to issue is `canIssue`. */
  readonly isEnough: boolean
  /** Those whose app is locked: they are called, and do not count before they unlock it. */
  readonly locked: number
  /** Deciders who did not accept this version, and who hold no proven share of its key: they do not count before. */
  readonly notAccepted: readonly PersonRef[]
  readonly noShare: readonly PersonRef[]
  /** Whether a key is held that serves the plan. */
  readonly hasKey: boolean
  readonly issuers: readonly { readonly person: PersonRef; readonly isHere: boolean }[]
  readonly canIssue: boolean
}

/** @param asker - who asks, whose own decision would not count; the app's owner where nobody else is named. */
export function reachNow(plan: PlanView, { people, me, generations }: Seen, asker = me?.member): ReachNow {
  const person = (member: string) => people.find((each) => each.member === member)
  const key = generations.find(({ id }) => id === plan.key)
  const holds = ({ member }: PersonRef) =>
    key?.seats.some((seat) => seat.person.member === member && seat.accepted && seat.lastProof !== null) === true
  const accepted = ({ member }: PersonRef) => plan.acceptedBy.some((each) => each.member === member)
  const deciders = plan.custodians.filter(({ member }) => member !== asker)
  const here = deciders.filter((each) => accepted(each) && holds(each) && isReachable(person(each.member)))
  const lacking = plan.groups
    .map(({ group, count }) => ({
      group,
      have: here.filter(({ member }) => person(member)?.groups.includes(group)).length,
      count,
    }))
    .filter(({ have, count }) => have < count)
  const may = issuersFor(
    { issuers: plan.issuers.map(({ member }) => member), requesterMayIssue: plan.requesterMayIssue },
    asker ?? '',
  )
  const issuers = plan.issuers
    .filter(({ member }) => may.includes(member))
    .map((each) => ({ person: each, isHere: isReachable(person(each.member)) }))
  return {
    have: here.length,
    of: deciders.length,
    need: plan.need,
    lacking,
    isEnough: here.length >= plan.need && lacking.length === 0,
    locked: deciders.filter(({ member }) => person(member)?.reach?.presence === 'locked').length,
    notAccepted: deciders.filter((each) => !accepted(each)),
    noShare: key === undefined ? [] : deciders.filter((each) => !holds(each)),
    hasKey: key !== undefined,
    issuers,
    canIssue: issuers.some(({ isHere }) => isHere),
  }
}

/** "Reachable now: 3 of the 3 you need". */
export function reachNowWords({ have, need }: ReachNow): string {
  const more = have > need ? `, and ${have - need} more` : ''
  return `Reachable now: ${Math.min(have, need)} of the ${need} you need${more}`
}

/** What else there is to know before asking, a sentence each. */
export function reachNowMore(now: ReachNow): readonly string[] {
  if (!now.hasKey)
    return ['No key is held for this plan, so nobody has a share to release. Credentials says what is missing.']
  const names = (some: readonly PersonRef[]) => together(some.map(({ name }) => name))
  const [one, other] = [now.notAccepted, now.noShare]
  return [
    ...now.lacking.map(({ group, have, count }) => `Reachable now: ${have} of the ${count} you need from ${group}.`),
    ...(now.locked === 0
      ? []
      : [
          now.locked === 1
            ? '1 is locked. The owner is called when you ask, and counts after unlocking.'
            : `${now.locked} are locked. Their owners are called when you ask, and count after unlocking.`,
        ]),
    ...(one.length === 0 ? [] : [`Not counted before this version of the plan is accepted: ${names(one)}.`]),
    ...(other.length === 0 ? [] : [`Not counted before a share is accepted: ${names(other)}.`]),
  ]
}

/** Whether a device that may issue can be reached, in words. */
export function issuersWords({ issuers, canIssue }: ReachNow): string {
  const names = (some: ReachNow['issuers']) => some.map(({ person }) => person.name)
  return canIssue
    ? `Can issue now: ${either(names(issuers.filter(({ isHere }) => isHere)))}`
    : `No device that may issue can be reached: call ${either(names(issuers))}`
}

/** How it is with those who would have to answer a request now, for the top bar. */
export interface Reachability {
  readonly says: string
  /** Whether a request under some plan could not be answered now. */
  readonly isShort: boolean
  /** Which plan that is said of; null while none is in effect. */
  readonly plan: string | null
}

/**
 * Of the plans under which the owner may ask the one that is worst off; where there is none, of all in effect, each as for that one
 * of those who may ask for whom it is worst. Null while nobody decides anything.
 */
export function reachability(snapshot: Pick<Snapshot, 'stage' | 'plans'> & Seen): Reachability | null {
  if (snapshot.stage !== 'member') return null
  const { people, me } = snapshot
  const effective = snapshot.plans.filter(({ state }) => state === 'effective')
  const mine = effective.filter(({ mayAsk }) => mayAsk)
  const [worst] = (mine.length > 0 ? mine : effective)
    .flatMap((plan) =>
      (mine.length > 0 ? [me?.member] : plan.requesters.map(({ member }) => member)).map((asker) => ({
        plan,
        now: reachNow(plan, snapshot, asker),
      })),
    )
    .sort((a, b) => Number(isShort(b.now)) - Number(isShort(a.now)) || margin(a.now) - margin(b.now))
  if (worst === undefined)
    return { says: `${people.filter(isReachable).length} of ${people.length} reachable`, isShort: false, plan: null }
  const { plan, now } = worst
  if (isShort(now)) return { says: shortWords(now), isShort: true, plan: plan.name }
  // Where all is well it says who of all custodians is there, whoever would ask.
  const { have, of, need } = reachNow(plan, snapshot, '')
  return { says: `${have} of ${of} reachable · ${need} needed`, isShort: false, plan: plan.name }
}

function isShort({ isEnough, canIssue }: ReachNow): boolean {
  return !isEnough || !canIssue
}

function margin({ have, need }: ReachNow): number {
  return have - need
}

function shortWords({ hasKey, have, of, need, lacking }: ReachNow): string {
  const [group] = lacking
  if (!hasKey) return 'No key is held'
  if (have < need) return `${have} of ${of} reachable · ${need} needed`
  if (group !== undefined) return `${group.have} of ${group.count} from ${group.group} reachable`
  return 'No issuing device reachable'
}
