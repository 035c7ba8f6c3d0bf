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
  const length = `${seconds / 60} min`
  const incident = reference === '' ? 'without an incident reference' : `incident ${reference}`
  const end = /[.!?…]$/.test(what) ? '' : '.'
  return `${thing()} because of “${emergencyName(emergency)}” (${incident}): ${what}${end}`

  function thing(): string {
    if (purpose === 'rotation')
      return `a rotation of ${credential}${who === null ? '' : `, asked by ${who}`}: what may replace its key, for the admins, and access for nobody (a session of ${length} that may do nothing and is handed to nobody),`
    const drill = purpose === 'drill' ? 'a drill (its session may do nothing) of ' : ''
    return `${drill}${length} of ${credential}${who === null ? '' : ` for ${who}`}`
  }
}
