import type { CaseView } from '../../shared/views/views.ts'
import { durationWords } from '../ui/time-words.ts'

/** "30 min of prod-root for Ana", "a drill of 30 min of …": what an approval gives, for buttons and titles. */
export function whatIsAsked(one: CaseView): string {
  const kind = one.purpose === 'drill' ? 'a drill of ' : ''
  return `${kind}${durationWords(one.seconds)} of ${one.credential} for ${one.requester.name}`
}

/** What a case is for, in one word. */
export const PURPOSES: Readonly<Record<CaseView['purpose'], string>> = {
  access: 'Access',
  drill: 'Drill',
  rotation: 'Rotation',
}
