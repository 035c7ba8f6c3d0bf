import type { CaseView } from '../../shared/views/views.ts'
import { Exact } from '../ui/exact-text.tsx'
import { durationWords } from '../ui/time-words.ts'
import { PURPOSES } from './words.ts'

/** Who, what, how long, why: always together. */
export function FourFacts({ one }: { readonly one: CaseView }) {
  return (
    <dl className="four">
      <div>
        <dt>Who</dt>
        <dd>
          <Exact>{one.requester.name}</Exact>
        </dd>
      </div>
      <div>
        <dt>How long</dt>
        <dd>
          {durationWords(one.seconds)}
          {one.purpose === 'access' ? '' : ` · ${PURPOSES[one.purpose].toLowerCase()}`}
        </dd>
      </div>
      <div className="wide">
        <dt>What</dt>
        <dd>
          <strong>
            <Exact>{one.credential}</Exact>
          </strong>
          <span className="muted small">
            {' '}
            <Exact>{one.account}</Exact>
          </span>
        </dd>
      </div>
      <div className="wide">
        <dt>Why</dt>
        <dd>
          <Exact>{one.emergency}</Exact>: <Exact>{one.what}</Exact>
          {one.reference !== '' && (
            <>
              {' '}
              <span className="muted reference">
                (<Exact>{one.reference}</Exact>)
              </span>
            </>
          )}
        </dd>
      </div>
    </dl>
  )
}
