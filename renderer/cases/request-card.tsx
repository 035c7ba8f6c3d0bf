import { Hourglass } from 'lucide-react'
import type { CaseView } from '../../shared/views/case-views.ts'
import { useGo } from '../store/app.ts'
import { Button } from '../ui/button.tsx'
import { State } from '../ui/state.tsx'
import { Since } from '../ui/time.tsx'
import { Decide } from './decide.tsx'
import { FourFacts } from './four-facts.tsx'

/** A request that needs this person: the four facts and what they can do. */
export function RequestCard({ one }: { readonly one: CaseView }) {
  const go = useGo()
  return (
    <article className="card amber request" aria-label={`Request from ${one.requester.name}`}>
      <div className="row-between">
        <span className="row">
          <State tone="amber" icon={Hourglass}>
            Asked <Since at={one.askedAt} />
          </State>
          <span className="muted">
            {one.quorum ? `${one.quorum.have} of ${one.quorum.need} approved · ` : ''}
            expires <Since at={one.expires} />
          </span>
        </span>
      </div>
      <FourFacts one={one} />
      <Decide one={one} />
      <div className="row">
        <Button kind="quiet" onClick={() => go({ screen: 'case', id: one.id })}>
          Open the case
        </Button>
      </div>
    </article>
  )
}
