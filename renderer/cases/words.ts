import type { CaseView } from '../../shared/views/case-views.ts'
import { verdictOf } from '../../shared/views/trail-words.ts'
import { durationWords } from '../ui/time-words.ts'

/** "30 min of prod-root for Ana", "a drill of 30 min of …", "a rotation of …": what an approval gives, for buttons and titles. */
export function whatIsAsked(one: CaseView): string {
  if (one.purpose === 'rotation') return `a rotation of ${one.credential}, without access`
  const kind = one.purpose === 'drill' ? 'a drill of ' : ''
  return `${kind}${durationWords(one.seconds)} of ${one.credential} for ${one.requester.name}`
}

/** What a case is for, in one word. */
export const PURPOSES: Readonly<Record<CaseView['purpose'], string>> = {
  access: 'Access',
  drill: 'Drill',
  rotation: 'Rotation',
}

/** How many points two records differ in. */
export function points(count: number): string {
  return `${count} ${count === 1 ? 'point' : 'points'}`
}

/** What came of attaching AWS's record, in a sentence. */
export function attachedWords({ kept, leftOut, differs, grants, seen, unreached, unasked }: Counted): string {
  const found = {
    differs: `they differ from this case in ${points(differs)}.`,
    nothing: 'nothing that was read concerns this case.',
    'in-part':
      seen < grants
        ? 'they do not show every session of this case being issued.'
        : grants === 0
          ? 'no grant is here to compare them with.'
          : 'they do not reach over all of this case.',
    agrees: 'they differ in nothing from this case.',
  }[verdictOf({ events: kept, grants, seen, unreached, unasked, differences: differs })]
  const more = leftOut === 0 ? '' : ` There was no room for ${leftOut} more: they are in the files of a trail.`
  return `Attached ${kept} ${kept === 1 ? 'event' : 'events'}: ${found}${more}`
}

interface Counted {
  readonly kept: number
  readonly leftOut: number
  readonly differs: number
  readonly grants: number
  readonly seen: number
  readonly unreached: number
  readonly unasked: readonly string[]
}
