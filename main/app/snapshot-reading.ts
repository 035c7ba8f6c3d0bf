import type { UnixMilliseconds } from '../../shared/bytes.ts'
import { isOpen } from '../../shared/case/types.ts'
import { caseView } from '../../shared/views/cases.ts'
import { namesIn, organizationView } from '../../shared/views/people.ts'
import { MOST_STATEMENTS } from '../../shared/views/shown.ts'
import type { Snapshot } from '../../shared/views/views.ts'
import type { EarlyLog } from './early-log.ts'
import { MOST_SHOWN } from './glimpse.ts'
import { nobodyMet } from './snapshot-exchange.ts'

/** What is told of a log of which nothing was read. */
export const NO_LOG: Snapshot['log'] = {
  entries: 0,
  removed: 0,
  cosignedBy: [],
  lastCosigned: null,
  refused: 0,
  refusals: [],
  losses: [],
  evidence: [],
}

/** A log that is still being read, and how far that is. */
export interface Reading {
  readonly early: EarlyLog
  readonly progress: NonNullable<Snapshot['reading']>
}

const NOT_YET = 'Older entries of the log are still being read. Nothing is signed, decided or released before.'

/** The newest cases and how far the rest is, for looking at: there is nothing that anybody may do, and nobody is met yet. */
export function whileReading({ early, progress }: Reading, now: UnixMilliseconds): Partial<Snapshot> {
  const { org, me, entries } = early
  const names = namesIn(org)
  const context = {
    org,
    names,
    me: me.member,
    device: me.device,
    now,
    reach: nobodyMet,
    heldUntil: null,
    stands: () => 'not yet told in whose checkpoints',
    came: () => null,
    most: MOST_STATEMENTS,
  }
  const mine = {
    mayDecide: false,
    mayDeny: false,
    veto: [],
    whyNot: NOT_YET,
    mayWithdraw: false,
    mayRevoke: [],
    mayReview: false,
    whyNoReview: null,
    decided: null,
    holdsShareUntil: null,
    needsTouch: false,
    withheld: null,
  }
  return {
    stage: 'reading',
    organization: organizationView(org, null),
    cases: early
      .cases(now)
      .filter((one, at) => at < MOST_SHOWN || isOpen(one))
      .map((one) => ({ ...caseView(one, context), mine })),
    log: { ...NO_LOG, entries },
    reading: progress,
  }
}
