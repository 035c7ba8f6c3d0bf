import { type Digest, toBase64Url } from '../../shared/bytes.ts'
import type { Case } from '../../shared/case/types.ts'
import { isLockboxError } from '../../shared/errors.ts'
import { generateBoxKey } from '../../shared/secrets/box-key.ts'
import { MOST_LACKS } from '../../shared/statements/aftercare.ts'
import type { VerifiedOf } from '../../shared/statements/door.ts'
import type { Plan } from '../../shared/statements/kinds.ts'
import { deviceId, type Member } from '../../shared/statements/member.ts'
import { together } from '../../shared/views/lists.ts'
import { openBox } from '../boxes.ts'
import type { Aftercared } from '../issuers/worker/client.ts'
import type { Receiver } from '../issuers/worker/protocol.ts'
import { lineFrom } from '../text.ts'
import { randomBytes, wipe } from '../vault/sodium.ts'
import type { Device } from './device.ts'
import type { IssueOrder } from './issue-now.ts'
import { keepMade, type Made, madeHere, stillHere, untold } from './made-aftercare.ts'
import type { OwnRevoker } from './revokers.ts'

/**
 * Has made, sealed and told what the plan wants for the time after an access that is recorded and handed over. Nobody's
 * access hangs on it: what fails is said in the statement and in a note, and never thrown.
 *
 * @param hold - is given the revoker for this app itself.
 */
export async function makeAftercare(
  order: Pick<IssueOrder, 'device' | 'worker' | 'plan' | 'one'>,
  grant: VerifiedOf<'grant'>,
  hold: (own: OwnRevoker) => void,
): Promise<void> {
  const { device, worker, plan, one } = order
  const key = generateBoxKey(randomBytes)
  try {
    const holder = toBase64Url(key.publicKey)
    const receivers = receiversIn(device, plan, one.request.payload.member)
    const made = await worker.aftercare({ member: device.profile.member, ...receivers, holder })
    tellUnheld(device, made.unheld)
    const keeping = keepMade(device, grant.id, made)
    // Whatever the disk says, the session can be denied from here.
    await keeping.catch(() => undefined)
    const unheld = made.revoker === null ? null : await holdOwn(grant, made.revoker, key.privateKey, hold)
    const kept = await keeping
    // What was made for the others is told all the same: else it would be said later that nothing was.
    const lacks = unheld === null ? kept.lacks : lineFrom(`${kept.lacks} ${UNHELD}: ${unheld}`.trim(), MOST_LACKS)
    await tellAftercare(device, grant, plan, { ...kept, lacks })
  } catch (error) {
    if (!isLockboxError(error)) throw error
    lacking(device, plan, error.message)
  } finally {
    wipe(key.privateKey)
  }
}

/**
 * Tells of grants of this device's, for which a crash or a lock came between, what was made and kept; or that nobody has anything.
 *
 * @param holds - whether this app holds what may deny the session of a grant.
 */
export async function finishAftercare(
  device: Device,
  one: Case,
  underWay: ReadonlySet<Digest>,
  holds: (grant: Digest) => boolean,
): Promise<void> {
  const grants = untold(device, one).filter(({ id }) => !underWay.has(id))
  if (grants.length === 0) return
  const { made, unread } = await madeHere(device)
  for (const { id, statement, plan } of grants) {
    const lacks = holds(id) ? UNKEPT : unread.has(id) ? UNREAD : INTERRUPTED
    const kept = made.get(id)
    await tellAftercare(device, statement, plan, kept === undefined ? nothing(lacks) : await stillHere(device, kept))
  }
}

const nothing = (lacks: string): Made => ({ revoker: null, rotator: null, lacks })

const INTERRUPTED =
  'Neither revoker nor rotator: Lockbox was locked or stopped on the issuing device before they were kept. AWS may have made them; nobody has them.'
const UNREAD =
  'Neither revoker nor rotator: what the issuing device kept of them cannot be read. AWS may have made them; nobody has them.'
