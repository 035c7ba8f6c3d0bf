import { AppWindow, Copy, FileTerminal, LifeBuoy, LogOut } from 'lucide-react'
import { useState } from 'react'
import { useStore } from 'zustand'
import type { CaseView } from '../../shared/views/case-views.ts'
import type { SessionView } from '../../shared/views/session-views.ts'
import { useApp, useConfirm, useGo, useSnapshot } from '../store/app.ts'
import { useMonotonic, useNow } from '../store/clock.ts'
import { mainClock } from '../store/snapshot-store.ts'
import { useAction } from '../ui/action.tsx'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Exact } from '../ui/exact-text.tsx'
import { Note } from '../ui/note.tsx'
import { Page } from '../ui/page.tsx'
import { Clock, Moment } from '../ui/time.tsx'
import { clockOf } from '../ui/time-words.ts'
import { Countdown, LAST_MS, useLeft } from './countdown.tsx'
import { ForPrograms } from './for-programs.tsx'
import { OtherSessions } from './other-sessions.tsx'
import { RecordedTerminal } from './recorded-terminal.tsx'
import { isUsable } from './session-card.tsx'

/** A session in use: what is left of it, how to use it, how to end it. */
export function SessionScreen({ id }: { readonly id: string }) {
  const { sessions, cases } = useSnapshot()
  const go = useGo()
  const session = sessions.find((each) => each.case === id)
  const one = cases.find((each) => each.id === id)
  if (session === undefined)
    return (
      <Page headline="There is no session of this case on this device">
        <div className="row">
          <Button onClick={() => go({ screen: 'case', id })}>Open the case</Button>
        </div>
      </Page>
    )
  return <Session session={session} one={one} />
}

const HEADLINES: Readonly<Record<SessionView['state'], string>> = {
  coming: 'Your session was issued, and is not here yet',
  live: 'Your session is live',
  refused: 'AWS refuses your session',
  ending: 'Your session is ending',
  ended: 'Your session has ended',
  'cannot-confirm': 'Your session’s end cannot be confirmed',
}

function Session({ session, one }: { readonly session: SessionView; readonly one: CaseView | undefined }) {
  const go = useGo()
  const left = useLeft(session)
  const now = useNow(60_000)
  return (
    <Page headline={HEADLINES[session.state]}>
      <div className="stack-8">
        {(session.state === 'live' || (session.state !== 'ended' && left > 0)) && <Countdown left={left} />}
        <p className="large">{session.says}</p>
        {session.state === 'refused' && left > 0 && (
          <div className="row">
            <Button kind="primary" big icon={LifeBuoy} onClick={() => go({ screen: 'ask', plan: null, drill: false })}>
              Ask for other access
            </Button>
          </div>
        )}
        {session.state !== 'live' && session.state !== 'ended' && left > 0 && (
          <p>
            It dies by itself at <Moment at={session.ends} />.
          </p>
        )}
      </div>
      {left <= LAST_MS && left > 0 && session.state === 'live' && (
        <Note
          level="attention"
          what="The last minutes."
          means={`At ${clockOf(session.ends, now)} AWS refuses every further call with these credentials. What is running then is cut off.`}
          todo="Finish or save what you are doing. For more time, ask again."
        />
      )}
      <OtherSessions session={session} />
      {isUsable(session) && left > 0 && (
        <>
          <Use session={session} />
          <RecordedTerminal session={session} />
          <ForPrograms session={session} />
        </>
      )}
      <dl className="card facts">
        <dt>Account</dt>
        <dd>
          <Exact>{session.account}</Exact>
        </dd>
        <dt>Role</dt>
        <dd>
          <Exact>{session.role}</Exact>
        </dd>
        <dt>Region</dt>
        <dd>{session.region}</dd>
        <dt>Access key id</dt>
        <dd>
          <code>{session.accessKeyId}</code>
        </dd>
        <dt>Ends</dt>
        <dd>
          <Clock at={session.ends} />, by this device’s clock
        </dd>
        {one && (
          <>
            <dt>Case</dt>
            <dd>
              <Exact>{one.what}</Exact>
            </dd>
          </>
        )}
      </dl>
      <div className="row">
        <Button onClick={() => go({ screen: 'case', id: session.case })}>Open the case</Button>
      </div>
    </Page>
  )
}

function Use({ session }: { readonly session: SessionView }) {
  const { client } = useApp()
  const confirm = useConfirm()
  const action = useAction()
  const [ending, setEnding] = useState(false)
  const copy = (as: 'environment' | 'profile' | 'console', words: string) =>
    action.run(async () => {
      await client.sessions.copy({ case: session.case, as })
      confirm(`${words} copied.${as === 'console' ? LINK_WORDS : ''}`)
    })
  const done = () => {
    setEnding(false)
    action.run(() => client.sessions.done({ case: session.case }))
  }
  return (
    <div className="stack">
      <div className="row">
        <Button
          kind={session.state === 'refused' ? 'plain' : 'primary'}
          big
          icon={Copy}
          busy={action.busy}
          onClick={() => copy('environment', 'Environment lines')}
        >
          Copy as environment
        </Button>
        {session.profile && (
          <Button big icon={FileTerminal} busy={action.busy} onClick={() => copy('profile', 'AWS CLI profile')}>
            Copy AWS CLI profile
          </Button>
        )}
        <Button big icon={AppWindow} busy={action.busy} onClick={() => copy('console', 'Console link')}>
          Copy console link
        </Button>
        <Button big icon={LogOut} busy={action.busy} onClick={() => setEnding(true)}>
          I am done
        </Button>
      </div>
      <Clipboard session={session} />
      {action.trouble}
      {ending && (
        <Dialog
          title="End this session now?"
          onClose={() => setEnding(false)}
          actions={
            <>
              <Button kind="danger" big icon={LogOut} onClick={done}>
                End the session now
              </Button>
              <Button big onClick={() => setEnding(false)}>
                Keep it
              </Button>
            </>
          }
        >
          <p>
            Lockbox hands out nothing more and says that you are done.{' '}
            {session.deniable
              ? 'A device that may do so tells AWS to deny the session, and Lockbox asks until AWS refuses it. Until then what was already copied works, at most until '
              : 'AWS cannot recall what was already copied; that dies by itself at '}
            <Clock at={session.ends} />. To get in again you have to ask again.
          </p>
        </Dialog>
      )}
    </div>
  )
}

/** Clearing the clipboard does not take it back. */
const LINK_WORDS = ' Whoever has it can sign in with it for at most 15 minutes, and be there until the session ends.'

/** For so long a session stays in the clipboard. This clock may be a moment behind main's, and none is promised more than it gets. */
const CLIPBOARD_SECONDS = 60

function Clipboard({ session }: { readonly session: SessionView }) {
  const shown = useStore(useApp().shown)
  const now = useMonotonic(1000)
  const left =
    session.clipboardUntil === null || shown.snapshot === null ? 0 : session.clipboardUntil - mainClock(shown, now)
  if (left <= 0)
    return (
      <p className="muted">
        Environment lines and console links are cleared from the clipboard after {CLIPBOARD_SECONDS} seconds, and when
        you lock.
      </p>
    )
  return (
    <p>
      The session is in the clipboard. It is cleared in{' '}
      <span className="figures">{Math.min(CLIPBOARD_SECONDS, Math.ceil(left / 1000))}</span> s.
    </p>
  )
}
