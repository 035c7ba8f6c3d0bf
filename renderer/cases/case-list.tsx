import type { CaseView } from '../../shared/views/views.ts'
import { useGo } from '../store/app.ts'
import { Exact } from '../ui/exact-text.tsx'
import { Moment } from '../ui/time.tsx'
import { CaseState } from './case-state.tsx'
import { PURPOSES } from './words.ts'

/** Cases as rows that open. */
export function CaseList({ cases }: { readonly cases: readonly CaseView[] }) {
  const go = useGo()
  return (
    <ul className="list">
      {cases.map((one) => (
        <li key={one.id} className="flush">
          <button
            type="button"
            className="open-row"
            aria-label={`Open the case: ${one.credential} for ${one.requester.name}, ${one.headline}`}
            onClick={() => go({ screen: 'case', id: one.id })}
          >
            <span className="stack-8">
              <span>
                <strong>
                  <Exact>{one.credential}</Exact>
                </strong>{' '}
                for <Exact>{one.requester.name}</Exact>
                {one.purpose === 'access' ? '' : ` · ${PURPOSES[one.purpose]}`}
              </span>
              <span className="muted small">
                {one.headline} <br />
                asked <Moment at={one.askedAt} />
              </span>
            </span>
            <CaseState one={one} />
          </button>
        </li>
      ))}
    </ul>
  )
}
