import type { Digest, UnixMilliseconds } from '../bytes.ts'
import { isOnSameFoundations, type Organization } from '../org/org-from.ts'
import { type Collection, requestOf } from '../statements/collection.ts'
import type { VerifiedStatement } from '../statements/door.ts'
import { caseAbout, newestFirst } from './case-from.ts'
import { competitorsOf } from './findings.ts'
import { Moment } from './moment.ts'
import { type Case, CLOCK_TOLERANCE_MS, END_CERTAIN_MS, type Heard, REQUEST_VALID_MS, SILENCE_MS } from './types.ts'

/** A case as it was judged, and on what. */
interface Judged {
  readonly one: Case
  readonly withdrawals: number
  /** Between these moments time alone changes nothing. */
  readonly since: UnixMilliseconds
  readonly until: UnixMilliseconds
}

/**
 * All cases of an organization, as `casesFrom` judges them. An app asks after every statement and every second, so a case
 * is judged again only if something came for it, if it may compete with a request that came or was withdrawn, if its
 * foundations changed, or if a time has come that it goes by; within one second time stands still. What is asked so often takes as
 * long as there are cases that may change, however many are over.
 */
export class CaseBook {
  readonly #judged = new Map<Digest, Judged>()
  /** Those that time may change. */
  readonly #moving = new Set<Digest>()
  /** Those in which somebody's app may still have something to record. */
  readonly #unfinished = new Set<Digest>()
  /** Statements that grants stand on and that were not here, by case; they may come in another case's name. */
  readonly #lacking = new Map<Digest, readonly Digest[]>()
  /** From the oldest request to the newest: new ones mostly stand at the end. */
  #order: Case[] = []
  /** No case that had settled would be judged otherwise from then on. */
  #settled = Number.NEGATIVE_INFINITY
  #org: Organization | null = null
  #second = Number.NaN
  #cases: readonly Case[] | null = null
  #current: readonly Case[] | null = null

  /** All, newest first; the same list as long as nothing changed. */
  cases(org: Organization, now: UnixMilliseconds, heard: Heard): readonly Case[] {
    this.#look(org, now, heard)
    this.#cases ??= this.#order.toReversed()
    return this.#cases
  }

