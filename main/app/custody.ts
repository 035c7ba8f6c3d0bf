import { type Digest, digest, fromBase64Url, toBase64Url } from '../../shared/bytes.ts'
import type { DraftView } from '../../shared/ipc-values.ts'
import { jcs } from '../../shared/jcs.ts'
import { proveCustody } from '../../shared/secrets/custody.ts'
import { SecretsError } from '../../shared/secrets/errors.ts'
import { verifyShare } from '../../shared/secrets/sharing.ts'
import type { VerifiedOf } from '../../shared/statements/door.ts'
import type { Deposit } from '../../shared/statements/kinds.ts'
import { openBox } from '../boxes.ts'
import { wipe } from '../vault/sodium.ts'
import { AppError } from './app-error.ts'
import type { Device } from './device.ts'
import type { Drafts } from './drafts.ts'

/** A deposit with its id. */
export type DepositOf = { readonly id: Digest; readonly payload: Deposit }

/**
 * Drafts the acceptance of a share: the touch opens the box, the share is checked against the commitments, and only
 * then is the endorsement recorded, followed by the proof of custody.
 */
export function acceptShare(device: Device, drafts: Drafts, deposit: VerifiedOf<'deposit'>): DraftView {
  const { header } = deposit.payload
  const index = indexOf(device, deposit.payload)
  const plan = device.org()?.plans.find(({ id }) => id === header.plan)
  const generation = device.org()?.generations.find(({ id }) => id === deposit.id)
  if (plan === undefined || generation === undefined || generation.problems.length > 0)
    throw new AppError(
      'not-allowed',
      'This deposit does not fit its plan, so its share is not accepted. Ask the depositor to deposit again.',
    )
  const box = deposit.payload.boxes[index - 1]
  if (box === undefined || !device.shelf.has(box))
    throw new AppError(
      'blob-missing',
      'Your share has not arrived yet. Let this device meet the depositor’s on the network.',
    )
  let share: Uint8Array | null = null
  return drafts.add({
    kind: 'endorsement',
    sentence: `Accept share ${index} of ${header.custodians.length} of “${plan.plan.credential.name}” (generation ${header.generation}), to be used only under the plan “${plan.plan.name}”.`,
    fields: { of: deposit.id },
    subject: deposit,
    withSecret: true,
    check: async (boxKey) => {
      share = await openShare(device, deposit, boxKey)
    },
    after: async () => {
      try {
        if (share !== null) await writeCustody(device, deposit, share, deposit.id)
      } finally {
        if (share !== null) wipe(share)
      }
    },
    drop: () => {
      if (share !== null) wipe(share)
    },
  })
}

/** This owner's index in a deposit, 1 for the first custodian. @throws {AppError} if it is not a custodian. */
export function indexOf(device: Device, { header }: Deposit): number {
  const at = header.custodians.indexOf(device.profile.member)
  if (at < 0) throw new AppError('not-allowed', 'You are not a custodian of this credential.')
  return at + 1
}

/** The owner's box of a deposit, still sealed; null if it is not here. @throws {AppError} if the owner is not a custodian. */
export async function readBox(device: Device, deposit: Deposit): Promise<Uint8Array | null> {
  const id = deposit.boxes[indexOf(device, deposit) - 1]
  return id === undefined ? null : device.shelf.get(id)
}

/**
 * Opens the owner's box of a deposit and checks the share in it.
 *
 * @param read - the box, where it was read before the touch.
 * @returns the share, 32 bytes; the caller's to wipe.
 * @throws {AppError} `bad-share` naming what is wrong, `blob-missing`.
 */
export async function openShare(
  device: Device,
  { payload }: DepositOf,
  boxKey: Uint8Array | null,
  read: Promise<Uint8Array | null> = readBox(device, payload),
): Promise<Uint8Array> {
  const { header } = payload
  const index = indexOf(device, payload)
  // It may have come since.
  const box = (await read) ?? (await readBox(device, payload))
  if (box === null || boxKey === null)
    throw new AppError('blob-missing', 'Your share is not on this device. Let it meet the others on the network.')
  try {
    const context = {
      purpose: 'share',
      organization: header.organization,
      deposit: digest(jcs(header)),
      request: null,
      ready: null,
      from: payload.device,
      to: device.id,
      index,
    } as const
    const key = { privateKey: boxKey, publicKey: fromBase64Url(device.summary.device.box) }
    const share = await openBox(key, context, box)
    verifyShare({
      index,
      share,
      commitments: header.commitments.map(fromBase64Url),
      threshold: header.commitments.length,
      members: header.custodians.length,
    })
    return share
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error
    const depositor = device.names()(payload.member).name
    throw new AppError(
      'bad-share',
      `Your share from ${depositor} failed its checks (${error.message}). Nothing was accepted. Ask ${depositor} to deposit the credential again.`,
    )
  }
}

/** Proves custody of a share once more; `nonce` is the deposit's id, in a drill the request's. */
export async function writeCustody(
  device: Device,
  { id, payload }: DepositOf,
  share: Uint8Array,
  nonce: Digest,
): Promise<void> {
  const index = indexOf(device, payload)
  const context = {
    organization: payload.header.organization,
    deposit: id,
    member: device.profile.member,
    index,
    nonce,
  }
  await device.author.write('custody', device.pen(), {
    deposit: id,
    index,
    nonce,
    proof: toBase64Url(proveCustody(context, share)),
  })
}
