import { useApp, useSnapshot } from '../store/app.ts'
import { useAction } from './action.tsx'
import { Button } from './button.tsx'
import { errorWords } from './error-words.ts'
import { Note } from './note.tsx'

/** Whether this folder is all that this device ever wrote; where it is not, nothing is signed, and this says why. */
export function StandingNotes() {
  const { standing } = useSnapshot()
  if (standing === null) return null
  const { state, met, logBroken } = standing
  if (state === 'meeting') return <Asking />
  if (state !== 'current') {
    const { what, means, todo } = errorWords(state)
    return (
      <Note level="danger" what={what} means={means} todo={todo}>
        {(state === 'copied' || state === 'older') && <GoOn met={met} />}
      </Note>
    )
  }
  if (!logBroken) return null
  const { what, means, todo } = errorWords('log-broken')
  return <Note level="attention" what={what} means={means} todo={todo} />
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
