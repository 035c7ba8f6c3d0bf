import { type Digest, digest } from '../../shared/bytes.ts'
import type { Attempt, Case } from '../../shared/case/types.ts'
import { isLockboxError, type LockboxError } from '../../shared/errors.ts'
import type { VerifiedOf } from '../../shared/statements/door.ts'
import type { Plan } from '../../shared/statements/kinds.ts'
import { together } from '../../shared/views/lists.ts'
import type { Gone, IssueWorker } from '../issuers/worker/client.ts'
import type { FieldsOf } from './author.ts'
import type { Device } from './device.ts'
import { failureFrom, type Ground, groundOf, type IssueOutcome, type Release } from './ground.ts'
import { keepSealed } from './handing-over.ts'
import type { Notary } from './notary.ts'
import type { Carrier, Elsewhere } from './ports.ts'
import type { ShareChecks } from './share-checks.ts'

/** Everything one issue needs. */
export interface IssueOrder {
  readonly device: Device
  readonly notary: Notary
  readonly carrier: Carrier
  readonly elsewhere: Elsewhere
  readonly worker: IssueWorker
  readonly one: Case
  readonly plan: Plan
  readonly attempt: Attempt
  readonly releases: readonly Release[]
  /** What was found of their shares so far. */
  readonly checks: ShareChecks
  readonly sessionName: string
}

/**
 * Issues: shares are checked, `issuing` is recorded and acknowledged by another device, and only then is the credential
 * reassembled and used. No record, no access.
 *
 * @returns the grant if one was recorded, else what to record as `failed`.
 */
export async function issueNow(order: IssueOrder): Promise<IssueOutcome | VerifiedOf<'grant'>> {
  const { device, one, plan, attempt, worker } = order
  const { payload } = one.request
  const ciphertext = await ciphertextOf(order)
  if (ciphertext === null)
    return {
      code: 'ciphertext-missing',
      message: 'The encrypted credential is not on the issuing device. Let it meet a custodian’s device.',
      mayExist: false,
      badShares: [],
    }
  const bad = await order.checks.badOf(order.releases)
  const good = order.releases.filter(({ statement }) => !bad.some(({ index }) => index === statement.payload.index))
  if (good.length < plan.quorum.count) return badShares(order, bad)
  const recorded = await recordIssuing(order)
  if ('code' in recorded) return recorded
  const ground = groundOf(device, plan, recorded.issuing, good)
  if ('code' in ground) return ground
  const gone = await worker.go(
    {
      ...sharesOf(order, ground.releases),
      requester: { member: payload.member, device: payload.device, recipient: payload.recipient },
      purpose: payload.purpose,
      seconds: payload.seconds,
      reference: payload.reference,
      attempt: attempt.number,
      access: plan.access,
    },
    ciphertext,
  )
  if (gone.is === 'issued') {
    tellOfSecond(device, gone.attempted)
    return recordGrant(order, recorded.witness, ground, gone)
  }
  if (gone.is === 'shares') return badShares(order, gone.bad)
  return {
    code: gone.code,
    message: gone.message,
    mayExist: gone.mayExist,
    badShares: gone.bad.map(({ member }) => member),
  }
}

/** What stands on the record before the credential is touched. */
interface Issuing {
  readonly issuing: VerifiedOf<'issuing'>
  /** The device that acknowledged it, or null where the plan waives that. */
  readonly witness: string | null
}

/** Records `issuing` and has it acknowledged, or says why nothing may be issued. */
async function recordIssuing(order: IssueOrder): Promise<Issuing | IssueOutcome> {
  const { device, one, plan, attempt, sessionName, notary, carrier, elsewhere } = order
  try {
    const issuing = await device.author.write('issuing', device.pen(), {
      request: one.id,
      ready: attempt.ready.id,
      attempt: attempt.number,
      sessionName,
    })
    const witness = plan.witness === 'required' ? await notary.witnessed(carrier, elsewhere) : null
    return { issuing, witness }
  } catch (error) {
    if (isLockboxError(error)) return failureFrom(error)
    throw error
  }
}

