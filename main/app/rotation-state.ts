import {
  accountedKeys,
  DELETE_AFTER_MS,
  hasWorked,
  heldInItsPlace,
  inItsPlace,
  isInUse,
  isSameUser,
  isShared,
  namedKeys,
  owesOnlyRetiring,
  usedKey,
} from '../../shared/case/replacing.ts'
import { type Case, type Grant, grantsIn } from '../../shared/case/types.ts'
import { isHeld, maySucceed } from '../../shared/org/generations.ts'
import type { Organization } from '../../shared/org/org-from.ts'
import type { RecordFacts } from '../issuers/aws/rotating.ts'
import type { Turned } from '../issuers/worker/rotate-client.ts'
import { AppError } from './app-error.ts'
import type { Device } from './device.ts'
import { NOTHING_DONE, type RotationRecord } from './rotation-record.ts'

type Progress = RotationRecord['progress']
/** What of a device is looked at. */
type Seen = Pick<Device, 'org' | 'cases' | 'currentCases' | 'clock'>

/**
 * What has to come before the next call of AWS: the touch that deposits the new key, custodians who hold it, an attempt that
 * still wants the old one, another credential that opens it too, or the time from which the old one may be deleted. Null if AWS is to be asked now.
 */
export type Wait = 'deposit' | 'custody' | 'in-use' | 'shared' | 'delay'

/** See {@link Wait}. @param holds - public id of the new key whose secret is at hand. */
export function waitFor(
  device: Seen,
  one: Case,
  grant: Grant,
  kept: RotationRecord,
  holds: string | null,
): Wait | null {
  const { progress, offAt } = kept
  const { made, isTested, isRetested } = progress
  const org = orgOf(device)
  if (made === null || !isTested || isOldNeeded(device, org, grant, kept)) return null
  // Dealt again also where what was deposited does not fit its plan, as after a change of plan in between.
  if (holds === made && !inItsPlace(org, grant).some(({ deposit }) => deposit.header.accessKeyId === made))
    return 'deposit'
  if (!accountedKeys(org).includes(made)) return null
  if (!holdsKey(org, grant, made)) return 'custody'
  if (offAt === null && isOldInUse(device, org, grant)) return 'in-use'
  if (offAt === null && isShared(org, grant)) return 'shared'
  const from = deletesAt(one, offAt)
  return from !== null && isRetested && device.clock().wall < from ? 'delay' : null
}

/** What the record says, as the next step wants it. */
export function recordFor(device: Seen, one: Case, grant: Grant, kept: RotationRecord): RecordFacts {
  const { progress, offAt } = kept
  const org = orgOf(device)
  const old = usedKey(org, grant)
  if (old === null) throw new AppError('not-found', 'The deposit of the used key is not on this device.')
  const { made } = progress
  return {
    old,
    named: namedKeys(org),
    sound: accountedKeys(org),
    next: inItsPlace(org, grant).map(({ deposit }) => deposit.header.accessKeyId),
    isHeld: made !== null && holdsKey(org, grant, made) && (offAt !== null || mayGo(device, org, grant)),
    isOldNeeded: isOldNeeded(device, org, grant, kept),
    deletesAt: deletesAt(one, offAt),
  }
}

/**
 * Whether the old key, which was turned off for this, is the one that emergencies open again: who held the new one may leave or get
 * another device, and then the rule can be met with the old one alone. What people turned off is not for us to turn on.
 */
function isOldNeeded(device: Seen, org: Organization, grant: Grant, { offAt, wasOn }: RotationRecord): boolean {
  const { deposit } = grant.statement.payload.basis
  const isOurs = offAt !== null || (!wasOn && isSaidOff(device, org, grant))
  return (
    isOurs && heldInItsPlace(org, grant) === null && org.generations.some((one) => one.id === deposit && isHeld(one))
  )
}

/** Whether nothing else wants the old key. */
function mayGo(device: Seen, org: Organization, grant: Grant): boolean {
  return !isOldInUse(device, org, grant) && !isShared(org, grant)
}

function isOldInUse(device: Seen, org: Organization, grant: Grant): boolean {
  const old = usedKey(org, grant)
  return old !== null && isInUse(org, device.currentCases(), old)
}

/** From when on the old key may be deleted; null while it is on. */
function deletesAt(one: Case, offAt: number | null): number | null {
  if (offAt === null) return null
  return owesOnlyRetiring(one) ? offAt : offAt + DELETE_AFTER_MS
}

/** Whether so many custodians hold a key that the rule can be met with any one of them absent, this owner too. */
function holdsKey(org: Organization, grant: Grant, accessKeyId: string): boolean {
  return inItsPlace(org, grant).some((one) => maySucceed(one) && one.deposit.header.accessKeyId === accessKeyId)
}

