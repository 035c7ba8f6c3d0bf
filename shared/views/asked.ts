import { emergencyName } from '../org/templates.ts'
import type { PayloadOf } from '../statements/kinds.ts'

type Asked = Pick<PayloadOf<'request'>, 'purpose' | 'emergency' | 'what' | 'reference' | 'seconds'>

/**
 * What a request asks for, as the end of a sentence, with all that people compare by phone before a touch: what and how
 * long, for whom, why, and the incident's reference. The reference stands before what happened, which may be long.
 *
 * @param who - null where it is the reader's own request.
 */
export function askedWords(asked: Asked, credential: string, who: string | null): string {
  const { purpose, emergency, what, reference, seconds } = asked
  const drill = purpose === 'drill' ? 'a drill (its session may do nothing) of ' : ''
  const whom = who === null ? '' : ` for ${who}`
  const incident = reference === '' ? 'without an incident reference' : `incident ${reference}`
  const end = /[.!?…]$/.test(what) ? '' : '.'
  return `${drill}${seconds / 60} min of ${credential}${whom} because of “${emergencyName(emergency)}” (${incident}): ${what}${end}`
}