/** A region that did not answer may have done what it was asked before the next one was. */
function tellOfSecond(
  { notes }: Device,
  attempted: readonly { readonly region: string; readonly mayExist: boolean }[],
) {
  const lost = attempted.slice(0, -1).flatMap(({ mayExist, region }) => (mayExist ? [region] : []))
  if (lost.length === 0) return
  notes.add(
    'attention',
    'AWS may have made a second session',
    `${together(lost)} did not answer, and the next region issued. If ${lost.length === 1 ? 'it' : 'one of them'} issued as well, nobody holds that session; it dies by itself.`,
    'Nothing has to be done in a hurry. Mention it in the review.',
  )
}

async function ciphertextOf({ device, attempt }: IssueOrder): Promise<Uint8Array<ArrayBuffer> | null> {
  const deposit = device.store.collection().get('deposit', attempt.ready.payload.deposit)
  return deposit === undefined ? null : device.shelf.get(deposit.payload.ciphertext)
}

/** What a worker is told of these releases. */
export function sharesOf(
  { device, one, plan, attempt }: Pick<IssueOrder, 'device' | 'one' | 'plan' | 'attempt'>,
  releases: readonly Release[],
) {
  const deposit = device.store.collection().get('deposit', attempt.ready.payload.deposit)
  if (deposit === undefined) throw new TypeError('the attempt names a deposit that is not here')
  return {
    organization: deposit.payload.organization,
    deposit: deposit.id,
    request: one.id,
    ready: attempt.ready.id,
    issuer: device.id,
    header: deposit.payload.header,
    threshold: plan.quorum.count,
    releases: releases.map(({ statement, box }) => ({
      member: statement.payload.member,
      device: statement.payload.device,
      index: statement.payload.index,
      box,
    })),
  }
}

function badShares(
  { device }: IssueOrder,
  bad: readonly { readonly member: string; readonly why: string }[],
): IssueOutcome {
  const names = bad.map(({ member }) => device.names()(member).name).join(' and ')
  return {
    code: 'bad-share',
    message: `The share of ${names} failed its checks, so there are too few. The credential was not touched. Another custodian has to approve.`,
    mayExist: false,
    badShares: bad.map(({ member }) => member),
  }
}

/**
 * The grant first, then the handover: a session that was handed over is always one that was recorded. That of a rotation is
 * handed to nobody: it was made for the sake of what is made beside it.
 */
async function recordGrant(
  { device, one, attempt }: IssueOrder,
  witness: string | null,
  { pen, basis }: Ground,
  gone: Extract<Gone, { is: 'issued' }>,
): Promise<VerifiedOf<'grant'> | IssueOutcome> {
  const isHanded = one.request.payload.purpose !== 'rotation'
  const fields: FieldsOf<'grant'> = {
    request: one.id,
    attempt: attempt.number,
    accessKeyId: gone.accessKeyId,
    expires: gone.expires,
    skewMs: gone.skewMs ?? 0,
    endpoint: gone.endpoint,
    witness,
    basis,
  }
  let grant: VerifiedOf<'grant'>
  let handover: Promise<unknown>
  try {
    if (!isHanded) return await device.author.write('grant', pen, fields)
    const sealed = digest(gone.handover)
    const handed = (id: Digest): FieldsOf<'handover'> => ({ request: one.id, grant: id, sealed })
    const kept = keepSealed(device, attempt.ready.id, gone.handover)
    const both = await device.author.writeBoth(pen, ['grant', fields], ['handover', handed], kept)
    grant = both.first
    handover = both.second
  } catch (error) {
    if (isLockboxError(error)) return unkept(error)
    throw error
  }
  await handover
  return grant
}

/** Without its record nobody may have the session, and nobody will: why it is lost is told as it was, and not as if the app had died. */
function unkept(error: LockboxError): IssueOutcome {
  const message = `AWS issued, and this device could not keep what came: ${error.message}. Nobody holds that session.`
  return { ...failureFrom(error), message, mayExist: true }
}
