import type { Digest } from '../../shared/bytes.ts'
import { isPrunable, prunable, type Retention, rangesOf, retentionLimit } from '../../shared/case/prunable.ts'
import type { DraftView } from '../../shared/ipc-values.ts'
import { utcWords } from '../../shared/utc.ts'
import { AppError } from './app-error.ts'
import type { Device } from './device.ts'
import type { Drafts } from './drafts.ts'

/** What one `pruned` names at most; what is more goes with the next. */
const MOST_RANGES = 1000

/**
 * Drafts the owner's word that what is older than the retention time goes from this device. It is recorded first, and then
 * carried out.
 *
 * @param unsent - of places in the log, how many an outlet has still to deliver.
 * @throws {AppError} `nothing-old` if there is nothing to remove; `not-allowed` from a log that ever lost something, or of which some is not accepted.
 */
export function draftPruning(
  device: Device,
  drafts: Drafts,
  retention: Retention,
  unsent: (places: readonly number[]) => readonly { readonly name: string; readonly count: number }[],
): DraftView {
  if (device.vault.journal.accepted.length > 0)
    throw new AppError(
      'not-allowed',
      'This device’s log has lost something; what is left of it is evidence, and stays.',
    )
  if (device.store.unread().size > 0)
    throw new AppError(
      'not-allowed',
      'This version of Lockbox does not accept some entries of this log, and what they say may need what would go.',
    )
  const before = retentionLimit(retention, device.clock().wall)
  const ranges = rangesOf(placesOf(device, oldOnes(device, before)), MOST_RANGES)
  const count = ranges.reduce((sum, { from, to }) => sum + to - from, 0)
  if (count === 0)
    throw new AppError(
      'nothing-old',
      `Nothing was over before ${utcWords(before)} that owes nothing more. A granted case stays until its review is signed, another key is held in the place of the one it used and, where the plan names who may, the used key is deleted.`,
    )
  return drafts.add({
    kind: 'pruned',
    sentence: `Remove ${count} ${count === 1 ? 'entry' : 'entries'} from this device, of what was over before ${utcWords(before)}. They cannot be brought back here; other devices keep theirs.${unsentWords(unsent(placesIn(ranges)))}`,
    fields: { before, ranges },
    check: async () => {
      // Something about one of these cases may have come in since they were chosen.
      const still = rangesOf(placesOf(device, oldOnes(device, before)), MOST_RANGES)
      if (JSON.stringify(still) !== JSON.stringify(ranges))
        throw new AppError(
          'not-allowed',
          'Something came in that changes what may go. Nothing was removed; begin again.',
        )
    },
    after: () => carryOutPruning(device),
  })
}

const placesIn = (ranges: readonly { readonly from: number; readonly to: number }[]): number[] =>
  ranges.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, at) => from + at))

/** What would be removed before other systems got it: nobody who signs this should learn that afterwards. */
function unsentWords(unsent: readonly { readonly name: string; readonly count: number }[]): string {
  return unsent
    .map(
      ({ name, count }) =>
        ` ${count} of them ${count === 1 ? 'has' : 'have'} not gone out to ${name} yet, and will not.`,
    )
    .join('')
}

/** Statements that may go now; see `prunable`. */
function oldOnes(device: Device, before: number): ReadonlySet<Digest> {
  const { store } = device
  const org = device.org()
  if (org === null) return new Set()
  const evidence = new Set(store.oddChains().flatMap(({ fork }) => fork?.statements ?? []))
  const source = {
    org,
    cases: device.cases(),
    heard: (id: Digest) => store.heard(id),
    gone: (request: Digest) => store.isPruned(request),
    evidence,
  }
  return prunable(source, before)
}

function placesOf({ store }: Device, ids: ReadonlySet<Digest>): number[] {
  return [...ids].flatMap((id) => store.leaf(id) ?? []).sort((a, b) => a - b)
}

/**
 * Removes what this device's own `pruned` statements name and is still here: after one was recorded, and after unlocking,
 * should the app have died in between. A statement written over another ledger than this one names other entries, and
 * what the organization stands on never goes, whatever a statement says.
 */
export async function carryOutPruning(device: Device): Promise<void> {
  const { store } = device
  const ids = store.ids()
  const own = store
    .collection()
    .of('pruned')
    .filter(({ id, payload }) => payload.device === device.id && store.isWrittenHere(id) === true)
  const named = own
    .flatMap(({ payload }) => payload.ranges.map((range) => ({ ...range, end: payload.ledger.size })))
    .flatMap(({ from, to, end }) => ids.slice(from, Math.min(to, end)))
    .filter((id) => {
      const statement = store.get(id)
      return statement !== undefined && isPrunable(statement)
    })
  if (named.length === 0) return
  await device.prune(new Set(named))
}
