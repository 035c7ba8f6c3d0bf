import { type Weighed, weighedDecisions } from '../case/decisions.ts'
import { groupedBy } from '../case/grouped.ts'
import type { Case } from '../case/types.ts'
import type { Organization } from '../org/org-from.ts'
import { vetoers } from '../org/quorum.ts'
import { memberOf } from '../statements/door.ts'
import { deviceId } from '../statements/member.ts'
import type { SeatView } from './case-views.ts'
import { weightWords } from './decision-words.ts'
import type { Names, Reach } from './people.ts'

/** A member's word on a case, and the first that says the contrary, if there is one. */
interface Word {
  readonly said: Weighed
  readonly contrary: Weighed | null
}

/**
 * What a member decided: what a grant stands on; where there is no such thing, the denial if there are both. What somebody
 * signed in this member's name with foreign keys is not this member's word, and must not look like it: whoever is shown as
 * having decided is not asked any more.
 */
export function decidedBy(one: Case, member: string): 'approve' | 'deny' | null {
  return wordOf(one, member)?.said.decision.payload.verdict ?? null
}

function wordOf(one: Case, member: string): Word | undefined {
  const known = words.get(one) ?? wordsIn(one)
  words.set(one, known)
  return known.get(member)
}

// Asked once for each custodian, with each picture.
const words = new WeakMap<Case, ReadonlyMap<string, Word>>()

function wordsIn(one: Case): ReadonlyMap<string, Word> {
  const said = groupedBy(weighedDecisions(one), ({ decision }) => decision.payload.member)
  return new Map([...said].map(([member, theirs]) => [member, wordAmong(theirs)]))
}

function wordAmong(theirs: readonly Weighed[]): Word {
  const verdictIs = (verdict: string) => (one: Weighed) => one.decision.payload.verdict === verdict
  const said = (theirs.find(({ weight }) => weight === 'counts') ??
    theirs.find(verdictIs('deny')) ??
    theirs[0]) as Weighed
  const contrary = said.decision.payload.verdict === 'deny' ? 'approve' : 'deny'
  return { said, contrary: theirs.find(verdictIs(contrary)) ?? null }
}

/** Each custodian of a case's plan, with what they said of it or how they are reached. */
export function seatsOf(
  one: Case,
  { org, names, reach }: { readonly org: Organization; readonly names: Names; readonly reach: Reach },
): SeatView[] {
  const veto = one.plan === null ? [] : vetoers(one.plan, one.grant?.roster ?? org.head.roster)
  return (one.plan?.custodians ?? []).map((member) => {
    const person = memberOf(org.head.roster, member)
    const word = wordOf(one, member)
    const decision = word?.said.decision.payload
    const released =
      one.attempt?.releases.some(({ payload }) => payload.member === member) ||
      (one.grant?.statement.payload.basis.releases ?? []).some(
        (id) => org.collection.get('release', id)?.payload.member === member,
      )
    const presence = person === undefined ? 'gone' : (reach(deviceId(person))?.presence ?? 'unlocked')
    return {
      person: names(member),
      contact: person?.contact ?? '',
      groups: person?.groups ?? [],
      veto: veto.includes(member) && member !== one.request.payload.member,
      state: seatState(),
      at: decision?.time ?? null,
      reason: decision?.reason ?? '',
      aside: word === undefined ? '' : asideOf(word),
      asideReason: word?.contrary?.decision.payload.reason ?? '',
    }

    function seatState(): SeatView['state'] {
      if (member === one.request.payload.member) return 'own-request'
      if (decision?.verdict === 'deny') return 'denied'
      if (released) return 'released'
      if (decision !== undefined) return 'approved'
      return ({ unlocked: 'asked', locked: 'alerted', gone: 'unreachable' } as const)[presence]
    }
  })
}

/** What of a member's words does not count, or contradicts the others: "Also denied (the grant was made without it)". */
function asideOf({ said, contrary }: Word): string {
  const own = wordsOf(said)
  if (contrary === null) return own === '' ? '' : capital(own)
  const also = contrary.decision.payload.verdict === 'approve' ? 'Also approved' : 'Also denied'
  const why = wordsOf(contrary)
  return [...(own === '' ? [] : [capital(own)]), why === '' ? also : `${also} (${why})`].join('. ')
}

const wordsOf = ({ decision, weight }: Weighed): string => weightWords(decision.payload.verdict, weight)
const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1)
