import type { Digest, UnixMilliseconds } from '../../shared/bytes.ts'
import { mayBeDenied, whyNoRevoke } from '../../shared/case/aftercare-duties.ts'
import { CLOCK_TOLERANCE_MS, type Grant, grantsIn } from '../../shared/case/types.ts'
import type { LockboxError } from '../../shared/errors.ts'
import type { DraftView } from '../../shared/ipc-values.ts'
import { SecretsError } from '../../shared/secrets/errors.ts'
import { notNowWords } from '../../shared/views/not-now.ts'
import { openBox } from '../boxes.ts'
import { type Marks, marksOf } from '../issuers/aws/deny.ts'
import { parseRevoker, roleNameOf } from '../issuers/aws/narrow.ts'
import { IssuerError } from '../issuers/issuer.ts'
import { wipe } from '../vault/sodium.ts'
import { revokerContext } from './after-issuing.ts'
import { AppError } from './app-error.ts'
import type { Device } from './device.ts'
import type { Drafts } from './drafts.ts'
import type { OwnRevoker, Revokers } from './revokers.ts'

/**
 * Drafts the order to end a session now. The touch that signs it opens the owner's box of what may deny the session, so that
 * this very app tells AWS at once; without that box the order goes out all the same, and the issuing device acts on it.
 *
 * @throws {AppError} `not-allowed` if the owner is no custodian of its plan or the session is over; `not-found`.
 */
export function draftRevoke(
  device: Device,
  drafts: Drafts,
  revokers: Revokers,
  { request, grant: id, reason }: { readonly request: Digest; readonly grant: Digest; readonly reason: string },
): DraftView {
  const { grant, marks } = revocable(device, request, id)
  const isHeld = revokers.holds(id)
  const sealed = isHeld ? [] : boxesFor(device, grant)
  let own: OwnRevoker | null = null
  let unopened: LockboxError | null = null
  const drop = () => {
    if (own !== null) wipe(own.revoker)
    own = null
  }
  return drafts.add({
    kind: 'revoke',
    sentence: sentenceFor(device, grant, isHeld || sealed.length > 0),
    fields: { request, grant: id, reason },
    subject: grant.statement,
    withSecret: sealed.length > 0,
    check: async (boxKey) => {
      // Of a touch before this one, after which nothing could be recorded.
      drop()
      revocable(device, request, id)
      if (boxKey !== null) ({ own, unopened } = await openRevoker(device, grant, sealed, boxKey))
    },
    after: async () => {
      // The receiver's to wipe from now on.
      const given = own
      own = null
      if (given !== null) revokers.hold(given, grant, marks)
      else if (unopened !== null) device.notes.failure('Opening what may deny the session', unopened, UNOPENED)
      device.changed()
    },
    drop,
  })
}

/** @throws {AppError} if the owner may not order the end of that session now. */
function revocable(device: Device, request: Digest, id: Digest): { readonly grant: Grant; readonly marks: Marks } {
  const one = device.case(request)
  const org = device.org()
  const grant = one && grantsIn(one).find((each) => each.id === id)
  if (one === undefined || grant === undefined || org === null)
    throw new AppError('not-found', 'This session is not here any more.')
  const why = whyNoRevoke(org, grant, device.self(), device.clock().wall)
  if (why !== null) throw new AppError('not-allowed', notNowWords(why))
  return { grant, marks: marksOf(grant, one.request.payload.seconds) }
}

const UNOPENED = 'Your order is out. The issuing device denies the session when it hears of it.'

/** A box of a revoker, and what its issuer says of it. */
export interface SealedRevoker {
  readonly box: Digest
  readonly expires: number
  readonly userId: string
}

/** The owner's own boxes of a revoker, of each account that the issuer gave, as far as they have come here and may deny anything yet. */
function boxesFor(device: Device, { aftercare }: Grant): SealedRevoker[] {
  const { wall } = device.clock()
  return aftercare
    .flatMap(({ payload: { revoker } }) =>
      revoker === null
        ? []
        : revoker.boxes.map(({ device: to, sealed: box }) => ({
            to,
            box,
            expires: revoker.expires,
            userId: revoker.userId,
          })),
    )
    .filter(({ to, box, expires }) => to === device.id && device.shelf.has(box) && mayDeny(expires, wall))
}

/**
 * Whether AWS may still take what a revoker asks, by a clock of which nobody knows how far it is from AWS's: one that is ahead must
 * not keep its owner from ending a session in its last minutes. Of one that has ended AWS's refusal tells.
 */
function mayDeny(expires: UnixMilliseconds, now: UnixMilliseconds): boolean {
  return now < expires + CLOCK_TOLERANCE_MS
}

/**
 * Opens the first box that holds what may deny this very session: an issuer may have said more than once what it made.
 *
 * @returns `unopened`: why the last one was of no use, if none was. It keeps nobody from ordering.
 */
export async function openRevoker(
  device: Pick<Device, 'id' | 'org'> & { readonly shelf: Pick<Device['shelf'], 'get'> },
  grant: Grant,
  sealed: readonly SealedRevoker[],
  boxKey: Uint8Array,
): Promise<{ readonly own: OwnRevoker | null; readonly unopened: LockboxError | null }> {
  const { payload } = grant.statement
  let unopened: LockboxError | null = null
  for (const one of sealed) {
    const bytes = await device.shelf.get(one.box)
    if (bytes === null) continue
    try {
      const revoker = await openBox(boxKey, revokerContext(payload, device.id), bytes)
      if (isFor(device, grant, one, revoker))
        return { own: { request: payload.request, grant: grant.id, revoker, expires: one.expires }, unopened: null }
      wipe(revoker)
      unopened = new IssuerError('invalid', 'the box holds what may end another session', { mayExist: true })
    } catch (error) {
      if (!(error instanceof SecretsError || error instanceof IssuerError)) throw error
      unopened = error
    }
  }
  return { own: null, unopened }
}

/** Whether an opened box may deny the session of that grant: its role, its name, and the user that its issuer told. */
function isFor(device: Pick<Device, 'org'>, grant: Grant, told: SealedRevoker, revoker: Uint8Array): boolean {
  const issuing = device.org()?.collection.get('issuing', grant.statement.payload.basis.issuing)
  try {
    const { roleName, userId } = parseRevoker(revoker)
    return (
      roleName === roleNameOf(grant.plan.access.roleArn) &&
      userId === told.userId &&
      userId.slice(userId.indexOf(':') + 1) === issuing?.payload.sessionName
    )
  } catch (error) {
    wipe(revoker)
    throw error
  }
}

function sentenceFor(device: Device, grant: Grant, isHere: boolean): string {
  const { name } = device.names()(grant.requester)
  return `End the session of ${name} for ${grant.plan.credential.name} now. ${whoDenies(grant, isHere, device.clock().wall)}.`
}

function whoDenies(grant: Grant, isHere: boolean, now: UnixMilliseconds): string {
  const wiped = 'app of who has it wipes it, and what was copied works until its time is over'
  if (isHere) return 'This app tells AWS to deny it'
  const { revoker } = grant.plan.access.aftercare ?? {}
  const wasMade = grant.aftercare.some(({ payload }) => payload.revoker !== null)
  if (revoker === undefined || (grant.aftercare.length > 0 && !wasMade))
    return `Nobody can have AWS deny it: the ${wiped}`
  if (!mayBeDenied(grant, now))
    return `What could have AWS deny it has ended before the session. The ${wiped}, unless somebody denies it by hand in IAM`
  return 'The issuing device has to tell AWS to deny it, when it hears of this'
}
