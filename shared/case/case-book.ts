import type { Digest, UnixMilliseconds } from '../bytes.ts'
import { isOnSameFoundations, type Organization } from '../org/org-from.ts'
import type { Collection } from '../statements/collection.ts'
import type { VerifiedOf, VerifiedStatement } from '../statements/door.ts'
import { caseAbout, newestFirst } from './case-from.ts'
import { couldCompete } from './findings.ts'
import { type Case, CLOCK_TOLERANCE_MS, END_CERTAIN_MS, type Heard, REQUEST_VALID_MS, SILENCE_MS } from './types.ts'

/** A case as it was judged, and on what. */
interface Judged {
  readonly one: Case
  readonly about: readonly VerifiedStatement[]
  readonly withdrawals: number
  /** Statements that a grant stands on and that were not here, by id; they may come in another case's name. */
  readonly lacks: readonly Digest[]
  /** The second in which it was judged. */
  readonly second: number
  /** From then on time alone changes nothing any more. */
  readonly settles: UnixMilliseconds
  readonly wasSettled: boolean
}

/**
 * All cases of an organization, as `casesFrom` judges them. An app asks after every statement and every second, so a case
 * is judged again only if something came for it, if it may compete with a request that came or was withdrawn, if its
 * foundations changed, or if time may change it; within one second time stands still.
 */
export class CaseBook {
  readonly #judged = new Map<Digest, Judged>()
  #org: Organization | null = null
  #second = Number.NaN
  #cases: readonly Case[] = []

  /** The same list as long as nothing changed. */
  cases(org: Organization, now: UnixMilliseconds, heard: Heard): readonly Case[] {
    const second = Math.floor(now / 1000)
    if (org === this.#org && second === this.#second) return this.#cases
    if (this.#org === null || !isOnSameFoundations(org, this.#org)) this.#judged.clear()
    const stale = this.#staleIn(org, now, second)
    for (const { id } of stale) this.#judge(org, id, now, heard)
    if (stale.length > 0) this.#cases = newestFirst([...this.#judged.values()].map(({ one }) => one))
    this.#org = org
    this.#second = second
    return this.#cases
  }

  #judge(org: Organization, id: Digest, now: UnixMilliseconds, heard: Heard): void {
    const about = org.collection.about(id)
    const one = caseAbout(org, id, about, now, heard)
    if (one === null) return
    const settles = settlesAt(one, heard)
    const second = Math.floor(now / 1000)
    const [withdrawals, lacks] = [withdrawalsIn(about), lackedBy(one, org.collection)]
    this.#judged.set(id, { one, about, withdrawals, lacks, second, settles, wasSettled: now >= settles })
  }

  #staleIn({ collection }: Organization, now: UnixMilliseconds, second: number): VerifiedOf<'request'>[] {
    const requests = collection.of('request')
    const moved = requests.filter(({ id }) => {
      const about = collection.about(id)
      const known = this.#judged.get(id)
      return known?.about !== about && known?.withdrawals !== withdrawalsIn(about)
    })
    return requests.filter((request) => {
      const known = this.#judged.get(request.id)
      if (known === undefined || known.about !== collection.about(request.id)) return true
      if (known.lacks.some((id) => collection.byId(id) !== undefined)) return true
      const hasTime = known.second !== second && !(known.wasSettled && now >= known.settles)
      return hasTime || moved.some((other) => couldCompete(request, other))
    })
  }
}

function withdrawalsIn(about: readonly VerifiedStatement[]): number {
  return about.filter(({ kind }) => kind === 'withdrawal').length
}

function lackedBy({ findings, timeline }: Case, collection: Collection): Digest[] {
  const grants = timeline.filter((one) => one.kind === 'grant')
  return findings
    .filter(({ code }) => code === 'basis-incomplete')
    .flatMap((finding) => grants.filter(({ id }) => id === finding.id))
    .flatMap(({ payload: { basis } }) => [
      basis.request,
      basis.plan,
      basis.deposit,
      basis.ready,
      basis.issuing,
      ...basis.decisions,
      ...basis.releases,
    ])
    .filter((id) => collection.byId(id) === undefined)
}

/** Longer than anything lasts that is counted from a time in a statement, but for what the statement itself says. */
const MARGIN_MS = REQUEST_VALID_MS + CLOCK_TOLERANCE_MS + SILENCE_MS + END_CERTAIN_MS

/** A time from which on no clock changes a case: everything that it counts from is long enough ago. */
function settlesAt({ request, timeline }: Case, heard: Heard): UnixMilliseconds {
  const times = timeline.flatMap(({ id, payload }) => [
    payload.time,
    'expires' in payload ? payload.expires : 0,
    heard(id) ?? 0,
  ])
  const skews = timeline.map(({ payload }) => ('skewMs' in payload ? Math.abs(payload.skewMs) : 0))
  return Math.max(...times) + Math.max(...skews) + request.payload.seconds * 1000 + MARGIN_MS
}
