import { SquareTerminal } from 'lucide-react'
import type { SessionView } from '../../shared/views/session-views.ts'
import { useGo } from '../store/app.ts'
import { WhatIsRecorded } from '../terminal/terminal-screen.tsx'
import { Button } from '../ui/button.tsx'

/** Leads to a shell that has the session and is recorded. */
export function RecordedTerminal({ session }: { readonly session: SessionView }) {
  const go = useGo()
  const { isOpen, says } = session.terminal
  return (
    <section className="card stack-8" aria-labelledby="recorded-terminal">
      <h2 id="recorded-terminal">Recorded terminal</h2>
      <p>
        A shell in this window that has the session in its environment. It ends with the session, and when you lock.
      </p>
      {says !== null && !isOpen && <p role="status">{says}</p>}
      <WhatIsRecorded />
      <div className="row">
        <Button icon={SquareTerminal} onClick={() => go({ screen: 'terminal', id: session.case })}>
          {isOpen ? 'Back to the terminal' : 'Open a recorded terminal'}
        </Button>
      </div>
    </section>
  )
}
