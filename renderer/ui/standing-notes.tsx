import type { ReactNode } from 'react'
import type { StandingView } from '../../shared/views/device-views.ts'
import { useApp, useSnapshot } from '../store/app.ts'
import { useAction } from './action.tsx'
import { Button } from './button.tsx'
import { errorWords } from './error-words.ts'
import { Exact } from './exact-text.tsx'
import { Note } from './note.tsx'

/** Whether this folder is all that this device ever wrote; where it is not, nothing is signed, and this says why. */
export function StandingNotes() {
  const { standing } = useSnapshot()
  if (standing === null) return null
  const { state, met, logBroken, unread } = standing
  return (
    <>
      <Stopped state={state}>
        {(state === 'copied' || state === 'older') && <GoOn met={met} />}
        {state === 'unread' && unread !== null && <GoWithout {...unread} />}
      </Stopped>
      {state !== 'unread' && unread !== null && <Kept code="unread-left-out">{saidOf(unread)}</Kept>}
      {state === 'current' && logBroken && <Kept code="log-broken" />}
    </>
  )
}

/** Why nothing is signed. About damage its owner is asked where it is named. */
function Stopped({ state, children }: { readonly state: StandingView['state']; readonly children: ReactNode }) {
  if (state === 'current' || state === 'damaged') return null
  if (state === 'meeting') return <Asking />
  const { what, means, todo } = errorWords(state)
  return (
    <Note level="danger" what={what} means={means} todo={todo}>
      {children}
    </Note>
  )
}

/** What stays so, though its owner went on. */
function Kept({ code, children }: { readonly code: string; readonly children?: ReactNode }) {
  const { what, means, todo } = errorWords(code)
  return (
    <Note level="attention" what={what} means={means} todo={todo}>
      {children}
    </Note>
  )
}

type Unread = NonNullable<StandingView['unread']>

function saidOf({ entries, because }: Unread): ReactNode {
  return (
    <p>
      {entries === 1 ? 'It is 1 entry' : `They are ${entries} entries`}; of the first it says: <Exact>{because}</Exact>
    </p>
  )
}

/** The owner's decision to go on without what is not accepted; only where it cannot be about a list of people. */
function GoWithout(unread: Unread) {
  const { client } = useApp()
  const { run, busy, trouble } = useAction()
  if (!unread.mayGoOn)
    return (
      <>
        {saidOf(unread)}
        <p>
          A list of people, or a consent to one, may be among them, or their places are not known, so this version
          cannot go on without them.
        </p>
      </>
    )
  return (
    <>
      {saidOf(unread)}
      <p>Before you go on, compare the open cases with another member’s device that accepts them.</p>
      <div className="row">
        <Button busy={busy} onClick={() => run(() => client.vault.goOn())}>
          Go on without these entries
        </Button>
      </div>
      {trouble}
    </>
  )
}

function Asking() {
  return (
    <p role="status" className="muted">
      Asking the other devices whether they have anything newer of this one. Nothing is signed before.
    </p>
  )
}

/** The owner's decision; possible once others have handed over what they have, so that nothing is signed twice. */
function GoOn({ met }: { readonly met: boolean }) {
  const { client } = useApp()
  const { run, busy, trouble } = useAction()
  if (!met)
    return (
      <p role="status">
        Waiting for another member’s device. Open Lockbox where it can reach one, or have one hand over everything as a
        file, and take that in under Log.
      </p>
    )
  return (
    <>
      <p>The other devices have handed over what they have of this one.</p>
      <div className="row">
        <Button busy={busy} onClick={() => run(() => client.vault.goOn())}>
          No other copy runs: go on with this folder
        </Button>
      </div>
      {trouble}
    </>
  )
}
