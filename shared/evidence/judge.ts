import type { Digest, UnixMilliseconds } from '../bytes.ts'
import { groupedBy } from '../case/grouped.ts'
import { CLOCK_TOLERANCE_MS } from '../case/types.ts'
import type { DifferenceCode } from '../statements/evidence.ts'
import type { TrailEvent } from './event.ts'
import { aftercareOf, attemptsOf, explainsCare, isAsAsked, mayTakeToken, type Origin, stepOf } from './origin.ts'
import { type Attempt, END_TOLERANCE_MS, type Subject } from './subject.ts'

/**
 * What a call was, as the case explains it.
 * - `issue`: the call that gave the session of a grant. `tried`: an attempt that AWS refused. `way`: a step to the session.
 * - `session`: a call of a granted session, or with a key that it made. `aftercare`: one that ends the session or replaces the key.
 * - `other-case`: the key's use for another case. `trial`: a new key was tried. `before`: before the key was deposited.
 * - `odd`: nothing explains it.
 */
export type Role = 'issue' | 'tried' | 'way' | 'session' | 'aftercare' | 'other-case' | 'trial' | 'before' | 'odd'

/** An event that concerns the case, and what it is. */
export interface JudgedEvent {
  readonly event: TrailEvent
  readonly role: Role
  /** The grant, else the issuing, that it belongs to. */
  readonly of: Digest | null
  /** Of `other-case`: that case. */
  readonly otherCase?: Digest
  readonly difference: DifferenceCode | null
}

/** A judged event, and what the key is that it made, if it made one that is looked after. */
interface Judgement {
  readonly judged: JudgedEvent
  readonly made: Origin | null
}

/** What a case is asked again and again while events are judged. */
export class Judge {
  readonly #subject: Subject
  readonly #named: ReadonlyMap<string, readonly Attempt[]>

  constructor(subject: Subject) {
    this.#subject = subject
    this.#named = groupedBy(subject.attempts, ({ sessionName }) => sessionName)
  }

