import { type DifferenceCode, type EvidenceSource, isRecording } from '../statements/evidence.ts'
import type { PayloadOf } from '../statements/kinds.ts'
import { utcWords } from '../utc.ts'

/** Where what AWS recorded was read, in words. */
export const SOURCE_WORDS: Readonly<Record<EvidenceSource, string>> = {
  terminal: 'a recorded terminal',
  'trail-files': 'files of a trail',
  'lookup-events': 'an answer of LookupEvents',
}

/** What each difference is and means. */
export const DIFFERENCE_WORDS: Readonly<Record<DifferenceCode, string>> = {
  'key-unexplained':
    'A call with the long-lived key that no case explains. Somebody else may have the key: deactivate it at AWS.',
  'session-used':
    'A call by a session that bears the name of this case, and that no grant names. Somebody may be using it: deny the role’s sessions at AWS.',
  'session-unknown':
    'AWS issued a session under the name of an attempt, and no grant names it. Its answer was lost, or somebody else asked for it.',
  'after-end':
    'A call that AWS carried out after the session was said to be over, or had been denied as a custodian ordered.',
  'call-differs':
    'The call that gave the session asked for something else than the case says; or a session that may do nothing, of a drill or a rotation, did something.',
  'grant-unseen':
    'A grant whose session AWS’s record does not show to have been issued. A file may be missing; or the grant says what did not happen.',
}

/**
 * What a comparison came to. Where nothing was compared, no grant says what to compare, not every session was seen, or it reaches over
 * less than the case, nothing agrees.
 */
export type Verdict = 'differs' | 'nothing' | 'in-part' | 'agrees'

/** @param counted - events that were kept, grants, how many of these the record shows, regions that it does not reach over, accounts that were not asked, and differences. */
export function verdictOf(counted: {
  readonly events: number
  readonly grants: number
  readonly seen: number
  readonly unreached: number
  readonly unasked: readonly string[]
  readonly differences: number
}): Verdict {
  if (counted.differences > 0) return 'differs'
  if (counted.events === 0) return 'nothing'
  const isWhole =
    counted.grants > 0 && counted.seen === counted.grants && counted.unreached + counted.unasked.length === 0
  return isWhole ? 'agrees' : 'in-part'
}

/** What somebody found in AWS's record, or recorded, as the end of a sentence that begins with its author. */
export function evidenceSays(said: PayloadOf<'evidence'>): string {
  if (isRecording(said)) return recordingSays(said)
  const { source, spans, events, differs, more, grants } = said
  const over = reachWords(spans)
  const differences = differs.length + more
  const seen = grants.filter(({ issued }) => issued === 'seen').length
  const shown = `shows ${seen} of ${grants.length} ${grants.length === 1 ? 'grant' : 'grants'}`
  const found = {
    differs: `which ${shown} and differs from the case in ${differences} ${differences === 1 ? 'call' : 'calls'}`,
    nothing: 'in which nothing concerns the case',
    'in-part': `which ${shown}, so the case was not compared as a whole`,
    // Over which time and where it should reach, only the case says.
    agrees: `which ${shown} and differs in nothing from the case, as far as it reaches`,
  }[verdictOf({ events, grants: grants.length, seen, unreached: 0, unasked: [], differences })]
  return `attached ${events} ${events === 1 ? 'event' : 'events'} of AWS’s record (${SOURCE_WORDS[source]}; ${over}), ${found}`
}

/** How what is said of a recorded terminal begins, and nothing else does. */
export const RECORDING_SAYS = 'attached the recording of a terminal'

function recordingSays({ events, parts }: PayloadOf<'evidence'>): string {
  const named =
    parts.length === 1
      ? `SHA-256 ${parts[0] ?? ''}`
      : `in ${parts.length} parts, SHA-256 of the first ${parts[0] ?? ''}`
  return `${RECORDING_SAYS} that had the session (${events} ${events === 1 ? 'event' : 'events'}; ${named})`
}

/** Regions that are named in one sentence. */
const MOST_NAMED = 4

/** Over which time a record reaches, and where. */
export function reachWords(spans: PayloadOf<'evidence'>['spans']): string {
  if (spans.length === 0) return 'reaching over nothing'
  const named = spans
    .slice(0, MOST_NAMED)
    .map(({ region, from, until }) => `${region} from ${utcWords(from)} to ${utcWords(until)}`)
  const others = spans.length - named.length
  return [...named, ...(others === 0 ? [] : [`${others} more ${others === 1 ? 'region' : 'regions'}`])].join(', ')
}
