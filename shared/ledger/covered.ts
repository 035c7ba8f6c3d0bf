import type { Digest } from '../bytes.ts'
import { type Checkpoint, parseOrigin } from './checkpoint.ts'
import { claimedTimeSeconds } from './cosignature.ts'

/** Another device that vouches for the first entries of a ledger. */
export interface Voucher {
  readonly device: Digest
  /** How many entries, from the first, its cosignature covers. */
  readonly size: number
  /** When, by that device's clock: Unix milliseconds. */
  readonly at: number
}

/** Who cosigned one checkpoint. Its cosignatures were checked when they were kept. */
export function vouchersOf(checkpoint: Checkpoint): Voucher[] {
  const { origin, size, note } = checkpoint
  return note.signatures.flatMap((signature) => {
    const device = signature.name === origin ? null : (parseOrigin(signature.name)?.device ?? null)
    const seconds = claimedTimeSeconds(signature)
    return device === null || seconds === null ? [] : [{ device, size, at: seconds * 1000 }]
  })
}

/**
 * In whose checkpoints the entries of a ledger stand: for an entry's index (from 0) every device that cosigned a head which
 * covers it, with the smallest such head. What these devices once cosigned cannot be changed, removed or back-dated unseen.
 *
 * @param checkpoints - Kept checkpoints of that ledger, with cosignatures that were checked; any order.
 * @returns the answer for one entry; cheap, so that it can be asked for a whole page.
 */
export function coverageOf(checkpoints: Iterable<Checkpoint>): (leaf: number) => readonly Voucher[] {
  const all = [...checkpoints].flatMap(vouchersOf).sort((a, b) => a.size - b.size)
  const byDevice = new Map<Digest, Voucher[]>()
  for (const voucher of all) {
    const own = byDevice.get(voucher.device)
    if (own === undefined) byDevice.set(voucher.device, [voucher])
    else own.push(voucher)
  }
  // Between two heads the answer is the same, and whoever asks asks for neighbours.
  const known = new Map<number, readonly Voucher[]>()
  return (leaf) => {
    const place = placeBeyond(all, leaf)
    const covering = known.get(place) ?? [...byDevice.values()].flatMap((own) => own[placeBeyond(own, leaf)] ?? [])
    known.set(place, covering)
    return covering
  }
}

/** Where the first of vouchers by size stands whose size is above an index. */
function placeBeyond(vouchers: readonly Voucher[], leaf: number): number {
  let [from, to] = [0, vouchers.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if ((vouchers[middle]?.size ?? 0) > leaf) to = middle
    else from = middle + 1
  }
  return from
}

/**
 * Which of many checkpoints of one ledger to keep, so that memory and exports stay bounded: the newest half as they are,
 * older ones ever wider apart, the first and the last of each cosigner in any case. What is dropped loses only how early
 * others vouched, never how many do.
 *
 * @param checkpoints - By size, ascending.
 * @param most - How many, beside the last of each cosigner.
 */
export function thinned(checkpoints: readonly Checkpoint[], most: number): Checkpoint[] {
  if (checkpoints.length <= most) return [...checkpoints]
  const last = new Map(checkpoints.flatMap((one) => vouchersOf(one).map(({ device }) => [device, one] as const)))
  const needed = new Set(last.values())
  const split = checkpoints.length - Math.ceil(most / 2)
  const newest = checkpoints.slice(split)
  let older = checkpoints.slice(0, split)
  while (older.length > most - newest.length) older = older.filter((_, at) => at % 2 === 0)
  const kept = new Set([...older, ...newest])
  return checkpoints.filter((one) => kept.has(one) || needed.has(one))
}
