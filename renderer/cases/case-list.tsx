import type { CaseView } from '../../shared/views/case-views.ts'
import { useGo } from '../store/app.ts'
import { CaseState } from './case-state.tsx'
import { CaseSummary, CaseTitle } from './case-words.tsx'

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
              <CaseTitle one={one} />
              <CaseSummary one={one} />
            </span>
            <CaseState one={one} />
          </button>
        </li>
      ))}
    </ul>
  )
}
