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
import type { Case, Grant } from '../case/types.ts'
import { maySucceed, type Seat } from '../org/generations.ts'
import type { Organization } from '../org/org-from.ts'
import { notNowWords } from './not-now.ts'
import type { Names } from './people.ts'
import type { CaseView } from './views.ts'

/** What this app itself knows of replacing the key of a case, beside the record. */
export interface RotationHere {
  /** Whether it is at it now. */
  readonly isRunning: boolean
  /** What has to come first, before AWS is asked again. */
  readonly waits: 'deposit' | 'custody' | 'in-use' | 'shared' | 'delay' | null
  /** What AWS said last. */
  readonly says:
    | { readonly is: 'waits'; readonly for: 'custody' | 'delay' | 'propagation' | 'key' }
    | { readonly is: 'stuck' | 'unreached' | 'refused'; readonly words: string }
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
  return {
    accessKeyId: usedKey(org, grant) ?? '',
    at,
    may: here.mayBegin ? 'begin' : here.waits === 'deposit' ? 'deposit' : null,
    ...wordsOf(here, at),
    begun: begunBy(grant, names),
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

type Step = NonNullable<CaseView['rotation']>['at']

function stepOf(org: Organization, grant: Grant, { waits, offAt, isSaidOff, made, isRunning }: RotationHere): Step {
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

/** Where it stands, and what is to be done, in words. */
function wordsOf(here: RotationHere, at: Step): { says: string; todo: string; trouble: string } {
  const { says } = here
  const trouble = says !== null && 'words' in says ? says.words : says?.is === 'waits' ? waitsWords(says) : ''
  if (here.isRunning)
    return {
      says: RUNNING[at],
      todo: here.waits === null ? '' : WAITING[here.waits],
      trouble: here.waits === null ? trouble : '',
    }
  return { says: idleWords(here, at), todo: todoWords(here), trouble: '' }
}

/** A key is off for every case that used it, whichever says so. */
function idleWords({ elsewhere }: RotationHere, at: Step): string {
  if (elsewhere === 'deleted') return 'The key that was used is deleted, as another case says that used it too.'
  if (elsewhere === null || at === 'delete') return IDLE[at]
  return 'The key that was used is switched off, as another case says that used it too, and not deleted yet.'
}

function todoWords({ elsewhere, mayBegin, isBehind }: RotationHere): string {
  if (!mayBegin) return isBehind ? BEHIND : ''
  return elsewhere === 'deleted'
    ? 'Touch your key: this app looks whether it is so, and then this case owes it no more.'
    : 'Touch your key to go on.'
}

function waitsWords(says: object): string {
  const why = 'for' in says ? says.for : null
  if (why === 'propagation')
    return 'AWS does not know the new key everywhere yet. That takes some seconds, and is tried again.'
  if (why === 'key')
    return 'The new key’s secret is only with the custodians now. Run a drill of this credential: it shows that the new key works, and the old one is deleted after that.'
  return ''
}

const BEHIND = 'This app is replacing a key of the same user for another case. Begin here after that.'

const IDLE: Readonly<Record<Step, string>> = {
  begin: 'The key that was used still works.',
  make: 'It was begun and not finished. The key that was used still works.',
  deposit: 'It was begun and not finished. The key that was used still works.',
  custody: 'A new key waits for its custodians. The key that was used still works.',
  switch: 'A new key is held. The key that was used still works.',
  delete: 'The key that was used is switched off, and not deleted yet.',
}

const RUNNING: Readonly<Record<Step, string>> = {
  begin: 'This app is making a new key at AWS.',
  make: 'This app is making a new key at AWS.',
  deposit: 'The new key works. It is not deposited yet.',
  custody: 'The new key is deposited. The key that was used stays on until enough custodians hold the new one.',
  switch: 'The new key is held. The key that was used is being switched off.',
  delete: 'The key that was used is switched off.',
}

const WAITING: Readonly<Record<NonNullable<RotationHere['waits']>, string>> = {
  deposit: 'Touch your key once more: the new key is dealt to the custodians.',
  custody: 'Ask the custodians to accept their shares.',
  'in-use': 'Another case is about to use the old key. It is switched off after that.',
  shared:
    'Another credential opens the old key too, and would be without one. Deposit another key for that first, of a user of its own: then the old one is switched off.',
  delay: 'It is deleted by itself while this app is unlocked.',
}
