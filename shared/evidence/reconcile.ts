import type { UnixMilliseconds } from '../bytes.ts'
import { groupedBy } from '../case/grouped.ts'
import { DIFFERENCES, MOST_DIFFERENCES, MOST_SPANS } from '../statements/evidence.ts'
import type { PayloadOf } from '../statements/kinds.ts'
import { byTime, type TrailEvent } from './event.ts'
import { Judge, type JudgedEvent } from './judge.ts'
import type { Origin } from './origin.ts'
import type { Attempt, Subject } from './subject.ts'

/** CloudTrail writes a call down up to so much later; what it has not written by then it cannot be said to lack. */
export const LATE_MS = 15 * 60_000

type Said = PayloadOf<'evidence'>
export type Span = Said['spans'][number]

export interface Reconciled {
  /** Those that concern the case, in order. */
  readonly events: readonly JudgedEvent[]
  readonly grants: Said['grants']
  /** All, what matters most first. */
  readonly differs: Said['differs']
}

/** Over which time a record reaches in each region: its first and its last event there. */
export function spansOf(events: readonly TrailEvent[]): Span[] {
  const spans = new Map<string, Span>()
  for (const { region, at } of events) {
    if (!/^[a-z]{2}(-[a-z]+)+-[0-9]$/.test(region)) continue
    const known = spans.get(region)
    spans.set(region, { region, from: Math.min(known?.from ?? at, at), until: Math.max(known?.until ?? at, at) })
  }
  return [...spans.values()].sort((a, b) => (a.region < b.region ? -1 : 1)).slice(0, MOST_SPANS)
}

/**
 * Compares what AWS recorded with what statements say of a case, call by call. The order of the events says nothing, and what
 * concerns no key or session of the case changes nothing.
 *
 * @param events - each once; see `merged`.
 * @param spans - over which time the record reaches: only there a call that is not in it is missed.
 */
export function reconcile(subject: Subject, events: readonly TrailEvent[], spans: readonly Span[]): Reconciled {
  const { judged } = judgedOf(subject, events)
  const own = subject.attempts.filter(({ request }) => request === subject.request)
  const grants = own
    .flatMap((attempt) => (attempt.grant === null ? [] : [summed(attempt.grant, judged, spans)]))
    .sort((a, b) => (a.said.grant < b.said.grant ? -1 : 1))
  return {
    events: judged,
    grants: grants.map(({ said }) => said).slice(0, 100),
    differs: [
      ...judged.flatMap(({ event, difference, of }) =>
        difference === null ? [] : [{ code: difference, at: event.at, event: event.id, of }],
      ),
      ...grants.flatMap(({ said: { grant, issued }, at }) =>
        issued === 'unseen' ? [{ code: 'grant-unseen' as const, at, event: null, of: grant }] : [],
      ),
    ].sort(
      (a, b) =>
        DIFFERENCES.indexOf(a.code) - DIFFERENCES.indexOf(b.code) ||
        a.at - b.at ||
        ((a.event ?? a.of ?? '') < (b.event ?? b.of ?? '') ? -1 : 1),
    ),
  }
}

/** The fields that say what a comparison found. */
export function foundIn({ grants, differs }: Reconciled): Pick<Said, 'grants' | 'differs' | 'more'> {
  const listed = differs.slice(0, MOST_DIFFERENCES)
  return { grants, differs: listed, more: differs.length - listed.length }
}

function summed(
  grant: NonNullable<Attempt['grant']>,
  judged: readonly JudgedEvent[],
  spans: readonly Span[],
): { readonly said: Said['grants'][number]; readonly at: UnixMilliseconds } {
  const calls = judged.filter(({ role, of }) => role === 'session' && of === grant.id)
  const isSeen = judged.some(({ role, of }) => role === 'issue' && of === grant.id)
  const isReached = spans.some(
    ({ region, from, until }) => region === grant.region && from <= grant.at && grant.at + LATE_MS <= until,
  )
  const said = {
    grant: grant.id,
    issued: isSeen ? 'seen' : isReached ? 'unseen' : 'not-covered',
    calls: calls.length,
    refused: calls.filter(({ event }) => event.error !== null).length,
  } as const
  return { said, at: grant.at }
}

/**
 * Judges every event: first those whose keys the case knows, then those with keys that these made, and so on, since whoever leaves
 * a key behind would else not be seen to use it. Then those that are the case's by a name alone, and what comes of them.
 * Each key is followed once, so it takes no longer than there are events; and only what may concern the case is put in order, for
 * of a whole trail that is little.
 */
function judgedOf(
  subject: Subject,
  events: readonly TrailEvent[],
): { readonly judged: JudgedEvent[]; readonly keys: string[] } {
  const judge = new Judge(subject)
  const signed = groupedBy(events, ({ key }) => key)
  const origins = new Map<string, Origin>()
  const judged = new Map<TrailEvent, JudgedEvent>()
  const look = (event: TrailEvent, origin: Origin | null): [string, Origin][] => {
    const found = judge.judge(event, origin)
    if (found === null) return []
    judged.set(event, found.judged)
    return found.made === null || event.issued === null ? [] : [[event.issued, found.made]]
  }
  const follow = (keys: Iterable<[string, Origin]>) => {
    const waiting = [...keys]
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const [key, origin] = next
      if (origins.has(key)) continue
      origins.set(key, origin)
      for (const event of (signed.get(key) ?? []).toSorted(byTime))
        for (const made of look(event, origin)) waiting.push(made)
    }
  }
  follow(judge.roots())
  const named = events.filter((event) => judge.isNamed(event)).sort(byTime)
  // A caller from another account has no key here, and what AWS gave it has.
  for (const event of named) if (event.key === null) follow(look(event, null))
  for (const event of named) if (event.key !== null && !origins.has(event.key)) follow(look(event, null))
  return { judged: [...judged.values()].sort((a, b) => byTime(a.event, b.event)), keys: [...origins.keys()] }
}

/**
 * The keys that are followed (docs/formats/evidence.md §3), as far as what was read tells of them: whatever else one of
 * these signed belongs to the case too.
 */
export function followedKeys(subject: Subject, events: readonly TrailEvent[]): string[] {
  return judgedOf(subject, events).keys
}
