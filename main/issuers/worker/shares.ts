import { fromBase64Url } from '../../../shared/bytes.ts'
import type { BoxKey } from '../../../shared/secrets/box-key.ts'
import { SecretsError } from '../../../shared/secrets/errors.ts'
import { checkDealing, type PublicDealing, type Share, verifyShare } from '../../../shared/secrets/sharing.ts'
import { openBox } from '../../boxes.ts'
import { wipe } from './messages.ts'
import type { BadShare, CheckFacts, SharesAnswer } from './protocol.ts'

/** What came of the releases. `good` are the caller's to wipe. */
export interface OpenedShares {
  readonly good: readonly Share[]
  readonly bad: readonly BadShare[]
}

/** What everybody may know of the deposit's dealing; the threshold is the plan's, never the header's own count. */
export function dealingOf({ header, threshold }: Pick<CheckFacts, 'header' | 'threshold'>): PublicDealing {
  const { commitments, custodians } = header
  return { threshold, members: custodians.length, commitments: commitments.map(fromBase64Url) }
}

/**
 * Opens the releases' boxes and checks every share: that its index is its author's, that it was sealed in exactly this
 * context, and that it fits the commitments. A bad one is named and left out; it does not spoil the others.
 *
 * @param boxes - in the order of `facts.releases`.
 * @throws {SecretsError} if the threshold or the commitments themselves cannot be.
 */
export async function openShares(facts: CheckFacts, boxes: readonly Uint8Array[], key: BoxKey): Promise<OpenedShares> {
  return fittingShares(await openBoxes(facts, boxes, key), facts)
}

/** The same, but that none is compared with the commitments yet. @throws as {@link openShares}. */
export async function openBoxes(facts: CheckFacts, boxes: readonly Uint8Array[], key: BoxKey): Promise<OpenedShares> {
  // First of all: commitments that cannot be are no custodian's fault.
  checkDealing(dealingOf(facts))
  const good: Share[] = []
  const bad: BadShare[] = []
  for (const [at, release] of facts.releases.entries()) {
    const { member, index } = release
    try {
      if (good.some((share) => share.index === index)) throw new SecretsError('share-wrong-index', 'it came twice')
      good.push({ index, share: await openShare(facts, release, boxes[at] ?? new Uint8Array(0), key) })
    } catch (error) {
      if (!(error instanceof SecretsError)) throw error
      bad.push({ member, index, why: error.message })
    }
  }
  return { good, bad }
}

/** Those of opened shares that fit the commitments. The others are wiped, and named. */
export function fittingShares({ good, bad }: OpenedShares, facts: CheckFacts): OpenedShares {
  const dealing = dealingOf(facts)
  const why = good.map((share) => whyUnfit(share, dealing))
  const unfit = good.flatMap((share, at): BadShare[] => {
    const because = why[at]
    if (because == null) return []
    wipe(share.share)
    // The index of a box that was opened is its author's.
    return [{ member: facts.header.custodians[share.index - 1] ?? '', index: share.index, why: because }]
  })
  return { good: good.filter((_, at) => why[at] == null), bad: [...bad, ...unfit] }
}

function whyUnfit(share: Share, dealing: PublicDealing): string | null {
  try {
    verifyShare({ ...share, ...dealing })
    return null
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error
    return error.message
  }
}

/** The answer that tells main which shares are good, and how many more it must ask for. */
export function sharesAnswerOf({ good, bad }: OpenedShares, threshold: number): SharesAnswer {
  const missing = Math.max(0, threshold - good.length)
  return { is: 'shares', good: good.map(({ index }) => index), bad: [...bad], missing }
}

async function openShare(
  facts: CheckFacts,
  { member, device, index }: CheckFacts['releases'][number],
  box: Uint8Array,
  key: BoxKey,
): Promise<Uint8Array> {
  const { organization, deposit, request, ready, issuer, header } = facts
  if (header.custodians[index - 1] !== member)
    throw new SecretsError('share-wrong-index', `index ${index} belongs to another custodian`, { index })
  const context = { organization, deposit, request, ready, from: device, to: issuer, index }
  return openBox(key, { purpose: 'release', ...context }, box)
}
