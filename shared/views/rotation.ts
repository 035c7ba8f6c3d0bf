import type { UnixMilliseconds } from '../bytes.ts'
import {
  askedRotations,
  onItsWay,
  owedUnder,
  plansToAskUnder,
  type Renewing,
  rotationPlan,
  whoCanReplace,
} from '../case/renewing.ts'
import { inItsPlace, keyToReplace, usedKey } from '../case/replacing.ts'
import { type Replacing, replacingElsewhere } from '../case/replacing-elsewhere.ts'
import type { Case, Grant } from '../case/types.ts'
import { maySucceed, type Seat } from '../org/generations.ts'
import type { Organization } from '../org/org-from.ts'
import type { CaseView, RotationStand } from './case-views.ts'
import { notNowWords } from './not-now.ts'
import type { Names } from './people.ts'
import { rotationWords } from './rotation-words.ts'

/** What this app itself knows of replacing the key of a case, beside the record. */
export interface RotationHere {
  /** Whether it is at it now. */
  readonly isRunning: boolean
  /** What has to come first, before AWS is asked again. */
  readonly waits: 'deposit' | 'custody' | 'in-use' | 'shared' | 'delay' | null
  /** What AWS said last. */
  readonly says:
    | { readonly is: 'waits'; readonly for: 'custody' | 'delay' | 'propagation' | 'key' }
    | { readonly is: 'stuck'; readonly why: string; readonly words: string }
    | { readonly is: 'unreached' | 'refused'; readonly words: string }
    | { readonly is: string }
    | null
  /** Public id of the new key. */
  readonly made: string | null
  /** Since when the old key is off. */
  readonly offAt: UnixMilliseconds | null
  /** Whether some device says that it turned the old key off, and this one does not know that it is on again. */
  readonly isSaidOff: boolean
  readonly deletesAt: UnixMilliseconds | null
  /** When what replaces it here is over. */
  readonly ends: UnixMilliseconds | null
  /** What another case that used the same key says was done with it since; null where none does. */
  readonly elsewhere: 'deactivated' | 'deleted' | null
  /** Keys that nobody accounts for. */
  readonly alarms: readonly string[]
  /** Whether it is at a key of the same user for another case, after which this one can be begun. */
  readonly isBehind: boolean
  /** Whether this owner's touch may begin it. */
  readonly mayBegin: boolean
}

/** How the key that a case used is replaced; null if nothing is left to do, or nothing of this app's business. */
export function rotationView(
  one: Case,
  { names, here, ...renewing }: Renewing & { readonly names: Names; readonly here: RotationHere | null },
): CaseView['rotation'] {
  const { org, cases, now } = renewing
  const grant = keyToReplace(one)
  if (grant === null || here === null) return null
  const waiting = seatsOf(org, grant)
  const have = whoCanReplace(org, cases, grant.plan, now)
  const at = stepOf(org, grant, here)
  const also = alsoAtIt(replacingElsewhere(org, cases, grant, renewing.me.device, now), here, names)
  return {
    accessKeyId: usedKey(org, grant) ?? '',
    at,
    may: here.mayBegin ? 'begin' : here.waits === 'deposit' ? 'deposit' : null,
    ...rotationWords(here, at, also),
    begun: begunBy(grant, names),
    also,
    by: have.map(names),
    asks: have.length > 0 || here.isRunning ? null : asksOf(one, grant, renewing, names),
    custody: waiting && { have: waiting.filter(holds).length, of: waiting.length },
    deletesAt: here.deletesAt,
    offAt: here.offAt,
    ends: here.ends,
    alarms: [...here.alarms],
  }
}

function asksOf(one: Case, grant: Grant, renewing: Renewing, names: Names): NonNullable<CaseView['rotation']>['asks'] {
  const { org, cases, now } = renewing
  const version = rotationPlan(one, renewing)
  const who = new Set(plansToAskUnder(org, grant.plan).flatMap(({ plan }) => plan.requesters))
  return {
    may: typeof version !== 'string',
    why: typeof version === 'string' ? notNowWords(version) : null,
    who: [...who].map(names),
    onItsWay: onItsWay(org, cases, grant.plan, now),
    asked: askedRotations(org, cases, grant.plan)[0]?.id ?? null,
  }
}

/** Most of them that are named: so many are owed at once only where nobody ever replaced anything. */
const MOST_REPLACED = 5

/** Which cases a rotation would have its key replaced for; of any other purpose none. */
export function replacedBy({ id, request, plan }: Case, cases: readonly Case[], names: Names): CaseView['replaces'] {
  if (request.payload.purpose !== 'rotation' || plan === null) return []
  return owedUnder(cases, plan)
    .filter((one) => one.id !== id)
    .slice(0, MOST_REPLACED)
    .map(({ id: other, request: { payload } }) => ({
      id: other,
      requester: names(payload.member),
      askedAt: payload.time,
      reference: payload.reference,
    }))
}

/** What makes a rotation needless, as this app itself sees it: the app of whoever asked may have said otherwise. */
export function alreadyThere(
  { id, request, plan }: Case,
  { org, cases, now }: Pick<Renewing, 'org' | 'cases' | 'now'>,
  names: Names,
): CaseView['already'] {
  if (request.payload.purpose !== 'rotation' || plan === null) return { by: [], onItsWay: null }
  const others = cases.filter((one) => one.id !== id)
  return { by: whoCanReplace(org, others, plan, now).map(names), onItsWay: onItsWay(org, others, plan, now) }
}

/** Of several devices that may be at it, the one that made the key which this app cannot try; else who began last. */
function alsoAtIt(others: readonly Replacing[], { made }: RotationHere, names: Names): RotationStand['also'] {
  const one = others.find((each) => made !== null && each.made.includes(made)) ?? others[0]
  if (one === undefined) return null
  const key = one.made.length === 0 ? 'none' : made !== null && one.made.includes(made) ? 'ours' : 'other'
  return { person: names(one.member), at: one.at, until: one.until, key }
}

function stepOf(
  org: Organization,
  grant: Grant,
  { waits, offAt, isSaidOff, made, isRunning }: RotationHere,
): RotationStand['at'] {
  // Also where an older one is held that is gone at AWS.
  if (waits === 'deposit') return 'deposit'
  if (offAt !== null || isSaidOff) return 'delete'
  const [next] = inItsPlace(org, grant)
  if (next !== undefined && !maySucceed(next)) return 'custody'
  if (next !== undefined) return 'switch'
  return isRunning || made !== null ? 'make' : 'begin'
}

function begunBy({ rotatings }: Grant, names: Names) {
  const last = rotatings.toSorted((a, b) => a.payload.time - b.payload.time).at(-1)
  return last === undefined ? null : { person: names(last.payload.member), at: last.payload.time }
}

/** The seats of the newest generation that is to take the place. */
function seatsOf(org: Organization, grant: Grant): readonly Seat[] | null {
  return inItsPlace(org, grant)[0]?.seats ?? null
}

const holds = ({ accepted, provenAt }: Seat) => accepted && provenAt.length > 0
