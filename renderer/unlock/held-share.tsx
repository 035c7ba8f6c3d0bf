import type { Snapshot } from '../../shared/views/views.ts'
import { Note } from '../ui/note.tsx'
import { Clock } from '../ui/time.tsx'

/** A share that its owner approved by touch waits in memory. A locked app releases nothing; others may be waiting for it. */
export function HeldShare({ until }: { readonly until: Snapshot['vault']['shareUntil'] }) {
  if (until === null) return null
  return (
    <Note level="attention" what="You approved, and your share waits until you unlock.">
      <p>
        A locked Lockbox releases nothing. Unlock before <Clock at={until} />, and your share is released by itself as
        soon as enough have approved, without another touch.
      </p>
    </Note>
  )
}
