import { LogOut, SquareTerminal } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import type { SessionView } from '../../shared/views/session-views.ts'
import { Countdown, useLeft } from '../session/countdown.tsx'
import { isUsable } from '../session/session-card.tsx'
import { useApp, useGo, useSnapshot } from '../store/app.ts'
import { useAction } from '../ui/action.tsx'
import { Button } from '../ui/button.tsx'
import { Note } from '../ui/note.tsx'
import { Page } from '../ui/page.tsx'

// What draws a terminal is loaded when one is opened.
const LiveTerminal = lazy(() => import('./live-terminal.tsx'))

/** A recorded shell that has a session. */
export function TerminalScreen({ id }: { readonly id: string }) {
  const { sessions } = useSnapshot()
  const go = useGo()
  const session = sessions.find((each) => each.case === id)
  if (session === undefined || !isUsable(session))
    return (
      <Page headline="The session is over, and its shell with it">
        <p>What was recorded is attached to the case as soon as it is whole.</p>
        <div className="row">
          <Button onClick={() => go({ screen: 'case', id })}>Open the case</Button>
        </div>
      </Page>
    )
  return <Shell session={session} />
}

function Shell({ session }: { readonly session: SessionView }) {
  const { client } = useApp()
  const go = useGo()
  const left = useLeft(session)
  const action = useAction()
  const id = session.case
  // Another one begins when the person says so, not by itself.
  const [shell, setShell] = useState(0)
  const [wasOpen, setWasOpen] = useState(session.terminal.isOpen)
  if (session.terminal.isOpen && !wasOpen) setWasOpen(true)
  const hasEnded = wasOpen && !session.terminal.isOpen && session.terminal.says !== null
  return (
    <Page headline="Recorded terminal">
      <div className="row-between">
        <Countdown left={left} />
        <span className="row">
          <Button
            icon={LogOut}
            busy={action.busy}
            off={!session.terminal.isOpen}
            onClick={() => action.run(() => client.terminals.close({ case: id }))}
          >
            Close the shell
          </Button>
          <Button onClick={() => go({ screen: 'session', id })}>Back to the session</Button>
        </span>
      </div>
      {hasEnded && (
        <Note level="attention" what={session.terminal.says ?? ''} means="Its recording is attached to the case.">
          <Button
            icon={SquareTerminal}
            onClick={() => {
              setWasOpen(false)
              setShell(shell + 1)
            }}
          >
            Open another shell
          </Button>
        </Note>
      )}
      {!hasEnded && (
        <Suspense fallback={<p role="status">Opening the terminal…</p>}>
          <LiveTerminal key={shell} id={id} />
        </Suspense>
      )}
      {action.trouble}
      <WhatIsRecorded />
    </Page>
  )
}

/** What goes on the record, and what does not. */
export function WhatIsRecorded() {
  return (
    <p className="muted small">
      Recorded is all that the shell shows, with its times: what you type is in it as far as it shows on the screen. A
      password that does not show is not recorded. The session’s secret key and token are blacked out where they show
      whole. The recording goes into the case, to every member’s device, and stays as long as the case does.
    </p>
  )
}
