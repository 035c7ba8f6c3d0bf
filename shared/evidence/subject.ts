import type { Digest, UnixMilliseconds } from '../bytes.ts'
import { mayAsk } from '../case/ask.ts'
import { isPlan, judgeBasis } from '../case/basis.ts'
import { groupedBy } from '../case/grouped.ts'
import { isOf, stoodIn } from '../case/issuings.ts'
import { thereSince } from '../case/there-since.ts'
import { type Case, END_CERTAIN_MS, type Grant, grantsIn, LONGEST_SESSION_MS } from '../case/types.ts'
import { isDealtFor } from '../org/generations.ts'
import type { Organization } from '../org/org-from.ts'
import { issuersFor } from '../org/plan-rules.ts'
import type { VerifiedOf } from '../statements/door.ts'
import type { Plan } from '../statements/kinds.ts'

/** By so much the clock of whoever said that a session ended may be off before a call counts as made before or after its end. */
export const END_TOLERANCE_MS = 30_000

/** A grant as AWS's record is compared with it. Times by AWS's clock, as the issuing device measured it. */
export interface GrantFacts {
  readonly id: Digest
  readonly accessKeyId: string
  readonly region: string | null
  readonly at: UnixMilliseconds
  /** Before then what denies it is not taken away: its end, as it is said and as its basis bears out, and the margin that every clock is given. */
  readonly settles: UnixMilliseconds
  /** From when on no call is expected: its expiration, when somebody said that it ended, or when AWS had the deny that a custodian ordered. */
  readonly over: UnixMilliseconds
  /** Until when the sessions for ending it and for replacing its key live at most, as its device says; null without any. */
  readonly careUntil: UnixMilliseconds | null
}

/** One use of a long-lived key that statements account for. An issuing of which several grants tell is one for each of them. */
export interface Attempt {
  /** The `issuing`. */
  readonly id: Digest
  readonly request: Digest
  /** The long-lived key that was used. */
  readonly accessKeyId: string
  readonly sessionName: string
  /** By AWS's clock, as far as that was measured. */
  readonly at: UnixMilliseconds
  readonly requester: string
  readonly seconds: number
  /** Whether its session may do anything: that of a drill or a rotation is asked for with a policy that denies everything. */
  readonly mayAct: boolean
  readonly access: Plan['access']
  readonly grant: GrantFacts | null
}

/** What a case says that AWS did. */
export interface Subject {
  readonly request: Digest
  /** The long-lived keys that it used, and since when each is deposited. */
  readonly keys: readonly { readonly accessKeyId: string; readonly since: UnixMilliseconds }[]
  /** Every use of these keys, in whatever case; those of this case are told by `request`. */
  readonly attempts: readonly Attempt[]
  /** While a key of these was put in the place of another, whoever does it tries it. */
  readonly trials: readonly {
    readonly accessKeyId: string
    readonly from: UnixMilliseconds
    readonly until: UnixMilliseconds
  }[]
  /** Keys that admins deposited for the same credentials: of others nobody says who made them. */
  readonly deposited: ReadonlySet<string>
  /** Keys that granted sessions of whatever case used and that somebody began to replace, and since when: any rotator of the user may do it. */
  readonly begun: readonly { readonly accessKeyId: string; readonly from: UnixMilliseconds }[]
}

/** An `issuing` that counts as the use of a key, with what it stands on. */
interface Issuing {
  readonly statement: VerifiedOf<'issuing'>
  readonly request: VerifiedOf<'request'>
  readonly plan: VerifiedOf<'plan'>
  readonly deposit: VerifiedOf<'deposit'>
}

/**
 * What statements say of a case's use of AWS: of this case and of others, only what a device that may issue said of its own attempt,
 * and only grants that their basis carries. Whoever holds the key must not be able to explain its use by inventing a case.
 */
