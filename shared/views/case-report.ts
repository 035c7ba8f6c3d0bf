import { saysDeleted } from '../case/obligations.ts'
import type { Case } from '../case/types.ts'
import type { CaseView } from './case-views.ts'

/**
 * What a report on one case cannot show, for people to quote. Never empty.
 *
 * @param log.alone - how many of its statements no other device has cosigned yet.
 * @param log.removed - how many entries of the log were removed from this device.
 */
export function cannotConclude(
  one: Case,
  { grant: shown }: CaseView,
  { alone, removed }: { readonly alone: number; readonly removed: number },
): string[] {
  const { grant } = one
  return [
    'That this file is unchanged: a PDF carries no signature of Lockbox. The log holds the SHA-256 of each report that was saved; export it, check it with “lockbox verify”, and compare that, the ids and the root in the appendix.',
    'That nothing was withheld. This report is made of what this device has; another device may have more.',
    ...(removed === 0
      ? []
      : [
          `That nothing about this case was in the ${removed === 1 ? 'old entry that was' : `${removed} old entries that were`} removed from this device. Other devices may still have ${removed === 1 ? 'it' : 'them'}.`,
        ]),
    ...(alone === 0
      ? []
      : [
          `That ${alone === 1 ? 'the one statement' : `the ${alone} statements`} “in no other device’s checkpoint yet” could not have been left out or made up later: for them stands this device alone.`,
        ]),
    'That times are right. Every time is what the clock of the device that signed it showed; lengths between two devices are no better than their clocks agree.',
    'Who held a key. A hardware signature shows that this key was touched and checked a PIN or fingerprint.',
    'That a key is of the model that the list of people records: attestations are checked when a key is enrolled, by its owner’s device.',
    ...(grant !== null && grant.statement.payload.witness !== null
      ? ['That another device acknowledged before the credential was touched: the issuing device says so.']
      : []),
    ...(shown !== null && !shown.confirmed
      ? ['That the session has ended: that is claimed or still open, not confirmed by AWS.']
      : []),
    ...(saysDeleted(one)
      ? [
          'That the key which was used was deleted: the device that replaced it says so. AWS’s list of the user’s keys shows it.',
        ]
      : []),
    ...(grant === null ? [] : [ofTheAccess(one)]),
    ...(one.recordings.length === 0
      ? []
      : [
          'That a recorded terminal is all that was done: it holds what one shell showed, as the device of whoever used it kept it. What did not show on its screen, and what was done outside of it, is not in it.',
        ]),
    'That this is your organization. Compare the 12 words with people you know; anybody can found one of the same name.',
  ]
}

function ofTheAccess({ evidence }: Case): string {
  return evidence.length === 0
    ? 'What was done with the access. That is in the records of AWS (CloudTrail), and nobody has attached any.'
    : 'That what was attached of AWS’s records is as AWS wrote it, and all of it: data events, other regions and what came later are not in it. The digests in its statements show which events were looked at.'
}
