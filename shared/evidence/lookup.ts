import type { UnixMilliseconds } from '../bytes.ts'
import { CLOCK_TOLERANCE_MS } from '../case/types.ts'
import type { TrailEvent } from './event.ts'
import { followedKeys, reconcile, type Span } from './reconcile.ts'
import type { Subject } from './subject.ts'

// What LookupEvents is asked about a case. It answers by one attribute, in one region, of 90 days
// (https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html), so a case takes several questions.

/** How far back LookupEvents knows anything. */
export const LOOKUP_REACH_MS = 90 * 86_400_000

/** One question: every event with this value. */
export interface Lookup {
  readonly attribute: 'AccessKeyId' | 'Username' | 'EventName'
  readonly value: string
}

/** A question of one region and a short time. */
export interface IssueLookup extends Lookup {
  readonly region: string
  readonly from: UnixMilliseconds
  readonly until: UnixMilliseconds
}

/**
 * What is to be asked about a case, in every region: the keys that are followed, by what was read so far, and the names of its
 * sessions, under which services and the console act with keys of their own. An answer may tell of further keys: ask again
 * with what it told, until nothing new is to be asked.
 */
export function lookupsOf(subject: Subject, events: readonly TrailEvent[]): Lookup[] {
  const own = new Set(subject.keys.map(({ accessKeyId }) => accessKeyId))
  // Whoever has the session can make its answers long, or as many as are asked for: who else has the long-lived key is asked before.
  const keys = followedKeys(subject, events)
    .filter((key) => /^\w{16,128}$/.test(key))
    .toSorted((a, b) => Number(own.has(b)) - Number(own.has(a)))
  const names = new Set(ownAttempts(subject).map(({ sessionName }) => sessionName))
  return [
    ...keys.map((value) => ({ attribute: 'AccessKeyId' as const, value })),
    ...[...names].map((value) => ({ attribute: 'Username' as const, value })),
  ]
}

/**
 * From when on it is asked: since the keys of the case were deposited, so that whatever nobody explains of them is seen, as far
 * as LookupEvents reaches. Whole seconds, as AWS counts.
 *
 * @returns null if the case says nothing that could be asked for.
 */
export function lookupBegin(subject: Subject, now: UnixMilliseconds): UnixMilliseconds | null {
  const times = [...subject.keys.map(({ since }) => since), ...ownAttempts(subject).map(({ at }) => at)]
  const first = times.filter(Number.isFinite).reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  if (!Number.isFinite(first)) return null
  return Math.floor(Math.max(first - CLOCK_TOLERANCE_MS, now - LOOKUP_REACH_MS, 0) / 1000) * 1000
}

/**
 * Where a session that a grant names was not seen to be issued although the record should have it. The caller of a role
 * in another account has no key there, so the call is not found by one: it is looked for among all of its name and time, before anybody says that AWS never made it.
 */
export function issuesToLookFor(
  subject: Subject,
  events: readonly TrailEvent[],
  spans: readonly Span[],
): IssueLookup[] {
  const { grants } = reconcile(subject, events, spans)
  const unseen = new Set(grants.filter(({ issued }) => issued === 'unseen').map(({ grant }) => grant))
  return ownAttempts(subject).flatMap(({ grant }) => {
    if (grant === null || grant.region === null || !unseen.has(grant.id)) return []
    const [from, until] = [grant.at - CLOCK_TOLERANCE_MS, grant.at + CLOCK_TOLERANCE_MS]
    return [{ attribute: 'EventName' as const, value: 'AssumeRole', region: grant.region, from, until }]
  })
}

function ownAttempts({ attempts, request }: Subject): Subject['attempts'] {
  return attempts.filter((one) => one.request === request)
}