  /** Those that may change by themselves, or in which somebody's app may still have something to record; newest first. */
  current(org: Organization, now: UnixMilliseconds, heard: Heard): readonly Case[] {
    this.#look(org, now, heard)
    this.#current ??= [...new Set([...this.#moving, ...this.#unfinished])]
      .flatMap((id) => this.#judged.get(id)?.one ?? [])
      .sort(newestFirst)
    return this.#current
  }

  /** The newest, at most so many, newest first. */
  newest(org: Organization, most: number, now: UnixMilliseconds, heard: Heard): readonly Case[] {
    this.#look(org, now, heard)
    return this.#order.slice(-most).reverse()
  }

  /** One case. */
  case(org: Organization, id: Digest, now: UnixMilliseconds, heard: Heard): Case | undefined {
    this.#look(org, now, heard)
    return this.#judged.get(id)?.one
  }

  /**
   * Judges all cases at one moment, one a step, so that whoever has many can do something else between. What was known before is
   * forgotten; nothing may be asked before the last step.
   */
  *judging(org: Organization, now: UnixMilliseconds, heard: Heard): Generator<void> {
    this.#forget()
    for (const { id } of org.collection.of('request')) yield this.#judge(org, id, now, heard)
    this.#org = org
    this.#second = Math.floor(now / 1000)
  }

  #look(org: Organization, now: UnixMilliseconds, heard: Heard): void {
    const second = Math.floor(now / 1000)
    if (org === this.#org && second === this.#second) return
    for (const id of this.#staleIn(org, now)) this.#judge(org, id, now, heard)
    this.#org = org
    this.#second = second
  }

  #judge(org: Organization, id: Digest, now: UnixMilliseconds, heard: Heard): void {
    const about = org.collection.about(id)
    const moment = new Moment(now)
    const one = caseAbout(org, id, about, moment, heard)
    if (one === null) return
    const settles = settlesAt(one, heard)
    const wasSettled = moment.hasCome(settles)
    const before = this.#judged.get(id)
    this.#judged.set(id, { one, withdrawals: withdrawalsIn(about), since: moment.since, until: moment.until })
    putIn(this.#moving, id, !wasSettled)
    putIn(this.#unfinished, id, isUnfinished(one))
    if (wasSettled) this.#settled = Math.max(this.#settled, settles)
    const lacks = lackedBy(one, org.collection)
    if (lacks.length > 0) this.#lacking.set(id, lacks)
    else this.#lacking.delete(id)
    const place = placeIn(this.#order, one)
    this.#order.splice(place, before === undefined ? 0 : 1, one)
    this.#cases = null
    this.#current = null
  }

  #staleIn(org: Organization, now: UnixMilliseconds): Iterable<Digest> {
    const { collection } = org
    const before = this.#org
    const added = before === null ? null : collection.since(before.collection)
    if (before === null || added === null || !isOnSameFoundations(org, before)) {
      this.#forget()
      return collection.of('request').map(({ id }) => id)
    }
    const stale = new Set<Digest>()
    for (const id of new Set(added.map(requestOf))) if (id !== null) this.#touch(collection, id, stale)
    if (added.length > 0)
      for (const [id, lacks] of this.#lacking)
        if (lacks.some((lack) => collection.byId(lack) !== undefined)) stale.add(id)
    // A clock that was set back to before some had settled may change any of them.
    const timed = now >= this.#settled ? this.#moving : this.#judged.keys()
    for (const id of timed) if (this.#hasTime(id, now)) stale.add(id)
    return stale
  }

  /** Something came about a request: its case is to be judged, and if the request is new or withdrawn, its competitors' too. */
  #touch(collection: Collection, id: Digest, stale: Set<Digest>): void {
    const request = collection.get('request', id)
    if (request === undefined) return
    stale.add(id)
    if (this.#judged.get(id)?.withdrawals === withdrawalsIn(collection.about(id))) return
    for (const other of competitorsOf(collection, request)) stale.add(other.id)
  }

  #hasTime(id: Digest, now: UnixMilliseconds): boolean {
    const known = this.#judged.get(id)
    return known !== undefined && (now < known.since || now >= known.until)
  }

  #forget(): void {
    this.#judged.clear()
    this.#moving.clear()
    this.#unfinished.clear()
    this.#lacking.clear()
    this.#order = []
    this.#settled = Number.NEGATIVE_INFINITY
    this.#cases = null
    this.#current = null
  }
}

function putIn(set: Set<Digest>, id: Digest, isIn: boolean): void {
  if (isIn) set.add(id)
  else set.delete(id)
}

/**
 * Whether a grant was neither handed over nor ended, its key is still to be deleted, or a credential was used without word of
 * how it went.
 */
function isUnfinished({ request, grant, surplus, attempts, obligations }: Case): boolean {
  if (obligations.some(({ code }) => code === 'retire')) return true
  // Nobody is handed the session of a rotation, or has its end to tell of.
  if (grant !== null && request.payload.purpose === 'rotation') return false
  if (grant !== null) return [grant, ...surplus].some(({ handover, ends }) => handover === null || ends.length === 0)
  return attempts.some(({ issuing, failed }) => issuing !== null && failed === null)
}

/** Where a case stands among others that are ordered from oldest to newest, or would stand. */
function placeIn(order: readonly Case[], one: Case): number {
  let [from, to] = [0, order.length]
  while (from < to) {
    const middle = (from + to) >>> 1
    if (newestFirst(order[middle] as Case, one) > 0) from = middle + 1
    else to = middle
  }
  return from
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
  // Not all at once as arguments: a flood of statements for one case must not stop the others.
  const most = (numbers: readonly number[]) => numbers.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  return most(times) + most(skews) + request.payload.seconds * 1000 + MARGIN_MS
}
