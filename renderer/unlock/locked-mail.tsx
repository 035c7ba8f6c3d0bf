import type { Snapshot } from '../../shared/views/views.ts'
import { Exact } from '../ui/exact-text.tsx'
import { Note } from '../ui/note.tsx'
import { Moment } from '../ui/time.tsx'

/** What a locked app hears: that a request waits, how much came, or that it hears nothing. Nothing of what came is known. */
export function LockedMail({
  mail: { hears, failure, count, urgentSince },
}: {
  readonly mail: Snapshot['vault']['mail']
}) {
  if (urgentSince !== null)
    return (
      <Note level="attention" what="A break-glass request waits for you.">
        <p>
          It came <Moment at={urgentSince} />, while Lockbox was locked. Unlock to read it and to decide.
        </p>
      </Note>
    )
  if (failure !== null)
    return (
      <Note
        level="attention"
        what={
          hears
            ? 'This disk does not keep what comes while Lockbox is locked.'
            : 'While it is locked, this app hears of no request.'
        }
        means={
          hears ? 'If a request comes that waits for you, you are called, but others may have to send it again.' : ''
        }
        todo={hears ? 'Unlock it, and make room on the disk.' : 'Unlock it, or stay where you can be called.'}
      >
        <p className="small muted">
          In detail: <Exact>{failure}</Exact>
        </p>
      </Note>
    )
  if (!hears) return null
  return (
    <p className="muted">
      {count > 0 && `${count === 1 ? '1 statement' : `${count} statements`} came while it was locked. `}
      If a request comes that waits for you, you are called.
    </p>
  )
}
