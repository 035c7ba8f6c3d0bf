import type { Digest } from '../bytes.ts'
import { involvedIn } from '../case/reviews.ts'
import { type Case, isForNobody } from '../case/types.ts'
import type { TrailEvent } from '../evidence/event.ts'
import type { JudgedEvent, Role } from '../evidence/judge.ts'
import type { Reconciled } from '../evidence/reconcile.ts'
import { type Uses, unaskedAccounts, unreached, usesIn } from '../evidence/unreached.ts'
import type { Organization } from '../org/org-from.ts'
import type { VerifiedOf } from '../statements/door.ts'
import { isDiffering } from '../statements/evidence.ts'
import type { PayloadOf } from '../statements/kinds.ts'
import { utcWords } from '../utc.ts'
import { type Names, namesIn } from './people.ts'
import type { RecordingView, TrailCalls, TrailView } from './trail-views.ts'
import { DIFFERENCE_WORDS, reachWords, SOURCE_WORDS } from './trail-words.ts'

/** Evidence that a picture carries: those that differ before others, of these the newest. All stand in the log. */
const MOST_SHOWN = 10
/** Calls that are shown of one. */
export const MOST_CALLS = 500

/** What members found in AWS's record about a case; null where AWS was never asked for anything. */
export function trailOf(one: Case, org: Organization, names: Names): TrailView | null {
  const uses = usesIn(one)
  const tried = one.attempts.some(({ issuing }) => issuing !== null)
  // A device that lost to another of its number may have asked as well, and then there is something to look for.
  const asked = uses.grants.length + uses.issuings.length > 0 || tried
  if (!asked && one.evidence.length === 0) return null
  const involved = one.evidence.length === 0 ? new Set() : involvedIn(org, one)
  const count = ({ payload }: VerifiedOf<'evidence'>) => Number(isDiffering(payload))
  return {
    attached: one.evidence
      .toSorted((a, b) => count(b) - count(a) || b.payload.time - a.payload.time)
      .slice(0, MOST_SHOWN)
      .map((evidence) => ({ ...attachedOf(evidence, one, names), tookPart: involved.has(evidence.payload.member) })),
    isMissing: givesAccess(one) && isMissing(one, uses),
  }
}

/** Whether a session of the case may do something: that of a drill or a rotation may not, but that of a rotation is for nobody to have. */
function givesAccess(one: Case): boolean {
  const { purpose } = one.request.payload
  return purpose === 'access' || (purpose === 'rotation' && !isForNobody(one))
}

/** Whether AWS may have given a session that nothing which was attached looks after to its end. */
function isMissing(one: Case, { grants, issuings }: Uses): boolean {
  const isSeen = ({ id }: { readonly id: Digest }, payload: PayloadOf<'evidence'>) =>
    payload.grants.some(({ grant, issued }) => grant === id && issued === 'seen')
  const reaches = (payload: PayloadOf<'evidence'>, uses: Uses) =>
    unreached(payload, one, uses).length + unaskedAccounts(payload, one.plan).length === 0
  const some = (holds: (payload: PayloadOf<'evidence'>) => boolean) =>
    one.evidence.some(({ payload }) => holds(payload))
  return (
    grants.some((grant) => !some((said) => isSeen(grant, said) && reaches(said, { grants: [grant], issuings: [] }))) ||
    // What holds nothing about the case shows nothing.
    issuings.some((issuing) => !some((said) => said.events > 0 && reaches(said, { grants: [], issuings: [issuing] })))
  )
}

/** The newest recorded terminals of a case. */
export function recordingsOf({ recordings }: Case, names: Names): RecordingView[] {
  return recordings
    .toSorted((a, b) => b.payload.time - a.payload.time)
    .slice(0, MOST_SHOWN)
    .map(({ id, payload: { member, time, events, parts } }) => ({ id, person: names(member), at: time, events, parts }))
}

