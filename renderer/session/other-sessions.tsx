import type { SessionView } from '../../shared/views/session-views.ts'
import { useGo, useSnapshot } from '../store/app.ts'
import { Button } from '../ui/button.tsx'
import { Exact } from '../ui/exact-text.tsx'
import { isUsable } from './session-card.tsx'

/** Says that more sessions are live, of which cases, and leads to them. Nothing where this is the only one. */
export function OtherSessions({ session }: { readonly session: SessionView }) {
  const { sessions, cases } = useSnapshot()
  const go = useGo()
  const others = sessions.filter((one) => one.case !== session.case && isUsable(one))
  if (others.length === 0) return null
  const nameOf = (one: SessionView): string => {
    const found = cases.find(({ id }) => id === one.case)
    return found === undefined ? one.role : `${found.credential}: ${found.what}`
  }
  return (
    <section className="card stack-8" aria-labelledby="other-sessions">
      <h2 id="other-sessions">
        {others.length === 1 ? 'Another session is live' : `${others.length} others are live`}
      </h2>
      <p>
        What you copy here is of <Exact>{nameOf(session)}</Exact>
      </p>
      {others.map((one) => (
        <div className="row" key={one.case}>
          <Button onClick={() => go({ screen: 'session', id: one.case })}>
            <Exact>{`Open ${nameOf(one)}`}</Exact>
          </Button>
        </div>
      ))}
    </section>
  )
}