export function subjectOf(org: Organization, one: Case): Subject {
  const { collection } = org
  const own = collection
    .about(one.id)
    .filter((said) => said.kind === 'issuing')
    .flatMap((said) => issuingOf(org, said) ?? [])
  const carried = [one.grant, ...one.surplus].filter((grant) => grant !== null)
  const used = [
    ...own.map(({ deposit }) => deposit),
    ...carried.flatMap(({ statement }) => collection.get('deposit', statement.payload.basis.deposit) ?? []),
  ]
  const deposits = new Map(used.map((deposit) => [deposit.id, deposit]))
  const keys = keysOf(org, used)
  const ids = new Set(keys.map(({ accessKeyId }) => accessKeyId))
  const others = collection
    .of('issuing')
    .filter(({ payload }) => payload.request !== one.id)
    .filter(({ payload }) => ids.has(depositOf(org, payload.ready)?.payload.header.accessKeyId ?? ''))
    .flatMap((said) => issuingOf(org, said) ?? [])
  const attempts = [...own, ...others].flatMap((issuing) => attemptsAt(org, issuing, grantsIn(one)))
  const deposited = depositedFor(org, used)
  const begun = begunIn(org).filter(({ accessKeyId }) => deposited.has(accessKeyId))
  return { request: one.id, keys, attempts, trials: trialsOf(org, deposits), deposited, begun }
}

/** What somebody began to replace: keys that were used, for whose sake the apps take any away. */
function begunIn(org: Organization): Subject['begun'] {
  const { collection } = org
  return collection
    .of('rotating')
    .filter((one) => stoodIn(org, one))
    .flatMap(({ payload }) => {
      const grant = collection.get('grant', payload.grant)
      if (grant === undefined || judgeBasis(org, grant).verdict !== 'carried') return []
      const deposit = collection.get('deposit', grant.payload.basis.deposit)
      return deposit === undefined ? [] : [{ accessKeyId: deposit.payload.header.accessKeyId, from: payload.time }]
    })
}

function depositedFor({ generations }: Organization, used: readonly VerifiedOf<'deposit'>[]): ReadonlySet<string> {
  const credentials = new Set(used.map(({ payload }) => payload.header.credential))
  const sound = generations.filter(({ problems }) => problems.every((one) => one === 'generation-twice'))
  return new Set(
    sound.flatMap(({ deposit: { header } }) => (credentials.has(header.credential) ? [header.accessKeyId] : [])),
  )
}

/** An issuing, if it is a ready's of a device that may issue, for what might be asked for under a plan that was in effect. */
function issuingOf(org: Organization, statement: VerifiedOf<'issuing'>): Issuing | null {
  const { collection, generations, history } = org
  const ready = collection.get('ready', statement.payload.ready)
  const request = collection.get('request', statement.payload.request)
  const plan = request && collection.get('plan', request.payload.plan)
  const deposit = depositOf(org, statement.payload.ready)
  if (ready === undefined || request === undefined || plan === undefined || deposit === undefined) return null
  const isItsOwn =
    isOf(statement, ready) && ready.payload.request === request.id && stoodIn(org, ready) && stoodIn(org, statement)
  const mayIssue = issuersFor(plan.payload, request.payload.member).includes(ready.payload.member)
  if (!isItsOwn || !mayIssue) return null
  const generation = generations.find(({ id }) => id === deposit.id)
  if (generation === undefined || !isDealtFor(generation, plan.payload)) return null
  const mightBeAsked = history.some(
    ({ roster }) => mayAsk(plan.payload, roster, request) === null && isPlan(org, roster, plan),
  )
  return mightBeAsked ? { statement, request, plan, deposit } : null
}

/** The keys of these deposits, each since it was first deposited: one may have been dealt anew. */
function keysOf(org: Organization, used: readonly VerifiedOf<'deposit'>[]): Subject['keys'] {
  const ids = [...new Set(used.map(({ payload }) => payload.header.accessKeyId))]
  return ids.map((accessKeyId) => {
    const all = org.collection
      .of('deposit')
      .filter((one) => one.payload.header.accessKeyId === accessKeyId && stoodIn(org, one))
      .map(({ id, payload }) => thereSince(org, id, payload.time))
    return { accessKeyId, since: all.reduce((first, since) => Math.min(first, since), Number.POSITIVE_INFINITY) }
  })
}

function depositOf(org: Organization, ready: Digest): VerifiedOf<'deposit'> | undefined {
  const named = org.collection.get('ready', ready)
  return named && org.collection.get('deposit', named.payload.deposit)
}

