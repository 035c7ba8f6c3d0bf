import type { CaseView } from '../../shared/views/case-views.ts'
import { Exact } from '../ui/exact-text.tsx'
import { Moment } from '../ui/time.tsx'
import { PURPOSES } from './words.ts'

/** Which credential for whom: the first line of a case in a list. */
export function CaseTitle({ one }: { readonly one: CaseView }) {
  return (
    <span>
      <strong>
        <Exact>{one.credential}</Exact>
      </strong>
      {one.purpose === 'rotation' ? ', asked by ' : ' for '}
      <Exact>{one.requester.name}</Exact>
      {one.purpose === 'access' ? '' : ` · ${PURPOSES[one.purpose]}`}
    </span>
  )
}

/** Where it stands, and when it was asked for: the line below. */
export function CaseSummary({ one }: { readonly one: CaseView }) {
  return (
    <span className="muted small">
      {one.headline} <br />
      asked <Moment at={one.askedAt} />
    </span>
  )
}
