import type { Digest } from '../../shared/bytes.ts'
import { whyNoRevoke } from '../../shared/case/aftercare-duties.ts'
import { type Grant, grantsIn } from '../../shared/case/types.ts'
import type { DraftView } from '../../shared/ipc.ts'
import { openBox } from '../../shared/secrets/box.ts'
import { SecretsError } from '../../shared/secrets/errors.ts'
import { notNowWords } from '../../shared/views/cases.ts'
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
  const grant = revocable(device, request, id)
  const sealed = revokers.holds(id) ? undefined : boxFor(device, grant)
  let own: OwnRevoker | null = null
  const drop = () => {
    if (own !== null) wipe(own.revoker)
    own = null
  }
  return drafts.add({
    kind: 'revoke',
    sentence: sentenceFor(device, grant, sealed !== undefined || revokers.holds(id)),
    fields: { request, grant: id, reason },
    subject: grant.statement,
    withSecret: sealed !== undefined,
    check: async (boxKey) => {
      revocable(device, request, id)
      if (sealed !== undefined && boxKey !== null) own = await openRevoker(device, grant, sealed, boxKey)
    },
    after: async () => {
      // The receiver's to wipe from now on.
      const given = own
      own = null
      if (given !== null) revokers.hold(given, grant)
      device.changed()
    },
    drop,
  })
}

/** @throws {AppError} if the owner may not order the end of that session now. */
function revocable(device: Device, request: Digest, id: Digest): Grant {
  const one = device.case(request)
  const org = device.org()
  const grant = one && grantsIn(one).find((each) => each.id === id)
  if (grant === undefined || org === null) throw new AppError('not-found', 'This session is not here any more.')
  const why = whyNoRevoke(org, grant, device.self(), device.clock().wall)
  if (why !== null) throw new AppError('not-allowed', notNowWords(why))
  return grant
}

interface Sealed {
  readonly box: Digest
  readonly expires: number
}

/** The owner's own box of the revoker, if its issuer made one and it has come here. */
function boxFor(device: Device, { aftercare }: Grant): Sealed | undefined {
  return aftercare
    .flatMap(({ payload: { revoker } }) =>
      revoker === null
        ? []
        : revoker.boxes.map(({ device: to, sealed: box }) => ({ to, box, expires: revoker.expires })),
    )
    .find(({ to, box }) => to === device.id && device.shelf.has(box))
}

/** A box that does not open is told of and keeps nobody from ordering. */
async function openRevoker(
  device: Device,
  { id, statement: { payload } }: Grant,
  { box, expires }: Sealed,
  boxKey: Uint8Array,
): Promise<OwnRevoker | null> {
  const bytes = await device.shelf.get(box)
  if (bytes === null) return null
  try {
    const revoker = await openBox(boxKey, revokerContext(payload, device.id), bytes)
    return { request: payload.request, grant: id, revoker, expires }
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error
    const todo = 'Your order is out. The issuing device denies the session when it hears of it.'
    device.notes.failure('Opening what may deny the session', error, todo)
    return null
  }
}

function sentenceFor(device: Device, { plan, requester }: Grant, isHere: boolean): string {
  const { name } = device.names()(requester)
  const who = isHere
    ? 'This app tells AWS to deny it'
    : 'The issuing device has to tell AWS to deny it, when it hears of this'
  return `End the session of ${name} for ${plan.credential.name} now. ${who}.`
}