function attachedOf({ id, payload }: VerifiedOf<'evidence'>, one: Case, names: Names) {
  const { source, spans, events, differs, more } = payload
  const uses = usesIn(one)
  // What its author did not know of was not compared: a grant that came later is none that this record agrees with.
  const said = uses.grants.map(({ id }) => payload.grants.find(({ grant }) => grant === id))
  const total = (of: 'calls' | 'refused') => said.reduce((sum, grant) => sum + (grant?.[of] ?? 0), 0)
  const count = (issued: PayloadOf<'evidence'>['grants'][number]['issued']) =>
    said.filter((grant) => grant?.issued === issued).length
  const seen = count('seen')
  return {
    id,
    person: names(payload.member),
    at: payload.time,
    source: SOURCE_WORDS[source],
    reach: reachWords(spans),
    events,
    calls: total('calls'),
    refused: total('refused'),
    grants: said.length,
    seen,
    unreached: unreached(payload, one, uses).length,
    unasked: unaskedAccounts(payload, one.plan),
    notCovered: said.length - seen - count('unseen'),
    differs: differs.map(({ code, at, event }) => ({ says: DIFFERENCE_WORDS[code], at, event })),
    more,
  }
}

const ROLE_WORDS: Readonly<Record<Role, string>> = {
  issue: 'the session was issued',
  tried: 'an attempt that AWS refused',
  way: 'a step to the session',
  session: 'in the session',
  aftercare: 'to end the session or replace the key',
  'other-case': 'for another case',
  trial: 'a new key was tried',
  before: 'before the key was deposited',
  odd: 'nothing explains it',
}

/**
 * The calls of an evidence, compared anew with what this app knows by now.
 *
 * @param reconciled - of its own events and spans.
 */
export function trailCalls(
  org: Organization,
  { payload }: VerifiedOf<'evidence'>,
  { events, grants, differs }: Reconciled,
): TrailCalls {
  const told = (list: PayloadOf<'evidence'>['differs']) => list.map(({ code, event, of }) => `${code} ${event ?? of}`)
  const isSame = told(differs.slice(0, payload.differs.length)).join() === told(payload.differs).join()
  const counted = (list: PayloadOf<'evidence'>['grants']) =>
    list.map(({ grant, issued, calls, refused }) => `${grant} ${issued} ${calls} ${refused}`)
  const isCountedSame = events.length === payload.events && counted(grants).join() === counted(payload.grants).join()
  // Whoever makes many calls must not hide one among them.
  const shown = events.toSorted((a, b) => Number(a.difference === null) - Number(b.difference === null))
  return {
    calls: shown.slice(0, MOST_CALLS).map((one) => callOf(org, one)),
    untold: Math.max(0, events.length - MOST_CALLS),
    agrees: isSame && isCountedSame && differs.length === payload.differs.length + payload.more,
  }
}

function callOf(org: Organization, { event, role, otherCase, difference }: JudgedEvent): TrailCalls['calls'][number] {
  return {
    id: event.id,
    at: event.at,
    call: `${event.service.replace(/\.amazonaws\.com(\.cn)?$/, '')} ${event.name}`,
    region: event.region,
    from: event.via ?? event.from ?? '',
    error: event.error,
    role: otherCase === undefined ? roleWords(role, event) : `${ROLE_WORDS[role]}: ${caseNamed(org, otherCase)}`,
    differs: difference === null ? null : DIFFERENCE_WORDS[difference],
  }
}

/** Whoever asks CloudTrail with the session leaves calls that nobody made by hand: people should know whence they are. */
function roleWords(role: Role, { service, name }: TrailEvent): string {
  const isAsking = role === 'session' && name === 'LookupEvents' && service === 'cloudtrail.amazonaws.com'
  return isAsking ? `${ROLE_WORDS[role]}, as “Ask CloudTrail” reads this record` : ROLE_WORDS[role]
}

/** Which case it is, so that people can look whether there was one: by its incident, and who asked when, as that one says. */
function caseNamed(org: Organization, id: Digest): string {
  const request = org.collection.get('request', id)
  if (request === undefined) return id
  const { member, reference, time } = request.payload
  const incident = reference === '' ? 'without an incident reference' : `incident ${reference}`
  return `${incident}, asked for by ${namesIn(org)(member).name} on ${utcWords(time)}`
}
