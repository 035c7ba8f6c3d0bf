import type { CaseView } from '../../shared/views/views.ts'
import { durationWords } from '../ui/time-words.ts'

/** "30 min of prod-root for Ana": what an approval gives, used wherever one is about to be given. */
export function whatIsAsked(one: CaseView): string {
  const kind = one.purpose === 'drill' ? 'a drill of ' : ''
  return `${kind}${durationWords(one.seconds)} of ${one.credential} for ${one.requester.name}`
}

/** "access", "drill" or "rotation" as a word before "request". */
export const PURPOSES: Readonly<Record<CaseView['purpose'], string>> = {
  access: 'Access',
  drill: 'Drill',
  rotation: 'Rotation',
}