const UNKEPT =
  'Neither revoker nor rotator for anybody: they were made and could not be kept. The issuing device alone can deny the session, while Lockbox runs there.'

/**
 * Devices of the head roster: custodians' for the revoker; for the rotator admins', but never the requester's, who would get
 * more by it than was asked for, and this one, which has seen the key, only if there is no other.
 */
export function receiversIn(
  device: Pick<Device, 'id' | 'org'>,
  { custodians }: Pick<Plan, 'custodians'>,
  requester: string,
): { readonly revoker: Receiver[]; readonly rotator: Receiver[] } {
  const members = device.org()?.head.roster.members ?? []
  const admins = members.filter(({ roles, member }) => roles.includes('admin') && member !== requester)
  const others = admins.filter((member) => deviceId(member) !== device.id)
  return {
    revoker: members.filter(({ member }) => custodians.includes(member)).map(receiver),
    rotator: (others.length > 0 ? others : admins).map(receiver),
  }
}

const receiver = (member: Member): Receiver => ({ device: deviceId(member), boxPublicKey: member.device.keys.box })

const UNHELD = 'The issuing device cannot deny the session itself'

/** @returns why this app does not hold it, in words, or null if it does. */
async function holdOwn(
  grant: VerifiedOf<'grant'>,
  made: NonNullable<Aftercared['revoker']>,
  privateKey: Uint8Array,
  hold: (own: OwnRevoker) => void,
): Promise<string | null> {
  try {
    hold(await ownOf(grant, made, privateKey))
    return null
  } catch (error) {
    if (!isLockboxError(error)) throw error
    return error.message
  }
}

async function ownOf(
  { id, payload }: VerifiedOf<'grant'>,
  { own, expires }: NonNullable<Aftercared['revoker']>,
  privateKey: Uint8Array,
): Promise<OwnRevoker> {
  const revoker = await openBox(privateKey, revokerContext(payload, payload.device), own)
  return { request: payload.request, grant: id, revoker, expires }
}

/** What the box of a revoker for that device is bound to. */
export function revokerContext({ organization, request, basis, device }: VerifiedOf<'grant'>['payload'], to: Digest) {
  const { deposit, ready } = basis
  return { purpose: 'revoker', organization, deposit, request, ready, from: device, to, index: null } as const
}

async function tellAftercare(
  device: Device,
  { id, payload }: VerifiedOf<'grant'>,
  plan: Plan,
  made: Made,
): Promise<void> {
  const { lacks } = made
  await device.author.write('aftercare', device.pen(), { request: payload.request, grant: id, ...made })
  if (lacks !== '') lacking(device, plan, lacks)
}

/** A region that did not answer may have made what it was asked for before the next one was. */
function tellUnheld({ notes }: Device, unheld: Aftercared['unheld']): void {
  if (unheld.length === 0) return
  const which = unheld.map(({ what, region }) => `${MADE_TWICE[what]} in ${region}`)
  notes.add(
    'attention',
    'AWS may have made more for ending and replacing than anybody holds',
    `AWS did not answer, and the next region was asked: there may be ${together(which)} that nobody holds. It dies by itself within 12 hours.`,
    'Nothing has to be done in a hurry. Mention it in the review.',
  )
}

const MADE_TWICE = {
  revoker: 'another session that can deny the access',
  rotator: 'another session that can replace the key',
  step: 'another session of the emergency user',
} as const

function lacking({ notes }: Device, { access }: Plan, why: string): void {
  // Where the plan names who may replace the key, the case waits until an app has seen it deleted.
  const key =
    access.aftercare?.rotator === undefined
      ? 'Replace the key by hand when it is over.'
      : 'Do not delete the used key by hand: the case could not be closed. If nobody has what may replace it, ask for a rotation in the case when the session is over.'
  notes.add(
    'attention',
    'The session was issued. Not all is there to end it early and to replace the key',
    why,
    `The session dies by itself. ${key} Mend what is said here before the next emergency.`,
  )
}
