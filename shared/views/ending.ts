import { mayBeDenied } from '../case/aftercare-duties.ts'
import { type Case, CLOCK_TOLERANCE_MS, type Ending, type Grant, grantsIn } from '../case/types.ts'
import type { Organization } from '../org/org-from.ts'
import { NOBODY_DENIES } from './aftercare-words.ts'
import type { CaseView } from './case-views.ts'
import type { CaseContext } from './cases.ts'
import { together } from './lists.ts'
import { minutesWords } from './minutes.ts'
import type { Names } from './people.ts'

/** What is said of a case whose session is to end and may still live. */
export function endingSentences(one: Case, { org, names, now }: CaseContext): Pick<CaseView, 'headline' | 'next'> {
  const living = grantsIn(one).find(({ state }) => state === 'ending')
  const which = living?.id === one.grant?.id ? 'The session' : 'A second session'
  const early = one.endings.find((ending) => ending.grant === living?.id)
  const next = 'It is confirmed when AWS refuses a call, or 5 minutes after its expiration.'
  const said = early === undefined ? null : asSaid(early, names)
  const ahead = living === undefined ? null : clockAhead(org, living, now)
  if (living !== undefined && said !== null && ahead !== null) {
    const { name } = names(ahead)
    return {
      headline: `${which} has ended, ${said}; not yet confirmed`,
      next: `AWS refused it when its time was over. By ${name}’s clock, which seems to be ahead, it would live on: compare clocks. It is certain in ${minutesWords(living.soonest - now)}.`,
    }
  }
  if (early === undefined || early.dies <= now) return { headline: `${which} is ending; not yet confirmed`, next }
  const left = `It dies by itself in ${minutesWords(early.dies - now)}`
  if (said !== null)
    return {
      headline: `${which} has ended, ${said}; not yet confirmed. ${left}`,
      next: `Nobody else bears it out: it may still be used, and ${
        living === undefined || mayBeDenied(living, now)
          ? 'a custodian can order its end'
          : 'nobody can have AWS deny it'
      }. It is certain 5 minutes after its expiration.`,
    }
  const may = early.denied
    ? 'AWS has the deny, but was not yet seen to refuse a call.'
    : living !== undefined && mayBeDenied(living, now)
      ? 'Until AWS denies it, it may still be used.'
      : 'It may still be used until then, since nobody can have AWS deny it.'
  return {
    headline: `${which} is ending; not yet confirmed. ${left}`,
    next: `${may} ${next}`,
  }
}

/** A session that is to end before its time, or that is said to have ended, as the window shows it. */
export function endingView(
  ending: Ending,
  one: Case,
  { org, names, now, denying }: CaseContext,
): CaseView['endings'][number] {
  const { saidBy: _, ...shown } = ending
  const said = asSaid(ending, names)
  const grant = grantsIn(one).find(({ id }) => id === ending.grant)
  const ahead = grant === undefined || said === null ? null : clockAhead(org, grant, now)
  const refused =
    said === null
      ? null
      : ahead === null
        ? `It has ended, ${said}. Nobody else bears it out: it may still be used.`
        : `AWS refused it when its time was over, ${said}. ${names(ahead).name}’s clock seems to be ahead: compare clocks.`
  return {
    ...shown,
    claimed: !ending.denied && grant !== undefined && grant.revocations.length > 0,
    late: ahead !== null,
    says: refused ?? (grant && !ending.denied && !mayBeDenied(grant, now) ? NOBODY_DENIES : null),
    here: denying?.(ending.grant) ?? null,
  }
}

/** By whose word alone a session has ended, in words: "as Ana says"; null where nobody says so. */
export function asSaid({ saidBy }: Ending, names: Names): string | null {
  if (saidBy.length === 0) return null
  return `as ${together(saidBy.map((member) => names(member).name))} ${saidBy.length === 1 ? 'says' : 'say'}`
}

/** Less than this between two clocks is no news. */
const NOTICED_MS = 60_000

/**
 * Whose clock seems to be ahead, where a session was refused at the end that its grant itself says, and only the date of that
 * custodian’s release bears out a later one. Null where that is not all there is to it: a refusal before the grant’s end, or one
 * that is dated ahead, is what whoever misuses a session would say; an end that the issuing device says much too early, or against
 * its own dates, is what it would say.
 */
function clockAhead({ collection }: Organization, grant: Grant, now: number): string | null {
  const { expires, skewMs, basis } = grant.statement.payload
  const end = expires - skewMs
  const isRefused = grant.ends.some(({ payload }) => payload.confirmation === 'aws-refused' && payload.at >= end)
  const later = grant.soonest - end
  if (!isRefused || now < end || now >= grant.soonest) return null
  if (later < NOTICED_MS || later > CLOCK_TOLERANCE_MS) return null
  const dated = [
    collection.get('issuing', basis.issuing),
    ...basis.releases.map((id) => collection.get('release', id)),
  ].filter((one) => one !== undefined)
  const [last] = dated.toSorted((a, b) => b.payload.time - a.payload.time)
  return last === undefined || last.payload.member === grant.issuer ? null : last.payload.member
}
