import type { Digest } from '../../shared/bytes.ts'
import type { Voucher } from '../../shared/ledger/covered.ts'
import { coveredWords } from '../../shared/views/covered.ts'
import type { Stands } from '../../shared/views/proof.ts'
import type { VoucherView } from '../../shared/views/proof-views.ts'
import type { Device } from './device.ts'
import { ownerNames } from './evidence.ts'
import { memberOfDevice } from './meeting.ts'
import type { Notary } from './notary.ts'

/** The last moment that a calendar has; a cosigner may claim any. */
const LAST_MOMENT = 8_640_000_000_000_000

/** Who cosigned an entry of this log, each first; nobody if others cosigned another log than this one. */
export function coveredBy(device: Device, notary: Notary, leaf: number): readonly Voucher[] {
  return device.standing.logBroken ? [] : notary.coveredBy(leaf)
}

/** How far others vouch for statements, in words, as it is now: made once for many. */
export function standsIn(device: Device, notary: Notary): Stands {
  const nameOf = ownerNames(device)
  const known = new Map<Digest, string>()
  const ownerOf = (of: Digest) => {
    const name = known.get(of) ?? nameOf(of)
    known.set(of, name)
    return name
  }
  // Neighbours in the ledger stand in the same checkpoints, as a rule.
  const said = new Map<readonly Voucher[], string>()
  return (id) => {
    const by = coveredBy(device, notary, device.store.leaf(id) ?? Number.POSITIVE_INFINITY)
    const words = said.get(by) ?? coveredWords(by, ownerOf)
    said.set(by, words)
    return words
  }
}

/** Of every other device that cosigned this log, how far, and when by its clock. */
export function vouchersOfLog(device: Device, notary: Notary): VoucherView[] {
  return device.standing.logBroken ? [] : voucherViews(device, notary.vouchers())
}

/** Vouchers with the names of their owners. */
export function voucherViews(device: Device, vouchers: readonly Voucher[]): VoucherView[] {
  const nameOf = ownerNames(device)
  return vouchers.map(({ device: of, size, at }) => ({
    person: { member: memberOfDevice(device, of)?.member ?? '', name: nameOf(of) },
    size,
    at: Math.min(at, LAST_MOMENT),
  }))
}
