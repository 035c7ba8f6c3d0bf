import { Hourglass, TriangleAlert } from 'lucide-react'
import type { CaseView } from '../../shared/views/case-views.ts'
import { useNow } from '../store/clock.ts'
import { Exact } from '../ui/exact-text.tsx'
import { State } from '../ui/state.tsx'
import { Moment } from '../ui/time.tsx'

type Owed = CaseView['obligations'][number]

/** Something that a case owes: what, since when, until when, by whom. Once overdue it is red; it never stops anything. */
export function OwedLine({ owed, credential }: { readonly owed: Owed; readonly credential?: string }) {
  const now = useNow(10_000)
  const { says, since, due } = owed
  return (
    <span className="stack-8">
      <span className="row">
        {due < now ? (
          <State tone="red" icon={TriangleAlert}>
            Overdue
          </State>
        ) : (
          <State tone="amber" icon={Hourglass}>
            Owed
          </State>
        )}
        <span>
          {says}
          {credential !== undefined && (
            <>
              , for <Exact>{credential}</Exact>
            </>
          )}
        </span>
      </span>
      <span className="muted small">
        Owed since <Moment at={since} />; {due < now ? 'was due' : 'due'} <Moment at={due} />
        <By owed={owed} />
      </span>
    </span>
  )
}

function By({ owed: { code, by } }: { readonly owed: Owed }) {
  if (code !== 'review' && by.length === 0) return null
  if (by.length === 0)
    return <>. Nobody is left who took no part: an admin adds somebody under People, who may then review it</>
  const [only] = by
  return (
    <>
      {by.length === 1 ? '; by ' : '; by anyone of: '}
      <Exact>{by.length === 1 && only !== undefined ? only.name : by.map(({ name }) => name).join(', ')}</Exact>
    </>
  )
}
