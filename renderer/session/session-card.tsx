import { KeyRound } from 'lucide-react'
import type { SessionView } from '../../shared/views/session-views.ts'
import { useGo, useSnapshot } from '../store/app.ts'
import { Button } from '../ui/button.tsx'
import { Exact } from '../ui/exact-text.tsx'
import { Countdown, useLeft } from './countdown.tsx'

/** Whether a session can be used on this device now, as far as this device goes. */
export function isUsable({ here, state }: SessionView): boolean {
  return here && (state === 'live' || state === 'refused')
}

/** A session that this person has, with what is left of it. */
export function SessionCard({ session }: { readonly session: SessionView }) {
  const { cases } = useSnapshot()
  const go = useGo()
  const left = useLeft(session)
  const name = cases.find(({ id }) => id === session.case)?.credential ?? session.role
  return (
    <section className="card row-between" aria-label={`Your session for ${name}`}>
      <div>
        <p>
          Your session for{' '}
          <strong>
            <Exact>{name}</Exact>
          </strong>{' '}
          {session.state === 'refused' ? 'is refused by AWS' : 'is live'}
        </p>
        <Countdown left={left} />
      </div>
      <Button kind="primary" big icon={KeyRound} onClick={() => go({ screen: 'session', id: session.case })}>
        Open my session
      </Button>
    </section>
  )
}
