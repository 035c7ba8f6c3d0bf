import type { Digest } from '../bytes.ts'
import type { Organization } from '../org/org-from.ts'
import { memberOf, standsIn, type VerifiedOf, type VerifiedStatement } from '../statements/door.ts'
import type { Plan, Roster } from '../statements/kinds.ts'
import { historyFrom } from './issuings.ts'
import type { CaseRefusalCode, Grant } from './types.ts'

/** Kinds that name a grant. */
const KINDS = ['handover', 'ended', 'aftercare', 'revoke', 'revoked', 'rotating', 'rotated'] as const
type Kinds = (typeof KINDS)[number]

/** A statement that names a grant. */
export type AboutGrant = VerifiedOf<Kinds> & VerifiedStatement

/** Whether a statement names a grant. */
export function isAboutGrant(one: VerifiedStatement): one is AboutGrant {
  return KINDS.some((kind) => kind === one.kind)
}

/** A grant that its basis carries, as far as the basis says. */
export type Ground = Pick<Grant, 'statement' | 'plan' | 'roster' | 'requester' | 'issuer'>

/** What counts of all that is said of one grant. */
export type SaidOfGrant = Pick<
  Grant,
  'handover' | 'ends' | 'aftercare' | 'revokes' | 'revocations' | 'rotatings' | 'rotations'
>

/**
 * What counts of what is said of one grant, in the order in which it is given; the rest is refused. Each is judged by itself, but
 * for a step of a rotation, which its device must have begun.
 *
 * Membership is that of the basis or later, not of the head alone: people leave and get other devices within the years that a
 * log is kept, and that must not undo that they ended a session or replaced a key.
 */
export function saidOfGrant(
  {
    org,
    refuse,
  }: { readonly org: Organization; readonly refuse: (one: VerifiedStatement, code: CaseRefusalCode) => void },
  ground: Ground,
  said: readonly AboutGrant[],
): SaidOfGrant {
  const { basis } = ground.statement.payload
  const judging: Judging = {
    org,
    rosters: historyFrom(org, basis.roster),
    used: org.collection.get('deposit', basis.deposit),
    ...ground,
  }
  const counting = <K extends Kinds>(kind: K, whyNot: (one: VerifiedOf<K>) => CaseRefusalCode | null) =>
    said.filter((one): one is VerifiedOf<K> & AboutGrant => {
      if (one.kind !== kind) return false
      const code = whyNot(one as VerifiedOf<Kinds> as VerifiedOf<K>)
      if (code !== null) refuse(one, code)
      return code === null
    })
  const rotatings = counting('rotating', (one) => whyNoRotating(judging, one))
  const devices = new Set(rotatings.map(({ payload }) => payload.device))
  return {
    handover: counting('handover', (one) => whyNotIssuer(judging, one))[0] ?? null,
    ends: counting('ended', (one) => whyNoEnd(judging, one)),
    aftercare: counting('aftercare', (one) => whyNotIssuer(judging, one)),
    revokes: counting('revoke', (one) => whyNoRevoke(judging, one)),
    revocations: counting('revoked', (one) => whyNoRevocation(judging, one)),
    rotatings,
    rotations: counting('rotated', (one) => whyNoRotation(judging, one, devices)),
  }
}

interface Judging extends Ground {
  readonly org: Organization
  /** The basis's and every later one. */
  readonly rosters: readonly Roster[]
  /** Of the key that was used. */
  readonly used: VerifiedOf<'deposit'> | undefined
}

type Why = CaseRefusalCode | null

function whyNotIssuer({ statement }: Ground, one: VerifiedOf<'handover' | 'aftercare'>): Why {
  return one.payload.device === statement.payload.device ? null : 'not-issuer'
}

// Whoever had the session or issued it may say that it ended; membership at the time of the grant is enough.
function whyNoEnd({ requester, issuer, roster }: Ground, one: VerifiedOf<'ended'>): Why {
  return [requester, issuer].includes(one.payload.member) && standsIn(roster, one) ? null : 'not-requester'
}

function whyNoRevoke({ plan, rosters }: Judging, one: VerifiedOf<'revoke'>): Why {
  if (!isCustodian(plan, one)) return 'not-custodian'
  return rosters.some((roster) => standsIn(roster, one)) ? null : 'not-active'
}

// Who was given what may deny it: the issuing device made it, and sealed it to the custodians' devices.
function whyNoRevocation({ org, statement, plan, rosters }: Judging, one: VerifiedOf<'revoked'>): Why {
  const { device, basis } = statement.payload
  if (one.payload.device !== device) {
    if (!isCustodian(plan, one)) return 'not-revoker'
    if (!rosters.some((roster) => standsIn(roster, one))) return 'not-active'
  }
  const issuing = org.collection.get('issuing', basis.issuing)
  return issuing !== undefined && one.payload.policy === `lockbox-${issuing.payload.sessionName}`
    ? null
    : 'other-policy'
}

const isCustodian = (plan: Plan, { payload }: VerifiedStatement) => plan.custodians.includes(payload.member)

function whyNoRotating({ statement, rosters }: Judging, one: VerifiedOf<'rotating'>): Why {
  const standing = rosters.filter((roster) => standsIn(roster, one))
  if (standing.length === 0) return 'not-active'
  if (!standing.some((roster) => isAdmin(roster, one.payload.member))) return 'not-admin'
  return one.payload.deposit === statement.payload.basis.deposit ? null : 'other-key'
}

const isAdmin = (roster: Roster, member: string) => memberOf(roster, member)?.roles.includes('admin') ?? false

function whyNoRotation({ org, used }: Judging, one: VerifiedOf<'rotated'>, begun: ReadonlySet<Digest>): Why {
  if (!begun.has(one.payload.device)) return 'rotating-unknown'
  if (used?.payload.header.accessKeyId !== one.payload.accessKeyId) return 'other-key'
  const next = org.collection.get('deposit', one.payload.deposit)
  return next !== undefined && isNext(next, used) ? null : 'deposit-unfit'
}

/** Whether a deposit is of a newer key of the same credential, whoever holds it: that is looked at where a rotation is owed. */
function isNext(
  { payload: { header: next } }: VerifiedOf<'deposit'>,
  { payload: { header: used } }: VerifiedOf<'deposit'>,
) {
  return (
    next.credential === used.credential && next.generation > used.generation && next.accessKeyId !== used.accessKeyId
  )
}
