import type { Digest } from '../bytes.ts'
import type { Voucher } from '../ledger/covered.ts'
import { utcWords } from '../utc.ts'

/**
 * How far others vouch for an entry, for people: "in checkpoints of 4 devices (Raj, Mia, Leo, Zoe), first at …".
 *
 * @param vouchers - See `coverageOf`.
 * @param ownerOf - A device by its owner's name.
 */
export function coveredWords(vouchers: readonly Voucher[], ownerOf: (device: Digest) => string): string {
  const [first, ...others] = [...vouchers].sort((a, b) => a.at - b.at)
  if (first === undefined) return 'in no other device’s checkpoint yet'
  const names = [first, ...others].map(({ device }) => ownerOf(device)).join(', ')
  const count = others.length === 0 ? 'one other device' : `${others.length + 1} other devices`
  return `in checkpoints of ${count} (${names}), first at ${utcWords(first.at)} by ${ownerOf(first.device)}’s clock`
}
