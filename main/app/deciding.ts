import type { Digest } from '../../shared/bytes.ts'
import { whyNoDecision } from '../../shared/case/duties.ts'
import { type Case, CLOCK_TOLERANCE_MS } from '../../shared/case/types.ts'
import type { DraftView } from '../../shared/ipc-values.ts'
import { newestHeld } from '../../shared/org/generations.ts'
import { askedWords } from '../../shared/views/asked.ts'
import { notNowWords } from '../../shared/views/not-now.ts'
import { wipe } from '../vault/sodium.ts'
import { AppError } from './app-error.ts'
import { type DepositOf, openShare, readBox, writeCustody } from './custody.ts'
import type { Device } from './device.ts'
import type { Drafts } from './drafts.ts'

/** Drafts the owner's approval or denial. The touch that approves fetches the one share this case needs. */
export function draftDecision(
  device: Device,
  drafts: Drafts,
  request: Digest,
  verdict: 'approve' | 'deny',
  reason: string,
): DraftView {
  const one = device.case(request)
  if (one === undefined) throw new AppError('not-found', 'This request is not here any more.')
  refuseNow(device, one, verdict)
  const draft = { kind: 'decision', fields: { request, verdict, reason }, subject: one.request } as const
  if (verdict === 'deny')
    return drafts.add({
      ...draft,
      sentence: `Deny ${facts(device, one)}`,
      check: async () => refuseNow(device, device.case(request), verdict),
    })
  const deposit = depositFor(device, one)
  // While its owner reads: between the touch and the others' knowing of it lies as little as possible.
  const box = readBox(device, deposit.payload).catch(() => null)
  let share: Uint8Array | null = null
  const wipeShare = () => {
    if (share !== null) wipe(share)
    share = null
  }
  return drafts.add({
    ...draft,
    sentence: `Approve ${facts(device, one)}`,
    withSecret: true,
    check: async (boxKey) => {
      refuseNow(device, device.case(request), verdict)
      share = await openShare(device, deposit, boxKey, box)
    },
    after: async () => {
      if (share === null) return
      try {
        // In a drill custody is proved again: below-threshold loss is known long before it hurts.
        if (one.request.payload.purpose === 'drill') await writeCustody(device, deposit, share, request)
        device.held.hold(request, Uint8Array.from(share))
        device.changed()
      } finally {
        wipeShare()
      }
    },
    drop: wipeShare,
  })
}

function facts(device: Device, one: Case): string {
  const { payload } = one.request
  return askedWords(payload, one.plan?.credential.name ?? 'access', device.names()(payload.member).name)
}

/** @throws {AppError} if the owner may not decide on the case at this moment, by this app's own clock. */
function refuseNow(device: Device, one: Case | undefined, verdict: 'approve' | 'deny'): void {
  if (one === undefined) throw new AppError('not-found', 'This request is not here any more.')
  const why = whyNoDecision(one, device.profile.member, verdict)
  if (why !== null) throw new AppError('not-allowed', notNowWords(why))
  if (one.request.payload.time > device.clock().wall + CLOCK_TOLERANCE_MS)
    throw new AppError(
      'clock-differs',
      'This request comes from a device whose clock is more than 10 minutes ahead of yours. Compare clocks, set the wrong one, and decide then.',
    )
}

function depositFor(device: Device, one: Case): DepositOf {
  const org = device.org()
  const named =
    one.attempt === null ? undefined : org?.generations.find(({ id }) => id === one.attempt?.ready.payload.deposit)
  const generation = named ?? (org && one.plan ? newestHeld(org.generations, one.plan) : undefined)
  if (generation === undefined)
    throw new AppError(
      'not-found',
      'No credential is held for this plan, so an approval could release nothing. An admin has to deposit one, and custodians to accept their shares.',
    )
  return { id: generation.id, payload: generation.deposit }
}
