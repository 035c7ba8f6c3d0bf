import type { Digest, UnixMilliseconds } from '../bytes.ts'
import type { Organization } from '../org/org-from.ts'
import { requestOf } from '../statements/collection.ts'
import type { VerifiedStatement } from '../statements/door.ts'
import type { Kind } from '../statements/kinds.ts'
import { monthsBefore } from '../utc.ts'
import type { Case, CaseState, Heard } from './types.ts'

/** How long a log is kept: 12 months (PCI DSS 10.5.1) or 6 years (HIPAA 45 CFR 164.316). */
const RETENTION_MONTHS = { '12-months': 12, '6-years': 72 } as const
export type Retention = keyof typeof RETENTION_MONTHS

/** What was over before this time may go. */
export function retentionLimit(retention: Retention, now: UnixMilliseconds): UnixMilliseconds {
  return monthsBefore(now, RETENTION_MONTHS[retention])
}

/** What pruning is decided by. */
export interface PruningSource {
  readonly org: Organization
  /** All of the organization, judged now. */
  readonly cases: readonly Case[]
  /** By this app's own clock: nothing goes early because its author claims to have signed it long ago. */
  readonly heard: Heard
  /** Requests whose cases were pruned before. */
  readonly gone: (request: Digest) => boolean
  /** Statements that prove something against a device: they stay. */
  readonly evidence: ReadonlySet<Digest>
}

const OVER: ReadonlySet<CaseState> = new Set<CaseState>(['ended', 'expired', 'withdrawn', 'impossible'])
const ABOUT_THE_LOG: ReadonlySet<Kind> = new Set<Kind>(['exported', 'read'])

/** Whether a statement is of a kind that may ever go: what the organization stands on never does. */
export function isPrunable(statement: VerifiedStatement): boolean {
  return requestOf(statement) !== null || ABOUT_THE_LOG.has(statement.kind)
}

/** The statements that a device may remove (docs/formats/rules.md §10): what was over before a time, and owes nothing. */
export function prunable(source: PruningSource, before: UnixMilliseconds): Set<Digest> {
  const { org, cases, gone } = source
  if (!org.supported || org.splits.length > 0) return new Set()
  const isOld = (statement: VerifiedStatement) => isOlder(statement, before, source)
  // A drill's request is the nonce of custody proofs, which count only while it is here.
  const nonces = new Set(org.collection.of('custody').map(({ payload }) => payload.nonce))
  const closed = withoutNeeded(
    cases,
    cases
      .filter(({ id, state, obligations }) => OVER.has(state) && obligations.length === 0 && !nonces.has(id))
      .map(({ id }) => id)
      .filter((id) => org.collection.about(id).every(isOld)),
  )
  const mayGo = (statement: VerifiedStatement) => {
    const request = requestOf(statement)
    if (request === null) return ABOUT_THE_LOG.has(statement.kind) && isOld(statement)
    return closed.has(request) || (gone(request) && isOld(statement))
  }
  return new Set(org.collection.all.filter(mayGo).map(({ id }) => id))
}

/** These cases without those of which one that stays says that they were asked for beside it: else nobody would find that out any more. */
function withoutNeeded(cases: readonly Case[], closed: readonly Digest[]): ReadonlySet<Digest> {
  const going = new Set(closed)
  const staying = cases.filter(({ id }) => !going.has(id))
  const known = new Map(cases.map((one) => [one.id, one] as const))
  for (const one of staying)
    for (const { code, id } of one.findings) {
      const other = code === 'second-open-request' && going.delete(id) ? known.get(id) : undefined
      if (other !== undefined) staying.push(other)
    }
  return going
}

function isOlder({ id, payload }: VerifiedStatement, before: number, { heard, evidence }: PruningSource): boolean {
  return payload.time < before && (heard(id) ?? before) < before && !evidence.has(id)
}

/** Places in a ledger, ascending, as the ranges of a `pruned`; at most so many of them, the first. */
export function rangesOf(places: readonly number[], most: number): { from: number; to: number }[] {
  const ranges: { from: number; to: number }[] = []
  for (const place of places) {
    const last = ranges.at(-1)
    if (last !== undefined && last.to === place) last.to++
    else if (ranges.length < most) ranges.push({ from: place, to: place + 1 })
    else break
  }
  return ranges
}