  /** The keys that the case knows by its statements: of its sessions, and the long-lived ones. */
  roots(): ReadonlyMap<string, Origin> {
    const roots = new Map<string, Origin>()
    for (const { accessKeyId, since } of this.#subject.keys) roots.set(accessKeyId, { is: 'long', accessKeyId, since })
    for (const attempt of this.#subject.attempts)
      if (this.#isOwn(attempt) && attempt.grant !== null)
        roots.set(attempt.grant.accessKeyId, { is: 'session', attempt })
    return roots
  }

  /** Whether a call bears the name of an attempt: else it concerns the case only by its key. */
  isNamed({ asked, session }: TrailEvent): boolean {
    const isAsked = asked !== null && asked.session !== null && this.#named.has(asked.session)
    return isAsked || (session !== null && this.#named.has(session))
  }

  /**
   * What a call is.
   *
   * @param origin - of the key that signed it; null if nothing is known of that.
   * @returns null if it does not concern the case.
   */
  judge(event: TrailEvent, origin: Origin | null): Judgement | null {
    if (origin?.is === 'session') return { judged: ofSession(event, origin.attempt), made: origin }
    const asked = event.asked?.session ?? null
    const attempts = asked === null ? undefined : this.#named.get(asked)
    const issue = attempts && this.#ofIssue(event, origin, attempts)
    if (issue !== undefined && issue !== null) return issue
    if (origin === null) return this.#ofName(event)
    const untold = this.#ofUntold(event, origin)
    if (untold !== null) return { judged: untold, made: null }
    if (origin.is === 'long') return this.#ofKey(event, origin)
    if (origin.is === 'care') return this.#ofCare(event, origin)
    if (origin.is === 'odd' && event.at < origin.since)
      return { judged: { event, role: 'before', of: null, difference: null }, made: origin }
    // A step does nothing but take the next one, and nobody should have the keys that an unexplained call gave.
    return this.#odd(event, origin)
  }

  /** A call that asks for a session under the name of an attempt. Null if AWS refused it when nobody attempted anything: then it is its key's. */
  #ofIssue(event: TrailEvent, origin: Origin | null, attempts: readonly Attempt[]): Judgement | null {
    const gave = attempts.find(({ grant }) => grant !== null && grant.accessKeyId === event.issued)
    const attempt = gave ?? this.#meant(attempts, origin, event.at)
    const of = attempt.grant?.id ?? attempt.id
    if (gave !== undefined) {
      const difference = isAsAsked(event, origin, gave) ? null : ('call-differs' as const)
      return { judged: { event, ...this.#as(gave, 'issue'), of, difference }, made: null }
    }
    if (event.error !== null) {
      if (!isAbout(event, attempt) && origin !== null) return null
      return { judged: { event, ...this.#as(attempt, 'tried'), of: attempt.id, difference: null }, made: null }
    }
    const near = [attempt, ...attempts.filter((one) => one !== attempt)].filter((one) => isAbout(event, one))
    const step = stepOf(event, origin, near)
    if (step !== null) {
      const role = step.is === 'care' ? 'aftercare' : 'way'
      return { judged: { event, ...this.#as(attempt, role), of, difference: null }, made: step }
    }
    const odd = { event, role: 'odd', of: attempt.id, difference: 'session-unknown' } as const
    return { judged: odd, made: { is: 'odd', since: 0, code: 'session-used', of: attempt.id } }
  }

  /**
   * A call for a session that AWS denied: its record leaves out what such a call asked for, so its key and its time alone say which
   * attempt it was. Null if it is none, or none that they say.
   */
  #ofUntold(event: TrailEvent, origin: Origin): JudgedEvent | null {
    const isUntold = event.asked !== null && event.asked.session === null && event.asked.roleArn === null
    if (event.error === null || !isUntold) return null
    const isSigner = (one: Attempt) =>
      origin.is === 'way'
        ? origin.attempts.includes(one)
        : origin.is === 'long' && one.accessKeyId === origin.accessKeyId
    const near = this.#subject.attempts.filter((one) => isSigner(one) && isAbout(event, one))
    if (near.length === 0) return null
    const attempt = this.#meant(near, origin, event.at)
    return { event, ...this.#as(attempt, 'tried'), of: attempt.id, difference: null }
  }

  /** Of several attempts under one name one that the key was made for, else any of them: the nearest. */
  #meant(attempts: readonly Attempt[], origin: Origin | null, at: UnixMilliseconds): Attempt {
    const own = attemptsOf(origin).filter((one) => attempts.includes(one))
    return nearest(own.length > 0 ? own : attempts, at)
  }

  /** Any other call with the long-lived key. */
  #ofKey(event: TrailEvent, origin: Origin & { is: 'long' }): Judgement {
    const near = isOfSts(event, 'GetSessionToken') ? this.#tokensOf(event, origin.accessKeyId) : []
    if (near.length > 0) {
      const first = nearest(near, event.at)
      const judged = { event, ...this.#as(first, 'way'), of: first.grant?.id ?? first.id, difference: null }
      const attempts = [first, ...near.filter((one) => one !== first)] as const
      return { judged, made: { is: 'way', attempts, roleArn: null } }
    }
    if (this.#isTrial(event)) return { judged: { event, role: 'trial', of: null, difference: null }, made: null }
    const made: Origin = { is: 'odd', since: origin.since, code: 'key-unexplained', of: null }
    if (event.at < origin.since) return { judged: { event, role: 'before', of: null, difference: null }, made }
    return this.#odd(event, made)
  }

  #tokensOf(event: TrailEvent, accessKeyId: string): Attempt[] {
    return this.#subject.attempts.filter(
      (one) => one.accessKeyId === accessKeyId && mayTakeToken(one) && isAbout(event, one),
    )
  }

  /** A call of a session that ends the one handed over, or replaces the key. */
  #ofCare(event: TrailEvent, origin: Origin & { is: 'care' }): Judgement {
    const { attempt, roleArn, until } = origin
    if (!explainsCare(this.#subject, attempt, event, roleArn, until)) return this.#odd(event, origin)
    const of = attempt.grant?.id ?? attempt.id
    return { judged: { event, ...this.#as(attempt, 'aftercare'), of, difference: null }, made: null }
  }

  /** A call of a session under the name of an attempt of this case, with a key of which nothing else is known. */
  #ofName(event: TrailEvent): Judgement | null {
    const named = event.session === null ? undefined : this.#named.get(event.session)
    const own = named?.filter((one) => this.#isOwn(one)) ?? []
    // Two devices that began at once have one name, and a session that was handed over is what the name is known by.
    const attempt = own.find(({ grant }) => grant !== null) ?? own[0]
    if (attempt === undefined) return null
    const of = attempt.grant?.id ?? attempt.id
    const role = event.role ?? ''
    // A service acts with keys of its own, in the name of whose call it carries out; so does the console, whose sign-in names no role.
    const isItsRole = event.role === null || event.role === attempt.access.roleArn
    if (event.via !== null && attempt.grant !== null && isItsRole)
      return { judged: ofSession(event, attempt), made: { is: 'session', attempt } }
    // The call that gave its key may be in a file that nobody attached; that there was one, the issuing device said.
    const until = attempt.grant?.careUntil ?? null
    if (
      until !== null &&
      aftercareOf(attempt).includes(role) &&
      explainsCare(this.#subject, attempt, event, role, until)
    )
      return { judged: { event, role: 'aftercare', of, difference: null }, made: null }
    return this.#odd(event, { is: 'odd', since: 0, code: 'session-used', of })
  }

  /** What nothing explains; nor what is done with a key that it made. */
  #odd(event: TrailEvent, origin: Origin): Judgement {
    const [attempt] = attemptsOf(origin)
    const of = origin.is === 'odd' ? origin.of : attempt === undefined ? null : (attempt.grant?.id ?? attempt.id)
    // The user itself made what GetSessionToken gave, so whoever uses that has the key.
    const isUsers = origin.is === 'long' || (origin.is === 'way' && origin.roleArn === null)
    const difference = origin.is === 'odd' ? origin.code : isUsers ? 'key-unexplained' : 'session-used'
    return {
      judged: { event, role: 'odd', of, difference },
      made: { is: 'odd', since: 0, code: difference, of },
    }
  }

  /** Whether somebody who was replacing a key asked AWS whose the new one is, which does nothing. */
  #isTrial(event: TrailEvent): boolean {
    const { key, at } = event
    return (
      isOfSts(event, 'GetCallerIdentity') &&
      this.#subject.trials.some(
        ({ accessKeyId, from, until }) =>
          accessKeyId === key && at >= from - CLOCK_TOLERANCE_MS && at <= until + CLOCK_TOLERANCE_MS,
      )
    )
  }

  #isOwn({ request }: Attempt): boolean {
    return request === this.#subject.request
  }

  /** What a call is that an attempt explains, which may be another case's. */
  #as(attempt: Attempt, role: Role): Pick<JudgedEvent, 'role' | 'otherCase'> {
    return this.#isOwn(attempt) ? { role } : { role: 'other-case', otherCase: attempt.request }
  }
}

/** A call of a session that was handed over, or of what it made. */
function ofSession(event: TrailEvent, { grant, id, mayAct }: Attempt): JudgedEvent {
  const isLate = grant !== null && event.at > grant.over + END_TOLERANCE_MS
  // By such a call the app itself looks whether AWS refuses the session; it does nothing.
  const isUse = event.error === null && !LOOKS.some((name) => isOfSts(event, name))
  // To sign in at the console takes no permission.
  const isOfOther = !mayAct && isUse && event.service !== 'signin.amazonaws.com'
  const difference = isLate && isUse ? 'after-end' : isOfOther ? 'call-differs' : null
  return { event, role: 'session', of: grant?.id ?? id, difference }
}

const LOOKS = ['GetCallerIdentity', 'GetAccessKeyInfo'] as const

/** Whether it is this call of STS: another service's of the same name may do something else. */
function isOfSts({ service, name }: TrailEvent, call: string): boolean {
  return service === 'sts.amazonaws.com' && name === call
}

function nearest(attempts: readonly Attempt[], time: UnixMilliseconds): Attempt {
  return attempts.reduce((best, one) => (Math.abs(one.at - time) < Math.abs(best.at - time) ? one : best))
}

/** Whether a call may have been made for an attempt: statements' times are claims of clocks that may differ by so much. */
function isAbout({ at }: TrailEvent, attempt: Attempt): boolean {
  return Math.abs(at - attempt.at) <= CLOCK_TOLERANCE_MS
}