/** An issuing as the attempt that it was; where its device says that several sessions came of it, as one for each. @param grants - of the case, with what counts of all that is said of them. */
function attemptsAt(org: Organization, issuing: Issuing, grants: readonly Grant[]): Attempt[] {
  const access = issuing.plan.payload.access
  const carried = org.collection
    .about(issuing.request.id)
    .filter((one) => one.kind === 'grant')
    .filter((one) => one.payload.basis.issuing === issuing.statement.id)
    .flatMap((statement) => {
      const judged = judgeBasis(org, statement)
      if (judged.verdict !== 'carried') return []
      const { skewMs } = statement.payload
      const { soonest } = judged
      return [{ skewMs, grant: grantFacts(org, { statement, soonest }, access, deniedOf(grants, statement)) }]
    })
  const all = carried.length === 0 ? [{ skewMs: 0, grant: null }] : carried
  return all.map((one) => attemptOf(issuing, one))
}

function attemptOf(
  { statement, request, plan, deposit }: Issuing,
  { skewMs, grant }: Pick<Attempt, 'grant'> & { readonly skewMs: number },
): Attempt {
  return {
    id: statement.id,
    request: request.id,
    accessKeyId: deposit.payload.header.accessKeyId,
    sessionName: statement.payload.sessionName,
    at: statement.payload.time + skewMs,
    requester: request.payload.member,
    seconds: request.payload.seconds,
    mayAct: request.payload.purpose === 'access',
    access: plan.payload.access,
    grant,
  }
}

/** When AWS had the deny that custodians ordered, by those who put it. Without an order it ends nothing: no touch stands behind it. */
function deniedOf(grants: readonly Grant[], { id }: VerifiedOf<'grant'>): UnixMilliseconds[] {
  const told = grants.find((one) => one.id === id)
  return told === undefined || told.revokes.length === 0 ? [] : told.revocations.map(({ payload }) => payload.at)
}

function grantFacts(
  org: Organization,
  { statement: grant, soonest }: Pick<Grant, 'statement' | 'soonest'>,
  access: Plan['access'],
  denied: readonly UnixMilliseconds[],
): GrantFacts {
  const { accessKeyId, endpoint, expires, skewMs, time, request } = grant.payload
  const asker = org.collection.get('request', request)?.payload.member
  const ends = org.collection
    .about(request)
    .filter((one) => one.kind === 'ended')
    .filter((one) => one.payload.grant === grant.id && stoodIn(org, one))
    .filter(({ payload }) => [asker, grant.payload.member].includes(payload.member))
    .map(({ payload }) => payload.at)
  return {
    id: grant.id,
    accessKeyId,
    region: access.regions.find((one) => one.endpoint === endpoint)?.region ?? null,
    at: time + skewMs,
    settles: Math.max(expires + END_CERTAIN_MS, soonest),
    over: Math.min(expires, ...[...ends, ...denied].map((at) => at + skewMs)),
    careUntil: careUntil(org, grant),
  }
}

function careUntil({ collection }: Organization, { id, payload }: VerifiedOf<'grant'>): UnixMilliseconds | null {
  const said = collection
    .about(payload.request)
    .filter((one) => one.kind === 'aftercare')
    .filter((one) => one.payload.grant === id && one.payload.device === payload.device)
  const until = said.flatMap(({ payload: { revoker, rotator } }) => [revoker?.expires ?? 0, rotator?.expires ?? 0])
  return until.length === 0 ? null : Math.min(Math.max(...until), payload.time + payload.skewMs + LONGEST_SESSION_MS)
}

/** The rotations that put one of these deposits in the place of another: of each its own time, for its device may have put another there after it. */
function trialsOf(org: Organization, deposits: ReadonlyMap<Digest, VerifiedOf<'deposit'>>): Subject['trials'] {
  const { collection } = org
  const rotations = collection.of('rotated').filter((one) => deposits.has(one.payload.deposit) && stoodIn(org, one))
  const begun = collection.of('rotating').filter((one) => stoodIn(org, one))
  return begun.flatMap(({ payload: { grant, device, time: from } }) => {
    const own = rotations.filter(({ payload }) => payload.grant === grant && payload.device === device)
    return [...groupedBy(own, ({ payload }) => payload.deposit)].flatMap(([id, done]) => {
      const used = deposits.get(id)
      const until = done.reduce((latest, { payload }) => Math.max(latest, payload.at), from)
      return used === undefined ? [] : [{ accessKeyId: used.payload.header.accessKeyId, from, until }]
    })
  })
}
