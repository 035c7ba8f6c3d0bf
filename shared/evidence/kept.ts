import { jcs } from '../jcs.ts'
import { DIFFERENCES } from '../statements/evidence.ts'
import { MAX_PART_BYTES, partsOf, type TrailEvent } from './event.ts'
import type { JudgedEvent } from './judge.ts'
import { LATE_MS, type Reconciled, reconcile, type Span } from './reconcile.ts'
import type { Subject } from './subject.ts'

/** What of an answer goes into an evidence. */
export interface Kept {
  readonly reconciled: Reconciled
  readonly spans: readonly Span[]
  readonly parts: readonly Uint8Array[]
  /** How many events that concern the case found no room. */
  readonly leftOut: number
}

/**
 * What is kept of the events that concern a case: all of them or, where they are more than an evidence holds, what differs, then
 * the issues, then the earliest, each with the calls that made its key, since without these nobody could explain it anew
 * (docs/formats/evidence.md §3). Whoever makes many calls must not keep anything from being attached. What is left is compared
 * by itself, as whoever has it will compare it, and no span says that it is whole.
 *
 * @param most - parts that an evidence has.
 */
export function keptOf(
  subject: Subject,
  { events, spans }: { readonly events: readonly TrailEvent[]; readonly spans: readonly Span[] },
  most: number,
): Kept {
  const whole = reconcile(subject, events, spans)
  const parts = partsIn(whole)
  if (parts.length <= most) return { reconciled: whole, spans, parts, leftOut: 0 }
  const left = fitting(whole.events, most)
  const shorter = shortened(subject, whole, spans)
  const reconciled = reconcile(subject, left, shorter)
  return { reconciled, spans: shorter, parts: partsIn(reconciled), leftOut: whole.events.length - left.length }
}

function partsIn({ events }: Reconciled): Uint8Array[] {
  return partsOf(
    events.map(({ event }) => event),
    Number.POSITIVE_INFINITY,
  )
}

/** As many of them as surely fit into so many parts. */
function fitting(judged: readonly JudgedEvent[], most: number): TrailEvent[] {
  const sized = judged.map((one) => ({ ...one, bytes: jcs(one.event).length + 1 }))
  const longest = sized.reduce((max, { bytes }) => Math.max(max, bytes), 0)
  // A part is closed before the line that it has no room for.
  const room = most * (MAX_PART_BYTES - longest)
  const makers = new Map(sized.flatMap((one) => (one.event.issued === null ? [] : [[one.event.issued, one]])))
  const kept = new Set<TrailEvent>()
  let length = 0
  for (const first of sized.toSorted((a, b) => rank(a) - rank(b))) {
    const together = new Set<typeof first>()
    let next: typeof first | undefined = first
    while (next !== undefined && !kept.has(next.event) && !together.has(next)) {
      together.add(next)
      next = makers.get(next.event.key ?? '')
    }
    const bytes = [...together].reduce((sum, one) => sum + one.bytes, 0)
    if (length + bytes > room) continue
    length += bytes
    for (const { event } of together) kept.add(event)
  }
  return [...kept]
}

function rank({ difference, role }: JudgedEvent): number {
  if (difference !== null) return DIFFERENCES.indexOf(difference)
  return DIFFERENCES.length + Number(role !== 'issue')
}

/** What misses the issue of a grant has to go on to miss it: so far, and no further, a record from which something was left out reaches. */
function shortened({ attempts }: Subject, whole: Reconciled, spans: readonly Span[]): Span[] {
  const unseen = new Set(whole.grants.filter(({ issued }) => issued === 'unseen').map(({ grant }) => grant))
  const missed = attempts.flatMap(({ grant }) => (grant !== null && unseen.has(grant.id) ? [grant] : []))
  return spans.flatMap((span) => {
    const until = missed.filter(({ region }) => region === span.region).map(({ at }) => at + LATE_MS)
    return until.length === 0 ? [] : [{ ...span, until: Math.min(span.until, Math.max(...until)) }]
  })
}