/**
 * The progress with what the record adds to it: a key that is held in the old one's place by now, whoever made it; that
 * the new key works, because a session was issued with it, or a device said that it took an old one's place; and that the old key is one of
 * the user's, because a device said that it turned it off. Either may be said in this case or in another of that user.
 */
export function withEvidence(device: Seen, grant: Grant, kept: RotationRecord, holds: string | null): Progress {
  const org = orgOf(device)
  const sawOld = kept.progress.sawOld || isSaidOff(device, org, grant)
  const progress = inPlaceOf(org, grant, { ...kept.progress, sawOld }, holds)
  const { made } = progress
  if (made === null || !accountedKeys(org).includes(made)) return progress
  const cases = device.cases()
  const isSaid = grantsOfUser(device, grant).some(({ rotations }) =>
    rotations.some(
      ({ payload }) => org.collection.get('deposit', payload.deposit)?.payload.header.accessKeyId === made,
    ),
  )
  const { offAt } = kept
  return {
    ...progress,
    isTested: progress.isTested || isSaid || hasWorked(org, cases, made, 0),
    isRetested: progress.isRetested || (offAt !== null && hasWorked(org, cases, made, offAt)),
  }
}

/**
 * What other cases that used the key of a grant say was done with it since, the furthest; null where none does. A key is taken
 * away only once another is held in its place.
 */
export function saidElsewhere(device: Seen, grant: Grant): 'deactivated' | 'deleted' | null {
  const org = orgOf(device)
  const old = usedKey(org, grant)
  if (old === null || heldInItsPlace(org, grant) === null) return null
  const steps = grantsOfUser(device, grant)
    .filter((each) => each.id !== grant.id && usedKey(org, each) === old)
    .flatMap(({ rotations }) => rotations.map(({ payload }) => payload.step))
  return steps.includes('deleted') ? 'deleted' : (steps[0] ?? null)
}

function isSaidOff(device: Seen, org: Organization, grant: Grant): boolean {
  const old = usedKey(org, grant)
  return (
    old !== null && grantsOfUser(device, grant).some((each) => each.rotations.length > 0 && usedKey(org, each) === old)
  )
}

/** The grants of all cases under plans that name the same user: what was said in one of its keys is so in every other. */
function grantsOfUser(device: Seen, { plan }: Grant): Grant[] {
  const { aftercare: wanted } = plan.access
  return device
    .cases()
    .flatMap(grantsIn)
    .filter(({ plan: { access } }) => access.aftercare !== undefined && isSameUser(wanted, access.aftercare))
}

function inPlaceOf(org: Organization, grant: Grant, progress: Progress, holds: string | null): Progress {
  const next = heldInItsPlace(org, grant)?.deposit.header.accessKeyId
  const { made } = progress
  if (next === undefined || next === made || holds !== null) return progress
  // One that was made here and that nobody can know any more is deleted first.
  if (made !== null && !namedKeys(org).includes(made)) return progress
  return { ...progress, made: next, isTested: false, isRetested: false }
}

/** What is kept when a touch begins it, for the first time or once more: that the old key is gone is to be seen again. */
export function begunFrom(kept: RotationRecord | undefined): RotationRecord {
  return { ...NOTHING_DONE, ...kept, goneAt: null }
}

/** What is to be kept after a turn. @param now - by this device's clock, which goes where AWS said no time. */
export function after(kept: RotationRecord, turned: Turned, now: number): RotationRecord {
  const { outcome, progress, alarms, seen } = turned
  const at = seen?.at ?? now
  return {
    progress,
    offAt: offSince(kept.offAt, turned, at),
    wasOn: kept.wasOn || outcome.is === 'reactivated' || seen?.isOldOn === true,
    goneAt: outcome.is === 'deleted' || outcome.is === 'done' ? at : kept.goneAt,
    alarms: [...alarms],
  }
}

function offSince(before: number | null, { outcome, progress, seen }: Turned, at: number): number | null {
  // Anew also where somebody had turned it on meanwhile: whoever needs it has the whole time again to say so.
  if (outcome.is === 'deactivated') return at
  // The answer of what turned it on may have been lost.
  if (outcome.is === 'reactivated' || seen?.isOldOn === true) return null
  const isOff = outcome.is === 'retested' || (outcome.is === 'waits' && outcome.for === 'key' && progress.isTested)
  return before ?? (isOff ? at : null)
}

/** The organization of a device that has one. @throws {AppError} `no-organization`. */
export function orgOf(device: Pick<Device, 'org'>): Organization {
  const org = device.org()
  if (org === null) throw new AppError('no-organization', 'There is no organization on this device.')
  return org
}
