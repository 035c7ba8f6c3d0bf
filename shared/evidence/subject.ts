import type { Digest, UnixMilliseconds } from '../bytes.ts'
import { stoodIn } from '../case/issuings.ts'
import type { Case } from '../case/types.ts'
import type { Organization } from '../org/org-from.ts'
import type { VerifiedOf } from '../statements/door.ts'
import type { Plan } from '../statements/kinds.ts'

/** A grant as AWS's record is compared with it. Times by AWS's clock, as the issuing device measured it. */
export interface GrantFacts {
  readonly id: Digest
  readonly accessKeyId: string
  readonly region: string | null
  readonly at: UnixMilliseconds
  /** From when on no call is expected: its expiration, or when somebody said that it ended. */
  readonly over: UnixMilliseconds
}

/** One use of a long-lived key that statements account for. */
export interface Attempt {
  /** The `issuing`. */
  readonly id: Digest
  readonly request: Digest
  readonly sessionName: string
  /** By AWS's clock, as far as that was measured. */
  readonly at: UnixMilliseconds
  readonly requester: string
  readonly seconds: number
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
}

/** What statements say of a case's use of AWS: of its own grants those that their basis carries, of other cases what is genuine. */
export function subjectOf(org: Organization, one: Case): Subject {
  const carried = new Map([one.grant, ...one.surplus].flatMap((grant) => (grant === null ? [] : [[grant.id, grant]])))
  const readies = org.collection.about(one.id).flatMap((said) => (said.kind === 'issuing' ? [said.payload.ready] : []))
  const used = [
    ...readies.flatMap((ready) => depositOf(org, ready) ?? []),
    ...[...carried.values()].flatMap(
      ({ statement }) => org.collection.get('deposit', statement.payload.basis.deposit) ?? [],
    ),
  ]
  const deposits = new Map(used.map((deposit) => [deposit.id, deposit]))
  const keys = keysOf(org, used)
  const ids = new Set(keys.map(({ accessKeyId }) => accessKeyId))
  const attempts = org.collection
    .of('issuing')
    .filter((issuing) => stoodIn(org, issuing))
    .filter(({ payload }) => {
      const deposit = depositOf(org, payload.ready)
      return payload.request === one.id || (deposit !== undefined && ids.has(deposit.payload.header.accessKeyId))
    })
    .flatMap((issuing) => attemptOf(org, issuing, issuing.payload.request === one.id ? carried : null) ?? [])
  return { request: one.id, keys, attempts, trials: trialsOf(org, deposits) }
}

/** The keys of these deposits, each since it was first deposited: one may have been dealt anew. */
function keysOf(org: Organization, used: readonly VerifiedOf<'deposit'>[]): Subject['keys'] {
  const ids = [...new Set(used.map(({ payload }) => payload.header.accessKeyId))]
  return ids.map((accessKeyId) => {
    const all = org.collection
      .of('deposit')
      .filter((one) => one.payload.header.accessKeyId === accessKeyId && stoodIn(org, one))
    return {
      accessKeyId,
      since: all.reduce((first, { payload }) => Math.min(first, payload.time), Number.POSITIVE_INFINITY),
    }
  })
}

function depositOf(org: Organization, ready: Digest): VerifiedOf<'deposit'> | undefined {
  const named = org.collection.get('ready', ready)
  return named && org.collection.get('deposit', named.payload.deposit)
}

/** @param carried - the grants that count, of the case that is compared; null of another. */
function attemptOf(
  org: Organization,
  issuing: VerifiedOf<'issuing'>,
  carried: ReadonlyMap<Digest, unknown> | null,
): Attempt | null {
  const { collection } = org
  const request = collection.get('request', issuing.payload.request)
  const plan = request && collection.get('plan', request.payload.plan)
  if (request === undefined || plan === undefined) return null
  const grant = collection
    .about(request.id)
    .filter((one) => one.kind === 'grant')
    .filter(({ payload }) => payload.basis.issuing === issuing.id && payload.device === issuing.payload.device)
    .find((one) => (carried === null ? stoodIn(org, one) : carried.has(one.id)))
  const skewMs = grant?.payload.skewMs ?? 0
  return {
    id: issuing.id,
    request: request.id,
    sessionName: issuing.payload.sessionName,
    at: issuing.payload.time + skewMs,
    requester: request.payload.member,
    seconds: request.payload.seconds,
    access: plan.payload.access,
    grant: grant === undefined ? null : grantFacts(org, grant, plan.payload.access),
  }
}

function grantFacts(org: Organization, grant: VerifiedOf<'grant'>, access: Plan['access']): GrantFacts {
  const { accessKeyId, endpoint, expires, skewMs, time, request } = grant.payload
  const asker = org.collection.get('request', request)?.payload.member
  const ends = org.collection
    .about(request)
    .filter((one) => one.kind === 'ended')
    .filter((one) => one.payload.grant === grant.id && stoodIn(org, one))
    .filter(({ payload }) => [asker, grant.payload.member].includes(payload.member))
    .map(({ payload }) => payload.at + skewMs)
  return {
    id: grant.id,
    accessKeyId,
    region: access.regions.find((one) => one.endpoint === endpoint)?.region ?? null,
    at: time + skewMs,
    over: Math.min(expires, ...ends),
  }
}

/** The rotations that put one of these deposits in the place of another. */
function trialsOf(org: Organization, deposits: ReadonlyMap<Digest, VerifiedOf<'deposit'>>): Subject['trials'] {
  const { collection } = org
  const rotations = collection.of('rotated').filter((one) => deposits.has(one.payload.deposit) && stoodIn(org, one))
  return collection
    .of('rotating')
    .filter((one) => stoodIn(org, one))
    .flatMap((begun) => {
      const done = rotations.filter(
        ({ payload }) => payload.grant === begun.payload.grant && payload.device === begun.payload.device,
      )
      const used = done[0] && deposits.get(done[0].payload.deposit)
      if (used === undefined) return []
      const until = done.reduce((latest, { payload }) => Math.max(latest, payload.at), begun.payload.time)
      return [{ accessKeyId: used.payload.header.accessKeyId, from: begun.payload.time, until }]
    })
}
