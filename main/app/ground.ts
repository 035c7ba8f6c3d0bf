import { type NotNow, useDuty } from '../../shared/case/duties.ts'
import { isOnChain } from '../../shared/case/on-chain.ts'
import type { Attempt, Case } from '../../shared/case/types.ts'
import { isLockboxError, type LockboxError } from '../../shared/errors.ts'
import { standsIn, type VerifiedOf } from '../../shared/statements/door.ts'
import type { PayloadOf, Plan } from '../../shared/statements/kinds.ts'
import type { Pen } from './author.ts'
import type { Device } from './device.ts'

/** A custodian's release, with the share in its box. */
export interface Release {
  readonly statement: VerifiedOf<'release'>
  readonly box: Uint8Array<ArrayBuffer>
}

/** Why an attempt ended without a grant. */
export interface IssueOutcome {
  readonly code: string
  readonly message: string
  readonly mayExist: boolean
  readonly badShares: readonly string[]
}

/** Why the credential was left alone after all: what came while the record was being acknowledged. */
const STOPPED = {
  'not-approved': 'The request was withdrawn, denied or over',
  'attempt-over': 'The time of this attempt was over, or another device had begun one,',
  'releases-missing':
    'Custodians who had released shares denied it, or their devices or keys were replaced, so that too few shares counted,',
} as const

function stopped(code: keyof typeof STOPPED): IssueOutcome {
  const message = `${STOPPED[code]} before another device had acknowledged the record. The credential was not touched.`
  return { code, message, mayExist: false, badShares: [] }
}

function stoppedBy(why: NotNow): IssueOutcome {
  if (why === 'no-attempt') return stopped('attempt-over')
  return stopped(why === 'releases-missing' ? why : 'not-approved')
}

/** What a grant is to stand on, and how it is signed. */
export interface Ground {
  readonly releases: readonly Release[]
  readonly pen: Pen
  readonly basis: PayloadOf<'grant'>['basis']
}

/**
 * Looks once more, in the moment in which the credential would be used: to have `issuing` acknowledged takes seconds, by relay
 * most of a minute, and what came meanwhile counts. What comes after this moment is too late to undo anything, so it is put
 * down now on what the grant stands.
 *
 * @param checked - the releases whose shares are good.
 * @returns why the credential has to be left alone, if it has.
 */
export function groundOf(
  device: Device,
  plan: Plan,
  issuing: VerifiedOf<'issuing'>,
  checked: readonly Release[],
): Ground | IssueOutcome {
  const [org, one] = [device.org(), device.case(issuing.payload.request)]
  if (org === null || one === undefined) return stopped('not-approved')
  const duty = useDuty(org, one, issuing.payload.ready)
  if (typeof duty === 'string') return stoppedBy(duty)
  const releases = checked.filter(({ statement }) => duty.attempt.releases.some(({ id }) => id === statement.id))
  if (releases.length < plan.quorum.count) return stopped('releases-missing')
  try {
    // Whoever was asked to acknowledge may know more of this device than its folder does: then it could sign no grant.
    device.standing.check()
  } catch (error) {
    if (!isLockboxError(error)) throw error
    const { message, ...failure } = failureFrom(error)
    return { ...failure, message: `This device signs nothing: ${message}. The credential was not touched.` }
  }
  return { releases, pen: device.pen(), basis: basisOf(device, one, duty.attempt, issuing, releases) }
}

function basisOf(
  device: Device,
  one: Case,
  { ready }: Attempt,
  issuing: VerifiedOf<'issuing'>,
  releases: readonly Release[],
): Ground['basis'] {
  const decisions = approvalsOf(device, one)
  const named = [one.request, ready, issuing, ...decisions, ...releases.map(({ statement }) => statement)]
  return {
    roster: newestRoster(
      device,
      named.map(({ payload }) => payload.roster ?? ''),
    ),
    plan: one.request.payload.plan,
    deposit: ready.payload.deposit,
    request: one.id,
    decisions: decisions.map(({ id }) => id),
    ready: ready.id,
    releases: releases.map(({ statement }) => statement.id),
    issuing: issuing.id,
  }
}

/**
 * One approval of each member whose approval counts, whether or not that member's share came: the grant has to show that the
 * whole rule was met, and who is of the groups that it asks for may be slower than others.
 */
function approvalsOf(device: Device, one: Case): VerifiedOf<'decision'>[] {
  const org = device.org()
  const decisions = one.timeline.filter((statement) => statement.kind === 'decision')
  const approvals = decisions.filter(
    (decision) =>
      decision.payload.verdict === 'approve' &&
      org !== null &&
      standsIn(org.head.roster, decision) &&
      isOnChain(org, decision),
  )
  return (one.quorum?.approved ?? []).flatMap(
    (member) => approvals.find(({ payload }) => payload.member === member) ?? [],
  )
}

// The grant itself names the head, which is the newest of all; every app can check that from the basis alone.
function newestRoster(device: Device, named: readonly string[]): string {
  const history = device.org()?.history.map(({ id }) => id) ?? []
  const head = device.pen().roster
  return [...named, head ?? ''].reduce(
    (newest, id) => (history.indexOf(id) > history.indexOf(newest) ? id : newest),
    history[0] ?? '',
  )
}

/** What to record when an error of ours stopped an attempt before the credential was touched. */
export function failureFrom({ code, message }: LockboxError): IssueOutcome {
  const isSlug = /^[a-z][a-z-]{0,63}$/.test(code)
  return { code: isSlug ? code : 'internal', message, mayExist: false, badShares: [] }
}
