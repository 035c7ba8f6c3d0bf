import type { Digest } from '../../shared/bytes.ts'
import { whyNoReview } from '../../shared/case/duties.ts'
import { doubtsIn, toName } from '../../shared/case/reviews.ts'
import { type Case, grantsIn } from '../../shared/case/types.ts'
import type { DraftView } from '../../shared/ipc-values.ts'
import type { ReviewForm } from '../../shared/statements/review.ts'
import { askedWords } from '../../shared/views/asked.ts'
import { notNowWords } from '../../shared/views/not-now.ts'
import { CLASSIFICATION_WORDS } from '../../shared/views/review-words.ts'
import { AppError } from './app-error.ts'
import type { Device } from './device.ts'
import type { Drafts } from './drafts.ts'

/**
 * Drafts the owner's review of a case that is over: what it was, and the five answers. It names every grant that this app
 * knows of and all that raises doubts, a hundred of each at most; should more come to light before the touch, nothing is signed.
 *
 * @throws {AppError} `not-allowed` if the owner took part, or access is not over; `not-found` if the case is not here.
 */
export function draftReview(device: Device, drafts: Drafts, { request, ...answers }: ReviewForm): DraftView {
  const one = reviewable(device, request)
  const known = knownOf(one)
  return drafts.add({
    kind: 'review',
    sentence: `Review as ${CLASSIFICATION_WORDS[answers.classification]}: ${factsOf(device, one)}`,
    fields: { request, ...toName(one), ...answers },
    subject: one.request,
    check: async () => {
      if (knownOf(reviewable(device, request)) !== known)
        throw new AppError(
          'not-allowed',
          'Something that a review has to look at came in since you began: another grant or issuing, or what AWS recorded. Nothing was signed; look at the case and review it again.',
        )
    },
  })
}

/** @throws {AppError} if the owner may not review the case at this moment. */
function reviewable(device: Device, request: Digest): Case {
  const one = device.case(request)
  const org = device.org()
  if (one === undefined || org === null) throw new AppError('not-found', 'This case is not here any more.')
  const why = whyNoReview(org, one, { member: device.profile.member, device: device.id })
  if (why !== null) throw new AppError('not-allowed', notNowWords(why))
  return one
}

/** All that a review is of, as far as it is here. */
function knownOf(one: Case): string {
  return [...grantsIn(one).map(({ id }) => id), ...doubtsIn(one)].sort().join()
}

function factsOf(device: Device, one: Case): string {
  const { payload } = one.request
  return askedWords(payload, one.plan?.credential.name ?? 'access', device.names()(payload.member).name)
}
